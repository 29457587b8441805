"""Enrichment: what events do not say, added from data that the user supplies, between normalising and sift."""
