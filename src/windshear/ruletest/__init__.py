"""Tests that live beside rules: reading them, running them together, saying what is wrong, and trying mutants."""
