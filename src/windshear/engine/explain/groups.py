"""Groups: those that became detections, those that came nearest, and what is to be told of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import EventReference
from windshear.engine.explain.clauses import marks, node
from windshear.engine.explain.contributions import outcome_stories
from windshear.engine.explain.distance import deficit, moment, shortfall
from windshear.engine.explain.explanation import BoundStory, Fate, GroupStory, Node, RecordStory, Shown
from windshear.engine.explain.records import record_stories, source_of
from windshear.engine.explain.scope import Scope
from windshear.engine.settle.detections import match_values, outcome_values
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import TOTAL, Grouping
from windshear.engine.settle.groups import Group, chosen_groups, integer
from windshear.engine.settle.lower import lower
from windshear.engine.settle.rows import CHOSEN, GROUP, joined_rows, key_names
from windshear.engine.settle.statement import read_by_groups, with_outcomes
from windshear.engine.settle.ways import Ways
from windshear.engine.settle.windows import windows_of
from windshear.language import expressions as ex

Key = tuple[object, ...]
LISTED = 20  # records of a group that are looked at per variable


@dataclass(frozen=True, slots=True)
class Bound:
    """The first records that a group holds for a variable, and how many there are."""

    total: int
    numbers: tuple[int, ...]
    references: tuple[EventReference, ...]


_NOTHING = Bound(0, (), ())


def ways_of(scope: Scope) -> Ways:
    """Return the rows and groups of a scope's rule."""
    return Ways(scope.rule, scope.plan.relation, scope.plan.lists, scope.plan.readings)


def count_qualifying(scope: Scope) -> int:
    """Count the groups whose condition holds, before windows are merged and detections suppressed."""
    ((number,),) = scope.store.rows(f"SELECT count(*) FROM ({scope.plan.statements.groups})")
    return integer(number)


def nearest_groups(scope: Scope) -> list[Group]:
    """Return the groups whose condition fails by least, one window for each match tuple; none without any groups."""
    rule = scope.rule
    grouping = ways_of(scope).groups(read_by_groups(rule))
    outcomes = grouping.outcomes(read_by_groups(rule))
    score = deficit(rule.condition, grouping.condition_leaf, scope.plan.lists)
    is_group = _is_group(scope, grouping)
    found = with_outcomes(grouping.grouped(), outcomes)
    keys = [sql.name(name).text for name in key_names(rule)]
    total = sql.name(TOTAL)
    match_keys = keys[:-1] if rule.window is not None else keys
    partition = f"PARTITION BY {', '.join(match_keys)} " if match_keys else ""
    best = f"row_number() OVER ({partition}ORDER BY score, {total} DESC, {keys[-1]}) = 1"
    scored = f"SELECT {', '.join(keys)}, {total}, {score} AS score FROM ({found}) WHERE {is_group}"
    rows = scope.store.rows(
        f"SELECT {', '.join(keys)}, {total} FROM (SELECT * FROM ({scored}) QUALIFY {best}) "
        f"ORDER BY score, {total} DESC, {', '.join(keys)} LIMIT {scope.limit}"
    )
    return [_group(scope, row) for row in rows]


def _is_group(scope: Scope, grouping: Grouping) -> Sql:
    """Whether a row stands for a group, for counts alone may give some that lack a variable which must be there."""
    needed = [name for name in scope.rule.shown_variables if name in scope.rule.bounded]
    there = [sql.binary(">", sql.name("#" + name), sql.integer(0)) for name in needed]
    return sql.all_of([grouping.qualifies(sql.TRUE), *there])


def _group(scope: Scope, row: Sequence[object]) -> Group:
    *key, total = row
    start = integer(key[-1]) if scope.rule.window is not None else None
    return Group(tuple(key), start, integer(total))


def groups_of(scope: Scope, keys: Sequence[Key]) -> list[tuple[Group, bool]]:
    """Return the groups that some keys name, with the number of their events and whether the condition holds."""
    if not keys:
        return []
    groups = [_group(scope, (*key, 0)) for key in keys]
    grouping = ways_of(scope).chosen_groups()
    outcomes = grouping.outcomes(scope.rule.outcomes)
    holds = lower(scope.rule.condition, grouping.condition_leaf, scope.plan.lists)
    is_group = grouping.qualifies(sql.TRUE)
    found = with_outcomes(grouping.grouped(), outcomes)
    rows = scope.store.rows(
        f"SELECT {sql.name(GROUP)}, {sql.name(TOTAL)}, {holds} FROM ({found}) WHERE {is_group} ORDER BY 1",
        **{CHOSEN: chosen_groups(scope.plan, groups)},
    )
    return [(replace(groups[integer(index)], total=integer(total)), bool(truth)) for index, total, truth in rows]


def group_stories(
    scope: Scope,
    groups: Sequence[Group],
    fate: Callable[[Group, bool], Fate],
    notes: Callable[[Group, Node], Sequence[str]],
) -> dict[Key, GroupStory]:
    """Tell about some groups, by their keys. fate: what became of a group whose condition holds or not."""
    if not groups:
        return {}
    chosen = chosen_groups(scope.plan, groups)
    details = _details(scope, chosen)
    bound = {name: _bound(scope, name, chosen) for name in scope.rule.shown_variables}
    told = {name: _record_stories(scope, name, found) for name, found in bound.items()}
    ties = _ties(scope, chosen, bound)
    stories = {}
    for index, group in enumerate(groups):
        if index not in details:
            continue
        holds, mark, values = details[index]
        records = {name: found.get(index, _NOTHING) for name, found in bound.items()}
        condition = node(scope.rule, scope.rule.condition, mark, note=_condition_note(scope, records))
        outcomes = outcome_values(scope.plan, values)
        start, end = _span(scope, group, records)
        numbers = [number for one in records.values() for number in one.numbers]
        stories[group.key] = GroupStory(
            match=match_values(scope.plan, group.key),
            start=start,
            end=end,
            fate=fate(group, holds),
            total=group.total,
            condition=condition,
            ties=ties.get(index, ()),
            outcomes=outcome_stories(scope, group, outcomes, records, some_of(scope, numbers)),
            bound=tuple(_bound_story(scope, name, one, told[name]) for name, one in records.items()),
            notes=tuple(notes(group, condition)),
        )
    return stories


def _details(
    scope: Scope, chosen: pa.Table
) -> dict[int, tuple[bool, Mapping[str, Sequence[object]], Sequence[object]]]:
    """Return, per group, whether its condition holds, the marks of the condition, and the outcomes."""
    rule, lists = scope.rule, scope.plan.lists
    grouping = ways_of(scope).chosen_groups()
    outcomes = grouping.outcomes(rule.outcomes)
    holds = lower(rule.condition, grouping.condition_leaf, lists)
    mark = marks(rule, rule.condition, grouping.condition_leaf, lists)
    shown = [sql.name("o:" + outcome.name) for outcome in rule.outcomes]
    listed = ", ".join(item.text for item in [sql.name(GROUP), holds, mark, *shown])
    rows = scope.store.rows(f"SELECT {listed} FROM ({with_outcomes(grouping.grouped(), outcomes)})", **{CHOSEN: chosen})
    found: dict[int, tuple[bool, Mapping[str, Sequence[object]], Sequence[object]]] = {}
    for group, truth, marked, *values in rows:
        assert isinstance(marked, dict)
        found[integer(group)] = (bool(truth), marked, values)
    return found


def _bound(scope: Scope, variable: str, chosen: pa.Table) -> dict[int, Bound]:
    found: dict[int, list[Sequence[object]]] = {}
    totals: dict[int, int] = {}
    for row in scope.store.rows(scope.plan.statements.events[variable], **{CHOSEN: chosen}):
        group = integer(row[0])
        totals[group] = integer(row[7])
        if len(found.setdefault(group, [])) < LISTED:
            found[group].append(row)
    return {
        group: Bound(
            totals[group],
            tuple(integer(row[1]) for row in rows),
            tuple(
                EventReference(
                    str(row[2]),
                    None if row[3] is None else integer(row[3]),
                    str(row[4]),
                    str(row[5] or ""),
                    str(row[6]),
                )
                for row in rows
            ),
        )
        for group, rows in found.items()
    }


def _record_stories(scope: Scope, variable: str, bound: Mapping[int, Bound]) -> dict[int, RecordStory]:
    numbers = dict.fromkeys(number for one in bound.values() for number in one.numbers[: scope.limit])
    return record_stories(scope, variable, list(numbers))


def _bound_story(scope: Scope, variable: str, bound: Bound, told: Mapping[int, RecordStory]) -> BoundStory:
    stories = tuple(told[number] for number in bound.numbers[: scope.limit] if number in told)
    return BoundStory(variable, source_of(scope, variable), bound.total, stories)


def _ties(scope: Scope, chosen: pa.Table, bound: Mapping[str, Mapping[int, Bound]]) -> dict[int, tuple[Node, ...]]:
    """Return, per group, what ties its variables together, as it holds on one row of each group."""
    rule = scope.rule
    predicates = [*(predicate for predicate, _ in scope.layout.cross), *scope.layout.late]
    numbers = [number for groups in bound.values() for one in groups.values() for number in one.numbers]
    if not predicates or rule.window is None or not numbers:
        return {}
    rows = joined_rows(rule, some_of(scope, numbers), scope.plan.lists, of_chosen=True)
    marked = ", ".join(marks(rule, predicate, rows.leaf, scope.plan.lists).text for predicate in predicates)
    group = sql.column(CHOSEN, GROUP)
    found = scope.store.rows(
        f"SELECT {group}, {marked} FROM {rows.source} WHERE {rows.where} "
        f"QUALIFY row_number() OVER (PARTITION BY {group}) = 1",
        **{CHOSEN: chosen},
    )
    ties = {}
    for index, *some in found:
        ties[integer(index)] = tuple(
            node(rule, predicate, mark)
            for predicate, mark in zip(predicates, some, strict=True)
            if isinstance(mark, dict)
        )
    return ties


def some_of(scope: Scope, numbers: Sequence[int]) -> Callable[[str], Sql]:
    """Return the candidates of a rule, events and other records only those with some numbers."""
    listed = ", ".join(str(int(number)) for number in sorted(set(numbers)))

    def candidates(variable: str) -> Sql:
        relation = scope.plan.relation(variable)
        if scope.rule.variables[variable].source == "table":
            return relation
        return sql.raw(f"(SELECT * FROM {relation} WHERE {sql.name(NUMBER)} IN ({listed}))")

    return candidates


def _span(scope: Scope, group: Group, records: Mapping[str, Bound]) -> tuple[int | None, int | None]:
    if scope.rule.window is not None:
        start = group.start or 0
        return start, start + windows_of(scope.rule.window).size
    (only,) = records.values()
    time = only.references[0].time if only.references else None
    return time, time


def _condition_note(
    scope: Scope, records: Mapping[str, Bound]
) -> Callable[[ex.Expression, bool, Sequence[Shown]], str]:
    """Say how far each test of the condition is from what is wanted of it, and of too many records the first."""
    wanted = dict(_wanted(scope.rule.condition, wanted=True))

    def note(atom: ex.Expression, holds: bool, shown: Sequence[Shown]) -> str:
        told = shortfall(atom, shown, holds=holds, wanted=wanted.get(id(atom), True))
        count = next((node for node in ex.walk(atom) if isinstance(node, ex.VariableCount)), None)
        if count is None or not told.endswith("too many") or count.name not in records:
            return told
        first = records[count.name].references[0]  # of too many there is one
        time = f" at {moment(first.time)}" if first.time is not None else ""
        return f"{told}; the first is {first.product_log_id or first.id}{time}"

    return note


def _wanted(expression: ex.Expression, *, wanted: bool) -> list[tuple[int, bool]]:
    match expression:
        case ex.And(items=items) | ex.Or(items=items) | ex.NOf(items=items):
            return [pair for item in items for pair in _wanted(item, wanted=wanted)]
        case ex.Not(operand=operand):
            return _wanted(operand, wanted=not wanted)
        case _:
            return [(id(expression), wanted)]
