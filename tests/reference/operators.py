"""Arithmetic and comparison."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from tests.reference.values import Scalar, Value, number
from windshear.language.types import Kind, Type
from windshear.udm.schema import enumeration

_COMPARE: Mapping[str, Callable[[Scalar, Scalar], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": lambda left, right: _order(left, right) < 0,
    "<=": lambda left, right: _order(left, right) <= 0,
    ">": lambda left, right: _order(left, right) > 0,
    ">=": lambda left, right: _order(left, right) >= 0,
}


LARGEST = 2**127 - 1  # integers stop here, in both directions: far beyond every field, and a comparison stays right


def arithmetic(symbol: str, left: Value, right: Value, result: Type) -> int | float:
    """Compute `left symbol right`; division and remainder by zero give zero, a remainder has its dividend's sign."""
    a, b = number(left), number(right)
    outcome: int | float
    match symbol:
        case "+":
            outcome = a + b
        case "-":
            outcome = a - b
        case "*":
            outcome = a * b
        case "/":
            outcome = a / b if b else 0.0
        case "%":
            outcome = _remainder(a, b)
        case _:
            raise KeyError(symbol)
    return float(outcome) if result.kind is Kind.FLOAT else max(-LARGEST, min(LARGEST, outcome))


def compare(symbol: str, left: Scalar, right: Scalar, *, enum: str | None) -> bool:
    """Compare two values; members of an enumeration stand in the order of their numbers."""
    if enum is not None and symbol not in ("=", "!="):
        members = enumeration(enum).members
        return _COMPARE[symbol](members[str(left)], members[str(right)])
    return _COMPARE[symbol](left, right)


def _order(left: Scalar, right: Scalar) -> int:
    """Return -1, 0 or 1: texts by code point, numbers by size."""
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    a, b = number(left), number(right)
    return (a > b) - (a < b)


def _remainder(a: int | float, b: int | float) -> int | float:
    if not b:
        return 0
    size = abs(a) % abs(b)
    return -size if a < 0 else size
