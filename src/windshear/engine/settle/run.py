"""Running the settle statements of one plan: groups, merging, suppression, then events and evidence for what stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import pyarrow as pa

from windshear.core import sql
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
from windshear.detections.merging import Candidate, Strategy, merge, suppress
from windshear.engine.plan import Plan
from windshear.engine.settle.evidence import evidence
from windshear.engine.settle.rows import NUMBER, WINDOW, placeholder_column, windows_of
from windshear.engine.settle.statement import CHOSEN, GROUP, SAMPLED
from windshear.engine.store import CandidateStore, Row
from windshear.language import expressions as ex
from windshear.language.types import Kind, Type

SAMPLES = 10  # full events that a detection carries per variable
DEFAULT_RISK_SCORE = 15.0  # of a rule that does not alert and sets none
Json = Mapping[str, object]
_WIDE = pa.decimal128(38)
_CHUNK = 2_000  # groups whose events are fetched together
_TYPE_NAMES: dict[Kind, TypedName] = {
    Kind.INT: "int",
    Kind.UINT: "uint",
    Kind.FLOAT: "float",
    Kind.BOOL: "bool",
    Kind.BYTES: "bytes",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A qualifying group that stays: its key as SQL sees it, and everything the detection needs but events."""

    key: tuple[object, ...]
    start: int | None
    total: int
    outcomes: tuple[object, ...]


def qualifying_groups(plan: Plan, store: CandidateStore, strategy: Strategy) -> Iterator[Group]:
    """Settle one plan: the groups that satisfy the condition, overlapping windows merged.

    Groups come one by one, for a rule may have more qualifying windows than memory holds.
    """
    rule = plan.rule
    rows = store.stream(plan.statements.groups)
    keys = len(rule.match_keys) if rule.window is not None else 0
    groups = (_group(row, keys, windowed=rule.window is not None) for row in rows)
    if rule.window is not None and rule.window.kind == "hop":
        return _merged(groups, windows_of(rule.window).size, strategy)
    return groups


def _group(row: Row, keys: int, *, windowed: bool) -> Group:
    start = row[keys] if windowed else None
    key = row[: keys + 1]
    total = row[keys + 1]
    assert isinstance(total, int)
    assert start is None or isinstance(start, int)
    return Group(key, start, total, row[keys + 2 :])


def _merged(groups: Iterable[Group], size: int, strategy: Strategy) -> Iterator[Group]:
    """Merge the windows of each match tuple; they come together and in order."""
    for _, same in groupby(groups, lambda group: group.key[:-1]):
        found = list(same)
        windows = [Candidate(group.start or 0, group.total) for group in found]
        yield from (found[index] for index in merge(windows, size, strategy))


def detections(
    plan: Plan, groups: Sequence[Group], store: CandidateStore, show: Callable[[Sequence[int]], Mapping[int, Json]]
) -> Iterator[Detection]:
    """Yield the detections of groups that stay. `show` gives sample events in full by event number."""
    for first in range(0, len(groups), _CHUNK):
        yield from _chunk(plan, groups[first : first + _CHUNK], store, show)


def suppressed(plan: Plan, groups: Iterator[Group], store: CandidateStore) -> Iterator[Group]:
    """Apply the rule's suppression window, if it has one: the first per key and block stays."""
    window = plan.rule.options.get("suppression_window", 0)
    if not window:
        return groups
    found = list(groups)
    times = _times(plan, found, store)
    keys = [_suppression_key(plan, group) for group in found]
    return iter(suppress(zip(keys, times, found, strict=True), int(window) * 1_000_000))


def _suppression_key(plan: Plan, group: Group) -> tuple[object, ...]:
    if plan.rule.is_multi_event:
        return group.key[:-1]
    names = [outcome.name for outcome in plan.rule.outcomes]
    return (group.outcomes[names.index("suppression_key")],) if "suppression_key" in names else ()


def _times(plan: Plan, groups: Sequence[Group], store: CandidateStore) -> list[int]:
    """Return detection times: the window's end, or the event's time."""
    if plan.rule.window is not None:
        size = windows_of(plan.rule.window).size
        return [(group.start or 0) + size for group in groups]
    numbers = pa.table({NUMBER: pa.array([group.key[0] for group in groups], pa.int64())})
    rows = store.rows(
        f'SELECT i."{NUMBER}", i.time FROM identities AS i SEMI JOIN asked USING ("{NUMBER}")', asked=numbers
    )
    known = {_integer(number): _integer(time) for number, time in rows}
    return [known[_integer(group.key[0])] for group in groups]


def _chunk(
    plan: Plan, groups: Sequence[Group], store: CandidateStore, show: Callable[[Sequence[int]], Mapping[int, Json]]
) -> Iterator[Detection]:
    chosen = _chosen(plan, groups)
    outcomes = _outcomes(plan, groups, chosen, store)
    bound = {name: _bound_events(plan, name, chosen, store) for name in plan.rule.variables}
    shown = {
        name: {group: found.numbers[:SAMPLES] for group, found in events.items()} for name, events in bound.items()
    }
    numbers = sorted({number for per_group in shown.values() for some in per_group.values() for number in some})
    events = show(numbers)
    marks = {name: _marks(plan, name, chosen, numbers, store) for name in plan.rule.variables}
    for index, group in enumerate(groups):
        samples = {
            name: [
                Sample(
                    reference,
                    events[number],
                    evidence(plan.rule, name, plan.statements.clauses[name], marks[name][index, number]),
                )
                for number, reference in zip(
                    shown[name].get(index, ()), bound[name].get(index, _NOTHING).references, strict=False
                )
            ]
            for name in plan.rule.variables
        }
        events_of = {name: bound[name].get(index, _NOTHING) for name in bound}
        yield _detection(plan, replace(group, outcomes=outcomes[index]), events_of, samples)


@dataclass(frozen=True, slots=True)
class _BoundEvents:
    total: int
    numbers: tuple[int, ...]
    references: tuple[EventReference, ...]


_NOTHING = _BoundEvents(0, (), ())


def _chosen(plan: Plan, groups: Sequence[Group]) -> pa.Table:
    if plan.rule.window is None:
        names = [NUMBER]
    else:
        names = [*(placeholder_column(key) for key in plan.rule.match_keys), WINDOW]
    columns = {sql.folded(name): _column([group.key[i] for group in groups]) for i, name in enumerate(names)}
    return pa.table({GROUP: list(range(len(groups))), **columns})


def _column(values: Sequence[object]) -> pa.Array:
    """Make a column of keys; integers that are wider than 64 signed bits travel as decimals, which compare the same."""
    is_wide = any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values)
    return pa.array(values, _WIDE if is_wide else None)


def _outcomes(
    plan: Plan, groups: Sequence[Group], chosen: pa.Table, store: CandidateStore
) -> Sequence[tuple[object, ...]]:
    """Return the outcomes of each group: those that came with it, or those of the windows that stayed."""
    if plan.statements.outcomes is None:
        return [group.outcomes for group in groups]
    rows = store.rows(plan.statements.outcomes, **{CHOSEN: chosen})
    found = {_integer(row[0]): row[1:] for row in rows}
    return [found[index] for index in range(len(groups))]


def _bound_events(plan: Plan, variable: str, chosen: pa.Table, store: CandidateStore) -> dict[int, _BoundEvents]:
    found: dict[int, list[Row]] = {}
    for row in store.rows(plan.statements.events[variable], **{CHOSEN: chosen}):
        found.setdefault(_integer(row[0]), []).append(row)
    return {
        group: _BoundEvents(
            _integer(rows[0][7]),
            tuple(_integer(row[1]) for row in rows),
            tuple(
                EventReference(str(row[2]), _integer(row[3]), str(row[4]), str(row[5] or ""), str(row[6]))
                for row in rows
            ),
        )
        for group, rows in found.items()
    }


def _marks(
    plan: Plan, variable: str, chosen: pa.Table, numbers: Sequence[int], store: CandidateStore
) -> dict[tuple[int, int], Sequence[Sequence[Mapping[str, object]]]]:
    sampled = pa.table({NUMBER: pa.array(numbers, pa.int64())})
    rows = store.rows(plan.statements.evidence[variable], **{CHOSEN: chosen, SAMPLED: sampled})
    marks: dict[tuple[int, int], Sequence[Sequence[Mapping[str, object]]]] = {}
    for group, number, packed in rows:
        assert isinstance(packed, list)
        marks[_integer(group), _integer(number)] = packed
    return marks


def _detection(
    plan: Plan, group: Group, bound: Mapping[str, _BoundEvents], samples: Mapping[str, Sequence[Sample]]
) -> Detection:
    rule = plan.rule
    match = tuple(
        NamedValue(key, _value(group.key[i]), _type_name(rule.placeholders[key].type), _source(plan, key))
        for i, key in enumerate(rule.match_keys)
    )
    outcomes = tuple(
        NamedValue(outcome.name, _value(value), _type_name(outcome.value.type))
        for outcome, value in zip(rule.outcomes, group.outcomes, strict=True)
    )
    if rule.window is None:
        (only,) = bound.values()
        start = end = only.references[0].time
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
        risk_score=_risk_score(outcomes),
        bound={name: Bound(found.total, found.references, samples[name]) for name, found in bound.items()},
    )


def _source(plan: Plan, key: str) -> str:
    """Return the UDM path that a match key was bound to, empty if it was computed."""
    definition = plan.rule.placeholders[key]
    value = (definition.bindings or definition.alternatives)[0].value
    return f"{value.path.source}.{value.path.text}" if isinstance(value, ex.Field) else ""


def _risk_score(outcomes: Sequence[NamedValue]) -> float:
    for outcome in outcomes:
        if outcome.name == "risk_score" and isinstance(outcome.value, int | float):
            return float(outcome.value)
    return DEFAULT_RISK_SCORE


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


def _integer(value: object) -> int:
    assert isinstance(value, int)
    return value
