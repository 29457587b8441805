"""Aggregates over the rows of a group. Zero values take part; nothing is ever null."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.reference.values import Scalar, Value, number
from windshear.language.types import Kind, Type

ARRAY_CAP = 25


def aggregate(function: str, values: Sequence[Scalar], result: Type) -> Value:
    """Apply an aggregate to one value per row (at least one).

    Lists are sorted ascending and then capped, so that the survivors are the smallest values; the standard deviation
    is the sample form, 0 for a single row.
    """
    match function:
        case "count":
            return len(values)
        case "count_distinct":
            return len(set(values))
        case "array":
            return sorted(values)[:ARRAY_CAP]
        case "array_distinct":
            return sorted(set(values))[:ARRAY_CAP]
        case "max":
            return max(values)
        case "min":
            return min(values)
        case _:
            return _over_numbers(function, [number(value) for value in values], result)


def _over_numbers(function: str, values: Sequence[int | float], result: Type) -> int | float:
    match function:
        case "sum":
            return math.fsum(values) if result.kind is Kind.FLOAT else sum(values)
        case "avg":
            return math.fsum(values) / len(values)
        case "stddev":
            return _sample_deviation(values)
        case _:
            raise KeyError(function)


def _sample_deviation(values: Sequence[int | float]) -> float:
    if len(values) == 1:
        return 0.0
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - 1))
