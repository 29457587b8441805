"""Mutation check: a rule is weakened clause by clause, and its tests must notice each time."""
