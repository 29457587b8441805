"""Settle: one DuckDB statement per rule over its candidates, giving the qualifying groups exactly."""
