"""Properties that hold for every rule and every set of events."""
