"""Conformance: cases that say in Markdown what the language means, run against any engine."""
