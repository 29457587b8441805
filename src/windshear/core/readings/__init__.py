"""Readings: what is done where the language's documentation is silent or contradicts itself, each declared once."""
