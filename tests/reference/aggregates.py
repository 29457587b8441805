"""Aggregates over the rows of a group. Zero values take part; nothing is ever null."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from tests.reference.functions.strings import printed
from tests.reference.operators import LARGEST
from tests.reference.stop import StoppedError
from tests.reference.values import Scalar, Value, number
from windshear.language.types import Kind, Type


def aggregate(function: str, values: Sequence[Scalar], result: Type, cap: int = 25) -> Value:
    """Apply an aggregate to one value per row (at least one, unless zeros have been left out).

    Lists are sorted ascending and then capped, so that the survivors are the smallest values; the standard deviation
    is the sample form, 0 for a single row.
    """
    match function:
        case "count":
            return len(values)
        case "count_distinct":
            return len(set(values))
        case "array":
            return sorted(values)[:cap]
        case "array_distinct":
            return sorted(set(values))[:cap]
        case "max":
            return max(values)
        case "min":
            return min(values)
        case "window.mode":
            return printed(_most_frequent(values))
        case "window.range":
            return [float(number(bound)) for bound in (min(values), max(values))] if values else []
        case _:
            return _over_numbers(function, [number(value) for value in values], result)


def at_end(function: str, rows: Sequence[tuple[int | float, Scalar]]) -> str:
    """Return, as text, the value of the row with the smallest or largest key; of several the smallest value."""
    keys = [key for key, _ in rows]
    wanted = min(keys) if function == "window.first" else max(keys)
    return printed(min(value for key, value in rows if key == wanted))


def _most_frequent(values: Sequence[Scalar]) -> Scalar:
    counts = Counter(values)
    most = max(counts.values())
    return min(value for value, count in counts.items() if count == most)


def _over_numbers(function: str, values: Sequence[int | float], result: Type) -> int | float:
    match function:
        case "sum":
            return math.fsum(values) if result.kind is Kind.FLOAT else _whole_sum(values)
        case "avg" | "window.avg":
            return math.fsum(values) / len(values) if values else 0.0
        case "window.median":
            return float(sorted(values)[(len(values) - 1) // 2]) if values else 0.0
        case "stddev" | "window.stddev":
            return math.sqrt(_sample_variance(values))
        case "window.variance":
            return _sample_variance(values)
        case "earliest":
            return min((value for value in values if value), default=0)
        case "latest":
            return max((value for value in values if value), default=0)
        case _:
            raise KeyError(function)


def _whole_sum(values: Sequence[int | float]) -> int | float:
    """Add integers; a sum that may be too large on the way, in some order of adding, stops the rule."""
    if sum(map(abs, values)) > LARGEST:
        raise StoppedError("integer overflow in `sum`")
    return sum(values)


def _sample_variance(values: Sequence[int | float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
