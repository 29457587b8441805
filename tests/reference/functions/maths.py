"""`math.*`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from tests.reference.functions.hashes import low_half
from tests.reference.values import Value, number

_EARTH_RADIUS = 6_371_010.0
_LARGEST = 2**63


def _abs(value: Value) -> Value:
    return abs(number(value))


def _ceil(value: Value) -> int:
    return _whole(math.ceil, value)


def _floor(value: Value) -> int:
    return _whole(math.floor, value)


def _whole(rounding: Callable[[float], int], value: Value) -> int:
    given = number(value)
    if not math.isfinite(given):
        return 0
    found = rounding(given)
    return found if -_LARGEST <= found < _LARGEST else 0


def _round(value: Value, digits: Value = 0) -> Value:
    """Round half away from zero; an integer stays itself."""
    given = number(value)
    if isinstance(given, int):
        return given
    step = Decimal(1).scaleb(-int(number(digits)))
    return float(Decimal(repr(given)).quantize(step, rounding=ROUND_HALF_UP))


def _log(value: Value) -> float:
    given = number(value)
    return math.log(given) if given > 0 else 0.0


def _pow(base: Value, exponent: Value) -> float:
    try:
        found = math.pow(number(base), number(exponent))
    except (OverflowError, ValueError):
        return 0.0
    return found if math.isfinite(found) else 0.0


def _sqrt(value: Value) -> float:
    given = number(value)
    return math.sqrt(given) if given >= 0 else 0.0


def _is_increasing(first: Value, second: Value, third: Value) -> bool:
    return number(first) < number(second) < number(third)


def geo_distance(values: Sequence[Value], *, is_written: Sequence[bool]) -> float:
    """Return the distance of two places; one that is read instead of written, and lies at 0, 0, is missing."""
    degrees = [float(number(value)) for value in values]
    for first in (0, 2):
        if not all(is_written[first : first + 2]) and degrees[first : first + 2] == [0.0, 0.0]:
            return -1.0
    return _distance(degrees)


def _distance(degrees: Sequence[float]) -> float:
    lon1, lat1, lon2, lat2 = degrees
    if max(abs(lon1), abs(lon2)) > 180 or max(abs(lat1), abs(lat2)) > 90:
        return -1.0
    lon1, lat1, lon2, lat2 = (math.radians(value) for value in degrees)
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS * math.asin(math.sqrt(min(1.0, chord)))


def random(seed: int, draw: Sequence[Value]) -> float:
    """Return the number of a draw: its place in the rule and the identities of its events."""
    hashed = " ".join(str(part) for part in (seed, *draw))
    return (low_half(hashed.encode()) >> 11) / 2**53


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "math.abs": _abs,
    "math.ceil": _ceil,
    "math.floor": _floor,
    "math.is_increasing": _is_increasing,
    "math.log": _log,
    "math.pow": _pow,
    "math.round": _round,
    "math.sqrt": _sqrt,
}
