"""What `lint` does beside linting: settings, baselines, fixes, pages."""
