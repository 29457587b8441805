"""`arrays.*`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from tests.reference.functions.casts import to_float
from tests.reference.functions.strings import printed
from tests.reference.values import Scalar, Value, elements, number, text


def _length(items: Value) -> int:
    return len(elements(items))


def _contains(items: Value, wanted: Value) -> bool:
    return any(item == wanted for item in elements(items))


def _concat(first: Value, second: Value) -> Value:
    return [printed(item) for item in (*elements(first), *elements(second))]


def _join_string(items: Value, delimiter: Value = "") -> str:
    return text(delimiter).join(printed(item) for item in elements(items))


def _at(items: Value, index: Value) -> Scalar | None:
    """Return an element; a negative index counts from the end."""
    found, position = elements(items), int(number(index))
    return found[position] if -len(found) <= position < len(found) else None


def _index_to_str(items: Value, index: Value) -> str:
    item = _at(items, index)
    return "" if item is None else printed(item)


def _index_to_float(items: Value, index: Value) -> float:
    item = _at(items, index)
    return 0.0 if item is None else to_float(item)


def _index_to_int(items: Value, index: Value) -> int:
    return math.trunc(_index_to_float(items, index))


def _max(items: Value) -> float:
    return max((to_float(item) for item in elements(items)), default=0.0)


def _min(items: Value, ignore_zeros: Value = False) -> float:  # noqa: FBT002 # an argument of the language
    numbers = [to_float(item) for item in elements(items)]
    return min((found for found in numbers if found or not ignore_zeros), default=0.0)


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "arrays.concat": _concat,
    "arrays.contains": _contains,
    "arrays.index_to_float": _index_to_float,
    "arrays.index_to_int": _index_to_int,
    "arrays.index_to_str": _index_to_str,
    "arrays.join_string": _join_string,
    "arrays.length": _length,
    "arrays.max": _max,
    "arrays.min": _min,
    "arrays.size": _length,
}
