"""Whether what an engine found is what a case expects, and a readable difference if it is not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from windshear.conformance.case import ExpectedDetection, JsonObject, JsonValue
from windshear.core.pairing import is_same_multiset, pair

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class FoundDetection:
    """One detection of an engine: events as handles, outcomes with native types, times in microseconds."""

    match: JsonObject
    events: Mapping[str, Sequence[str]]
    outcomes: JsonObject
    start: int
    end: int
    detection_time: int
    risk_score: int | float


def differences(expected: Sequence[ExpectedDetection], found: Sequence[FoundDetection]) -> list[str]:
    """Return what is wrong, one line per item; nothing if both can be paired one to one."""
    fits = [[not list(_differences(wanted, have)) for have in found] for wanted in expected]
    pairs = pair(fits, len(found))
    lines = [
        _missing(wanted, [have for i, have in enumerate(found) if i not in pairs.values()])
        for number, wanted in enumerate(expected)
        if number not in pairs
    ]
    lines += [f"unexpected: {describe(have)}" for i, have in enumerate(found) if i not in pairs.values()]
    return lines


def describe(found: FoundDetection) -> str:
    """Return a detection on one line."""
    parts = [f"{name}={dict(value)}" for name, value in (("match", found.match), ("events", found.events)) if value]
    if found.outcomes:
        parts.append(f"outcomes={dict(found.outcomes)}")
    return " ".join([*parts, f"{_clock(found.start)} to {_clock(found.end)}"])


def is_same(expected: JsonValue, found: JsonValue) -> bool:
    """Compare two values: lists as multisets, `{"size": n}` by length, numbers by size, everything else exactly."""
    if isinstance(expected, dict) and expected.keys() == {"size"}:
        return isinstance(found, list | tuple) and len(found) == expected["size"]
    if isinstance(expected, list | tuple):
        return isinstance(found, list | tuple) and is_same_multiset(expected, found, is_same)
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return math.isclose(expected, found, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return expected == found


def _differences(expected: ExpectedDetection, found: FoundDetection) -> Iterator[str]:
    yield from _differing_keys("match", expected.match, found.match)
    events: dict[str, JsonValue] = {name: list(handles) for name, handles in found.events.items()}
    wanted = expected.events or {}
    yield from _differing_keys("events", wanted, {name: events.get(name, []) for name in wanted})
    yield from _differing_keys("outcomes", expected.outcomes, found.outcomes)
    times = (
        ("start", expected.start, found.start),
        ("end", expected.end, found.end),
        ("detection_time", expected.detection_time, found.detection_time),
    )
    for name, time, have in times:
        if time is not None and time != have:
            yield f"{name} is {_clock(have)}, expected {_clock(time)}"
    if expected.risk_score is not None and not is_same(expected.risk_score, found.risk_score):
        yield f"risk_score is {found.risk_score}, expected {expected.risk_score}"


def _differing_keys(part: str, expected: JsonObject | None, found: JsonObject) -> Iterator[str]:
    for key, wanted in (expected or {}).items():
        if key not in found:
            yield f"{part} `{key}` is missing"
        elif not is_same(wanted, found[key]):
            yield f"{part} `{key}` is {found[key]!r}, expected {wanted!r}"


def _missing(wanted: ExpectedDetection, candidates: Sequence[FoundDetection]) -> str:
    """Say what is missing, and what is wrong with the candidate that comes nearest."""
    parts = {"match": wanted.match, "events": wanted.events, "outcomes": wanted.outcomes}
    text = " ".join(f"{name}={dict(value)}" for name, value in parts.items() if value)
    nearest = min((list(_differences(wanted, have)) for have in candidates), key=len, default=[])
    return f"missing: {text or 'a detection'}" + (f" (nearest: {'; '.join(nearest)})" if nearest else "")


def _clock(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")
