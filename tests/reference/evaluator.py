"""The evaluation model from rows to detections, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from tests.reference import windows
from tests.reference.context import ReferenceContext
from tests.reference.detection import ReferenceDetection
from tests.reference.groups import Group, group_by_key, judge
from tests.reference.join import Join, joined_rows, own_rows, plan_join
from tests.reference.merging import coverage, earliest
from tests.reference.records import Record, child
from tests.reference.rows import Row, copied_paths, copies, microseconds
from tests.reference.suppression import suppress
from tests.reference.values import Scalar
from tests.reference.windows import Window
from tests.reference.wire import wire_form
from windshear.language.rule import CheckedRule, MatchWindow

DEFAULT_RISK_SCORE = 15

Merging = Literal["coverage", "earliest"]


def evaluate(
    rule: CheckedRule,
    events: Sequence[Record],
    context: ReferenceContext | None = None,
    *,
    merging: Merging = "coverage",
) -> list[ReferenceDetection]:
    """Return the detections of a rule over a whole data set, earliest first.

    Every item of `events` is one event, whatever it holds: equal items are two events. `merging` says how overlapping
    hop windows of one match tuple become one detection.
    """
    given = context or ReferenceContext()
    join = plan_join(rule, given)
    rows = {name: own_rows(join, name, _rows(rule, name, events, given)) for name in rule.variables}
    detections = _per_event(join, rows) if rule.window is None else _per_window(join, rule.window, rows, merging)
    return suppress(rule, sorted(detections, key=_order))


def _rows(rule: CheckedRule, variable: str, events: Sequence[Record], context: ReferenceContext) -> list[Row]:
    """Step 1: the copies of every record that a variable ranges over."""
    source = rule.variables[variable].source
    records = {"udm": events, "graph": context.entities, "detection": context.detections}[source]
    paths = copied_paths(rule, variable)
    return [
        Row(position, _time(source, record), record, copy)
        for position, record in enumerate(wire_form(canonical, source) for canonical in records)
        for copy in copies(record, paths)
    ]


def _time(source: str, record: Record) -> int | None:
    match source:
        case "udm":
            return microseconds(child(child(record, "metadata"), "event_timestamp"))
        case "detection":
            return microseconds(child(record, "detection_time"))
        case _:
            return None


def _per_event(join: Join, rows: Mapping[str, Sequence[Row]]) -> Iterable[ReferenceDetection]:
    """Without match every event is its own group; independent variables joined by `or` are judged one by one."""
    rule = join.rule
    for variable in rule.branches or rule.variables:
        by_event: dict[int, list[Row]] = {}
        for row in rows[variable]:
            by_event.setdefault(row.position, []).append(row)
        for copies_of_event in by_event.values():
            time = copies_of_event[0].time or 0
            alone = {name: copies_of_event if name == variable else [] for name in rule.variables}
            group = judge(rule, join.context, Window(time, time), (), joined_rows(join, alone))
            if group is not None:
                yield _detection(rule, group, branch=variable if rule.branches else None)


def _per_window(
    join: Join, kind: MatchWindow, rows: Mapping[str, Sequence[Row]], merging: Merging
) -> Iterable[ReferenceDetection]:
    qualifying: dict[tuple[Scalar, ...], list[Group]] = {}
    for window in windows.all_windows(kind, rows):
        present = {name: windows.inside(window, kind, name, part) for name, part in rows.items()}
        for key, joined in group_by_key(join.rule, joined_rows(join, present)).items():
            group = judge(join.rule, join.context, window, key, joined)
            if group is not None:
                qualifying.setdefault(key, []).append(group)
    for groups in qualifying.values():
        chosen = groups
        if kind.kind == "hop":
            chosen = coverage(join.rule, groups) if merging == "coverage" else earliest(groups)
        for group in chosen:
            yield _detection(join.rule, group, branch=None)


def _detection(rule: CheckedRule, group: Group, *, branch: str | None) -> ReferenceDetection:
    score = group.outcomes.get("risk_score", DEFAULT_RISK_SCORE)
    return ReferenceDetection(
        match=dict(zip(rule.match_keys, group.key, strict=True)),
        events=group.positions,
        outcomes=group.outcomes,
        start=group.window.start,
        end=group.window.end,
        detection_time=group.window.end,
        risk_score=score if isinstance(score, int | float) else DEFAULT_RISK_SCORE,
        branch=branch,
    )


def _order(detection: ReferenceDetection) -> tuple[object, ...]:
    return (detection.detection_time, detection.start, repr(detection.match), sorted(detection.events.items()))
