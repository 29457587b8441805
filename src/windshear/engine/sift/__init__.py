"""Sift: the event filters of all rules at once over one batch, never losing an event that a rule needs."""
