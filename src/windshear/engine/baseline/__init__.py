"""Baselines: what people and hosts usually do, counted from history into the rows of data tables."""
