"""From the groups that stay to detections: their outcomes, their events, and samples with the evidence for them.

Groups are worked on in portions that bound what is in memory, however many events a group has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import TypeVar

import pyarrow as pa

from windshear.core.readings.outcomes import ALERTING_RISK_SCORE, RISK_SCORE
from windshear.detections.detection import (
    Bound,
    Detection,
    EventReference,
    NamedValue,
    Sample,
    Scalar,
    TypedName,
    Value,
    detection_id,
)
from windshear.engine import apart
from windshear.engine.plan import Plan
from windshear.engine.settle.conditions import clauses_that_held
from windshear.engine.settle.evidence import evidence
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import Group, chosen_groups, completed, integer
from windshear.engine.settle.rows import CHOSEN, GROUP
from windshear.engine.settle.slices import in_halves
from windshear.engine.settle.statement import REFERENCE_LIMIT
from windshear.engine.settle.variables import records_of
from windshear.engine.settle.ways import SAMPLED
from windshear.engine.settle.windows import windows_of
from windshear.engine.store import CandidateStore
from windshear.language import expressions as ex
from windshear.language.types import Kind, Type

SAMPLES = 10  # full events that a detection carries per variable
Json = Mapping[str, object]
Show = Callable[[Sequence[int]], Mapping[int, Json]]
Item = TypeVar("Item")
_REFERENCES_TOGETHER = 20_000
_SAMPLES_TOGETHER = 1_000
_TYPE_NAMES: dict[Kind, TypedName] = {
    Kind.INT: "int",
    Kind.UINT: "uint",
    Kind.FLOAT: "float",
    Kind.BOOL: "bool",
    Kind.BYTES: "bytes",
}


def detections(
    plan: Plan, groups: Sequence[Group], store: CandidateStore, show: Show | None, *, lists_events: bool = True
) -> Iterator[Detection]:
    """Yield the detections of groups that stay.

    show: gives sample events in full by event number; without it detections have neither samples nor evidence.
    lists_events: off, they do not say which events are bound either, unless that is part of who they are.
    """
    window = plan.rule.window
    if show is None and not lists_events and window is not None and window.pivot is None:
        for group in in_halves(groups, lambda some: completed(plan, some, chosen_groups(plan, some), store)):
            yield _detection(plan, group, {}, {})
        return
    for portion in _portions(groups, lambda group: min(group.total, REFERENCE_LIMIT), _REFERENCES_TOGETHER):
        found = list(in_halves(portion, lambda some: _found(plan, some, store)))
        if show is None:
            yield from (_detection(plan, one.group, one.bound, dict.fromkeys(one.bound, ())) for one in found)
            continue
        for few in _portions(found, lambda one: _weight(plan, one), _SAMPLES_TOGETHER):
            yield from in_halves(few, lambda some: _explained(plan, some, store, show))


def _portions(items: Sequence[Item], weight: Callable[[Item], int], most: int) -> Iterator[list[Item]]:
    """Cut items into portions that weigh no more than `most`, but for a single item that weighs more."""
    portion: list[Item] = []
    total = 0
    for item in items:
        if portion and total + weight(item) > most:
            yield portion
            portion, total = [], 0
        portion.append(item)
        total += weight(item)
    if portion:
        yield portion


@dataclass(frozen=True, slots=True)
class _BoundEvents:
    total: int
    numbers: tuple[int, ...]
    references: tuple[EventReference, ...]


_NOTHING = _BoundEvents(0, (), ())


@dataclass(frozen=True, slots=True)
class _Found:
    """A group with all its outcomes and, per variable, its bound events."""

    group: Group
    bound: Mapping[str, _BoundEvents]

    @property
    def samples(self) -> Mapping[str, tuple[int, ...]]:
        """The numbers of the events that are shown in full."""
        return {name: events.numbers[:SAMPLES] for name, events in self.bound.items()}


def _weight(plan: Plan, found: _Found) -> int:
    """Return how many events the samples hold: a detection among them has samples of its own."""
    return sum(
        len(numbers) * (SAMPLES if records_of(plan.rule, name) == "detection" else 1)
        for name, numbers in found.samples.items()
    )


def _found(plan: Plan, groups: Sequence[Group], store: CandidateStore) -> list[_Found]:
    chosen = chosen_groups(plan, groups)
    groups = completed(plan, groups, chosen, store)
    bound = {name: _bound_events(plan, name, chosen, store) for name in plan.rule.shown_variables}
    return [
        _Found(
            group,
            {name: events.get(index, _NOTHING) for name, events in bound.items()},
        )
        for index, group in enumerate(groups)
    ]


def _explained(plan: Plan, found: Sequence[_Found], store: CandidateStore, show: Show) -> list[Detection]:
    chosen = chosen_groups(plan, [one.group for one in found])
    events = show(sorted({number for one in found for numbers in one.samples.values() for number in numbers}))
    marks = {name: _marks(plan, name, chosen, found, store) for name in plan.rule.shown_variables}
    explained: list[Detection] = []
    for index, one in enumerate(found):
        samples = {
            name: [
                Sample(
                    reference,
                    events[number],
                    evidence(plan.rule, name, plan.statements.clauses[name], marks[name][index, number]),
                )
                for number, reference in zip(one.samples[name], one.bound[name].references, strict=False)
            ]
            for name in plan.rule.shown_variables
        }
        explained.append(_detection(plan, one.group, one.bound, samples))
    return explained


def _bound_events(plan: Plan, variable: str, chosen: pa.Table, store: CandidateStore) -> dict[int, _BoundEvents]:
    """Return the events of groups by the number of the group; they come group by group."""
    rows = store.stream(plan.statements.events[variable], **{CHOSEN: chosen})
    found: dict[int, _BoundEvents] = {}
    for group, events in groupby(rows, itemgetter(0)):
        numbers: list[int] = []
        references: list[EventReference] = []
        total = 0
        for _, number, identity, time, log_type, log_id, source, count in events:
            numbers.append(integer(number))
            # Events of a rule are of few types and products.
            kind, product = intern(str(log_type)), intern(str(source))
            references.append(EventReference(str(identity), _time(time), kind, str(log_id or ""), product))
            total = integer(count)
        found[integer(group)] = _BoundEvents(total, tuple(numbers), tuple(references))
    return found


def _time(value: object) -> int | None:
    return None if value is None else integer(value)


def _marks(
    plan: Plan, variable: str, chosen: pa.Table, found: Sequence[_Found], store: CandidateStore
) -> dict[tuple[int, int], Sequence[Sequence[Mapping[str, object]]]]:
    pairs = [(group, number) for group, one in enumerate(found) for number in one.samples[variable]]
    sampled = pa.table(
        {
            GROUP: pa.array([group for group, _ in pairs], pa.int64()),
            NUMBER: pa.array([number for _, number in pairs], pa.int64()),
        }
    )
    rows = store.rows(plan.statements.evidence[variable], **{CHOSEN: chosen, SAMPLED: sampled})
    marks: dict[tuple[int, int], Sequence[Sequence[Mapping[str, object]]]] = {}
    for group, number, packed in rows:
        assert isinstance(packed, list)
        marks[integer(group), integer(number)] = packed
    return marks


def _detection(
    plan: Plan, group: Group, bound: Mapping[str, _BoundEvents], samples: Mapping[str, Sequence[Sample]]
) -> Detection:
    rule = plan.rule
    match = match_values(plan, group.key)
    outcomes = outcome_values(plan, group.outcomes)
    if rule.window is None:
        (only,) = bound.values()
        start = end = only.references[0].time or 0
        subject = only.references[0].id + plan.branch
    else:
        start = group.start or 0
        end = start + windows_of(rule.window).size
        pivot = rule.window.pivot
        subject = bound[pivot].references[0].id if pivot is not None else ""
    return Detection(
        id=detection_id(plan.facts, match, start, end, subject),
        rule=plan.facts,
        branch=plan.branch,
        start=start,
        end=end,
        time=end,
        match=match,
        outcomes=outcomes,
        risk_score=_risk_score(outcomes, ALERTING_RISK_SCORE if plan.readings.alerting else RISK_SCORE),
        bound={
            name: Bound(found.total, found.references, samples[name], records_of(rule, name))
            for name, found in bound.items()
        },
        condition=clauses_that_held(rule, group.marks, outcomes),
        is_alerting=plan.readings.alerting,
        partition=apart.partition_of(rule, group.key),
    )


def match_values(plan: Plan, key: Sequence[object]) -> tuple[NamedValue, ...]:
    """Return the match variables of a group, given its key."""
    return tuple(
        NamedValue(name, _value(key[i]), _type_name(plan.rule.placeholders[name].type), _source(plan, name))
        for i, name in enumerate(plan.rule.match_keys)
        if name != apart.KEY
    )


def outcome_values(plan: Plan, values: Sequence[object]) -> tuple[NamedValue, ...]:
    """Return the outcome variables of a group, given their values in written order."""
    return tuple(
        NamedValue(outcome.name, _value(value), _type_name(outcome.value.type))
        for outcome, value in zip(plan.rule.outcomes, values, strict=True)
    )


def _source(plan: Plan, key: str) -> str:
    """Return the UDM path that a match key was bound to, empty if it was computed."""
    definition = plan.rule.placeholders[key]
    value = (definition.bindings or definition.alternatives)[0].value
    return f"{value.path.source}.{value.path.text}" if isinstance(value, ex.Field) else ""


def _risk_score(outcomes: Sequence[NamedValue], default: float) -> float:
    for outcome in outcomes:
        if outcome.name == "risk_score" and isinstance(outcome.value, int | float):
            return float(outcome.value)
    return default


def _type_name(value_type: Type) -> TypedName:
    return _TYPE_NAMES.get(value_type.kind, "string")


def _value(value: object) -> Value:
    if isinstance(value, list):
        return [_scalar(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> Scalar:
    if isinstance(value, str | int | float | bool):
        return value
    raise AssertionError(f"settle gave a {type(value).__name__}")
