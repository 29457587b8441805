"""Measurements: `python -m bench --help`. Ratios within one run are the figures to trust; machines are noisy."""
