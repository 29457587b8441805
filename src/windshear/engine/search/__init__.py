"""Search: a checked query over events, by the sift and the settle expressions of rules."""
