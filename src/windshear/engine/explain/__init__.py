"""Explain: why a rule matched some events, or why it did not."""
