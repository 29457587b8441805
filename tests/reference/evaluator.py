"""The evaluation model from rows to detections, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.reference import windows
from tests.reference.context import ReferenceContext
from tests.reference.detection import ReferenceDetection
from tests.reference.groups import Group, begins_with_an_event, group_by_key, judge
from tests.reference.guards import refuse_repeated_keys
from tests.reference.join import Join, joined_rows, own_rows, plan_join
from tests.reference.merging import merged
from tests.reference.records import Record, child
from tests.reference.rows import Row, copied_paths, copies, microseconds
from tests.reference.setup import entities
from tests.reference.suppression import suppress
from tests.reference.tables import table_records, without_ended_rows
from tests.reference.values import Scalar
from tests.reference.windows import Window
from tests.reference.wire import wire_form
from windshear.language.rule import CheckedRule, MatchWindow

RISK_SCORE, ALERTING_RISK_SCORE = 15, 40


def evaluate(
    rule: CheckedRule,
    events: Sequence[Record],
    context: ReferenceContext | None = None,
) -> list[ReferenceDetection]:
    """Return the detections of a rule over a whole data set, earliest first.

    Every item of `events` is one event, whatever it holds: equal items are two events.
    """
    given = without_ended_rows(context or ReferenceContext())
    join = plan_join(rule, given)
    rows = {name: own_rows(join, name, _rows(rule, name, events, given)) for name in rule.variables}
    detections = _per_event(join, rows) if rule.window is None else _per_window(join, rule.window, rows)
    return suppress(rule, sorted(detections, key=_order))


def _rows(rule: CheckedRule, variable: str, events: Sequence[Record], context: ReferenceContext) -> list[Row]:
    """Step 1: the copies of every record that a variable ranges over."""
    source = rule.variables[variable].source
    paths = copied_paths(rule, variable)
    return [
        Row(position, _time(source, record), record, copy)
        for position, record in _records(rule, variable, events, context)
        for copy in copies(record, paths)
    ]


def _records(
    rule: CheckedRule, variable: str, events: Sequence[Record], context: ReferenceContext
) -> Iterable[tuple[int, Record]]:
    source = rule.variables[variable].source
    match source:
        case "table":
            return enumerate(table_records(context.tables[variable.removeprefix("%")]))
        case "udm":
            return enumerate(wire_form(record, source) for record in events)
        case "graph":
            return entities(rule, variable, context)
        case "detection":
            return enumerate(wire_form(record, source) for record in context.detections)
        case _:
            raise AssertionError("stages exist in queries only")


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
            joined = joined_rows(join, alone)
            refuse_repeated_keys(join, joined)
            group = judge(rule, join.context, Window(time, time), (), joined)
            if group is not None:
                yield _detection(join, group, branch=variable if rule.branches else None)


def _per_window(join: Join, kind: MatchWindow, rows: Mapping[str, Sequence[Row]]) -> Iterable[ReferenceDetection]:
    qualifying: dict[tuple[Scalar, ...], list[Group]] = {}
    readings = join.context.readings
    is_exact = kind.kind == "hop" and readings.merging == "exact"
    for window in windows.all_windows(kind, rows, is_exact=is_exact):
        present = {name: windows.inside(window, kind, name, part) for name, part in rows.items()}
        for key, joined in group_by_key(join.rule, joined_rows(join, present)).items():
            refuse_repeated_keys(join, joined)
            if is_exact and not begins_with_an_event(join.rule, window, joined):
                continue
            group = judge(join.rule, join.context, window, key, joined)
            if group is not None:
                qualifying.setdefault(key, []).append(group)
    for groups in qualifying.values():
        is_merged = kind.kind == "hop" or (kind.pivot is not None and readings.merge_sliding)
        for group in merged(join.rule, groups, readings) if is_merged else groups:
            yield _detection(join, group, branch=None)


def _detection(join: Join, group: Group, *, branch: str | None) -> ReferenceDetection:
    rule = join.rule
    default = ALERTING_RISK_SCORE if join.context.readings.alerting else RISK_SCORE
    score = group.outcomes.get("risk_score", default)
    return ReferenceDetection(
        match=dict(zip(rule.match_keys, group.key, strict=True)),
        events={name: group.positions[name] for name in rule.shown_variables},
        outcomes=group.outcomes,
        start=group.window.start,
        end=group.window.end,
        detection_time=group.window.end,
        risk_score=score if isinstance(score, int | float) else default,
        branch=branch,
    )


def _order(detection: ReferenceDetection) -> tuple[object, ...]:
    return (detection.detection_time, detection.start, repr(detection.match), sorted(detection.events.items()))
