"""Judging: what a rule found against what a test expects of it, each difference with both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from windshear.core.pairing import is_same_multiset, pair
from windshear.detections.detection import Detection, EventReference
from windshear.ruletest.expected_values import clock, fits, microseconds
from windshear.ruletest.feeding import place_of
from windshear.ruletest.tests_file import DetectionFacts, Expected, RuleTest
from windshear.ruletest.trial import Tried

_MOST_SHOWN = 400  # characters of a value
_MOST_DETECTIONS = 5  # that are described


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as expected. `what` names it; `key` is its place below `expect` in the test.

    found_value: what was found, where the expectation is a plain value that could be replaced by it.
    """

    what: str
    expected: str
    found: str
    key: tuple[str | int, ...] = ()
    found_value: JsonValue = None


def judge(test: RuleTest, rule: str, tried: Tried) -> list[Difference]:
    """Return all that differs from what a test expects of a rule."""
    found = tried.detections.get(rule, ())
    expect = test.expect
    return [
        *_number(test, found),
        *_one_detection(expect, found),
        *_all_events(expect, found),
        *_each_detection(expect, found),
        *_only(expect, rule, tried),
    ]


def _number(test: RuleTest, found: Sequence[Detection]) -> Iterator[Difference]:
    expect, number = test.expect, len(found)
    said = _described(found)
    if expect.count is not None:
        if not fits(expect.count, number):
            wanted = "no detection" if expect.count == 0 else _counted(expect.count)
            yield Difference("detections", wanted, f"{number or 'none'}{said}", ("count",), number)
    elif test.fires is not None and test.fires != bool(found):
        kind = f" (kind `{test.kind}`)" if test.kind else ""
        wanted = "the rule fires" if test.fires else "the rule stays quiet"
        it_does = f"it fires, {_counted(number)}{said}" if found else "it stays quiet"
        yield Difference("the rule", wanted + kind, it_does, ("fires",), bool(found))


def _counted(number: JsonValue) -> str:
    return f"{shown(number)} detection{'' if number == 1 else 's'}"


def _described(found: Sequence[Detection]) -> str:
    some = "; ".join(describe(detection) for detection in found[:_MOST_DETECTIONS])
    more = f"; and {len(found) - _MOST_DETECTIONS:,} more" if len(found) > _MOST_DETECTIONS else ""
    return f": {some}{more}" if found else ""


def describe(detection: Detection) -> str:
    """Name a detection on one line, by what tells it from others: match values, records and time."""
    match = [f"{value.name} = {shown(value.value)}" for value in detection.match]
    bound = [f"${name}: {_listed(bound.references)}" for name, bound in detection.bound.items() if bound.references]
    return ", ".join([*match, *bound, f"at {clock(detection.time)}"])


def _one_detection(expect: Expected, found: Sequence[Detection]) -> Iterator[Difference]:
    """Compare with the detection that comes nearest; where there is none, that was told already."""
    if not found:
        return
    wanted = expect.model_copy(update={"events": {}})
    nearest = min((_differences(wanted, detection) for detection in found), key=len)
    yield from nearest


def _differences(wanted: DetectionFacts, detection: Detection) -> list[Difference]:
    match = {value.name: value.value for value in detection.match}
    outcomes = {value.name: value.value for value in detection.outcomes}
    severity = detection.rule.meta_value("severity").strip()
    differences = [*_values("match", "match value", wanted.match, match)]
    differences += _values("outcomes", "outcome", wanted.outcomes, outcomes)
    if wanted.severity is not None and wanted.severity.strip().upper() != severity.upper():
        differences.append(Difference("severity", wanted.severity, severity or "none", ("severity",), severity))
    if wanted.risk_score is not None and not fits(wanted.risk_score, detection.risk_score):
        score = detection.risk_score
        value = int(score) if score.is_integer() else score
        differences.append(Difference("risk score", shown(wanted.risk_score), shown(value), ("risk_score",), value))
    times = (
        ("start", wanted.start, detection.start),
        ("end", wanted.end, detection.end),
        ("time", wanted.time, detection.time),
    )
    for name, moment, have in times:
        if moment is not None and microseconds(moment) != have:
            what = "detection time" if name == "time" else f"{name} of the window"
            differences.append(Difference(what, clock(microseconds(moment)), clock(have), (name,), clock(have)))
    for variable, handles in wanted.events.items():
        bound = detection.bound.get(variable)
        differences += _events(variable, handles, bound.references if bound else ())
    return differences


def _values(key: str, noun: str, wanted: Mapping[str, JsonValue], found: Mapping[str, object]) -> Iterator[Difference]:
    for name, value in wanted.items():
        if name not in found:
            known = ", ".join(f"`{other}`" for other in found) or "none"
            yield Difference(f"{noun} `{name}`", shown(value), f"no such {noun}; the rule has {known}", (key, name))
        elif not fits(value, found[name]):
            replacement = None if isinstance(value, Mapping) else _json(found[name])
            yield Difference(f"{noun} `{name}`", _expectation(value), shown(found[name]), (key, name), replacement)


def _all_events(expect: Expected, found: Sequence[Detection]) -> Iterator[Difference]:
    for variable, handles in expect.events.items():
        references = {
            reference.id: reference
            for detection in found
            if variable in detection.bound
            for reference in detection.bound[variable].references
        }
        if found:
            yield from _events(variable, handles, list(references.values()))


def _events(variable: str, handles: Sequence[str | int], found: Sequence[EventReference]) -> Iterator[Difference]:
    if not is_same_multiset(handles, found, _is_handle_of):
        names = [_handle(reference) for reference in found]
        wanted = ", ".join(map(str, handles)) or "none"
        yield Difference(
            f"events of `${variable}`", wanted, ", ".join(map(str, names)) or "none", ("events", variable), [*names]
        )


def _is_handle_of(handle: str | int, reference: EventReference) -> bool:
    place = place_of(reference.source)
    if isinstance(handle, int):
        return place.rpartition(":")[2] == str(handle)
    return handle in (reference.product_log_id, place) or (handle == reference.id and bool(handle))


def _handle(reference: EventReference) -> str | int:
    """Name a record: by the vendor's id, or else by its place."""
    place = place_of(reference.source)
    name, _, number = place.rpartition(":")
    is_own = name in ("events", "records") and number.isdigit()
    return reference.product_log_id or (int(number) if is_own else place)


def _listed(references: Sequence[EventReference]) -> str:
    names = [str(_handle(reference)) for reference in references[:_MOST_DETECTIONS]]
    more = f" and {len(references) - len(names):,} more" if len(references) > len(names) else ""
    return ", ".join(names) + more


def _each_detection(expect: Expected, found: Sequence[Detection]) -> Iterator[Difference]:
    """Compare all detections with those that are listed, one to one."""
    listed = expect.detections
    if listed is None:
        return
    differences = [[_differences(wanted, detection) for detection in found] for wanted in listed]
    pairs = pair([[not one for one in row] for row in differences], len(found))
    left = [place for place in range(len(found)) if place not in pairs.values()]
    for number, row in enumerate(differences):
        if number in pairs:
            continue
        key: tuple[str | int, ...] = ("detections", number)
        what = f"detection {number + 1}"
        nearest = min(left, key=lambda place: len(row[place]), default=None)
        if nearest is None:
            yield Difference(what, _facts(listed[number]), "no such detection", key)
            continue
        left.remove(nearest)
        for one in row[nearest]:
            yield Difference(f"{what}, {one.what}", one.expected, one.found, (*key, *one.key), one.found_value)
    for place in left:
        yield Difference("detections", f"none but the {len(listed)} listed", f"one more: {describe(found[place])}")


def _facts(wanted: DetectionFacts) -> str:
    given = wanted.model_dump(exclude_defaults=True)
    return shown(given) if given else "one more detection"


def _only(expect: Expected, rule: str, tried: Tried) -> Iterator[Difference]:
    if expect.only is None:
        return
    wanted = {rule} if expect.only is True else set(expect.only)
    fired = {name for name, found in tried.detections.items() if found}
    if expect.only is True:
        fired |= wanted  # whether it fires itself is said elsewhere
    if fired != wanted:
        yield Difference(
            "rules that fire", ", ".join(sorted(wanted)) or "none", ", ".join(sorted(fired)) or "none", ("only",)
        )


def _expectation(value: JsonValue) -> str:
    """Return what is expected of a value in words: the value, or what its matchers ask for."""
    if not isinstance(value, Mapping):
        return shown(value)
    return " and ".join(f"{name.replace('_', ' ')} {shown(argument)}" for name, argument in value.items())


def shown(value: object) -> str:
    """Return a value as it may stand in a tests file, shortened where it is long.

    >>> shown(["a", 1, True]), shown("x")
    ('["a", 1, true]', '"x"')
    """
    text = orjson.dumps(_json(value), default=str).decode().replace('","', '", "')
    text = text if not isinstance(value, list | tuple) else "[" + ", ".join(shown(item) for item in value) + "]"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… ({len(text):,} characters)"


def _json(value: object) -> JsonValue:
    match value:
        case str() | bool() | int() | float() | None:
            return value
        case list() | tuple():
            return [_json(item) for item in value]
        case Mapping():
            return {str(key): _json(item) for key, item in value.items()}
        case _:
            return str(value)
