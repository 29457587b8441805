"""What a test may say of a value: the value itself, or a matcher such as `{at_least: 3}`; and of a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from windshear.core.pairing import is_same_multiset
from windshear.language.diagnostics.suggest import closest
from windshear.language.patterns import compile_pattern, finds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOLERANCE = 1e-9
MATCHERS: Final = {
    "contains": "a text that holds this text, or a list that holds this value",
    "starts_with": "a text that begins so",
    "matches": "a text, or every text of a list, in which this RE2 pattern is found",
    "at_least": "a number from this one on",
    "at_most": "a number up to this one",
    "size": "a list of so many values",
    "one_of": "one of these values",
    "not": "any other value",
}


def checked_value(value: JsonValue) -> JsonValue:
    """Return what is expected of a value; `ValueError` if it is a mapping that is no matcher."""
    if not isinstance(value, Mapping):
        return value
    if not value:
        raise ValueError(f"an empty mapping expects nothing; a matcher is one of {', '.join(MATCHERS)}")
    for name, argument in value.items():
        if name not in MATCHERS:
            meant = closest(name, MATCHERS)
            hint = f"; did you mean `{meant}`?" if meant else f"; there are {', '.join(MATCHERS)}"
            raise ValueError(f"`{name}` is no matcher{hint}")
        _check(name, argument)
    return value


def _check(name: str, argument: JsonValue) -> None:
    is_number = isinstance(argument, int | float) and not isinstance(argument, bool)
    if name in ("at_least", "at_most", "size") and not is_number:
        raise ValueError(f"`{name}` takes a number")
    if name in ("matches", "starts_with") and not isinstance(argument, str):
        raise ValueError(f"`{name}` takes a text")
    if name == "one_of" and not isinstance(argument, list):
        raise ValueError("`one_of` takes a list")
    if name == "matches" and (problem := compile_pattern(str(argument)).problem):
        raise ValueError(f"`matches: {argument}` is no RE2 pattern: {problem}")


def checked_moment(value: str | int) -> str | int:
    """Return a moment as written; `ValueError` if it is none."""
    microseconds(value)
    return value


def microseconds(value: str | int) -> int:
    """Return a moment, an RFC 3339 time or seconds since 1970, as microseconds since 1970.

    >>> microseconds("2026-03-02T08:53:24Z")
    1772441604000000
    """
    if isinstance(value, int):
        return value * 1_000_000
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"`{value}` is no time; write 2026-03-02T08:53:24Z") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def clock(moment: int) -> str:
    """Return microseconds since 1970 as an RFC 3339 time.

    >>> clock(1772441604000000)
    '2026-03-02T08:53:24Z'
    """
    return (_EPOCH + timedelta(microseconds=moment)).isoformat().replace("+00:00", "Z")


def fits(expected: JsonValue, found: object) -> bool:
    """Whether a value is what is expected; lists are compared without order, numbers by size."""
    if isinstance(expected, Mapping):
        return all(_is_matched(name, argument, found) for name, argument in expected.items())
    return is_same(expected, found)


def is_same(expected: JsonValue, found: object) -> bool:
    """Whether two values are the same."""
    if isinstance(expected, list):
        return isinstance(found, list | tuple) and is_same_multiset(expected, found, is_same)
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return math.isclose(expected, found, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return expected == found


def _is_matched(name: str, argument: JsonValue, found: object) -> bool:
    items: Sequence[object] = found if isinstance(found, list | tuple) else [found]
    match name:
        case "contains" if isinstance(found, str):
            return str(argument) in found
        case "contains":
            return any(is_same(argument, item) for item in items)
        case "starts_with":
            return isinstance(found, str) and found.startswith(str(argument))
        case "matches":
            return bool(items) and all(finds(str(argument), str(item)) for item in items)
        case "size":
            return isinstance(found, list | tuple) and len(found) == argument
        case "one_of":
            return isinstance(argument, list) and any(is_same(one, found) for one in argument)
        case "not":
            return not is_same(argument, found)
        case _:
            return _is_ordered(name, argument, found)


def _is_ordered(name: str, bound: JsonValue, found: object) -> bool:
    if not isinstance(found, int | float) or not isinstance(bound, int | float):
        return False
    return found >= bound if name == "at_least" else found <= bound
