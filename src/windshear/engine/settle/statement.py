"""The settle statements of one rule: qualifying groups, the events of chosen groups, and the evidence for samples.

Steps 6 and 7 of the row model: group the joined rows by match tuple and window (by event without a match section),
count, aggregate, and keep the groups that satisfy the condition. Merging of hop windows happens outside, on the rows
that `groups` returns; the other statements then read the chosen groups back from the same row source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.core.sql import Sql
from windshear.engine.settle.aggregation import aggregation, finished, row_value
from windshear.engine.settle.conditions import marks_of_condition
from windshear.engine.settle.evidence import SHOWN_VALUES, Clause, clauses_of
from windshear.engine.settle.floating import first_and_last
from windshear.engine.settle.guards import key_guards
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.metrics import MetricJoins
from windshear.engine.settle.rows import (
    CHOSEN,
    NUMBER,
    WINDOW,
    JoinedRows,
    joined_rows,
    key_values,
    placeholder_value,
    windows_of,
)
from windshear.engine.settle.variables import is_timed
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, OutcomeDefinition

GROUP = "@group"
IDENTITIES = "identities"
SAMPLED = "sampled"  # relation of the event numbers that are shown in full
REFERENCE_LIMIT = 1000  # bound events that a detection lists per variable
_SECOND = 1_000_000
_CHOSEN_GROUP = sql.aliased(sql.column(CHOSEN, GROUP), GROUP)


@dataclass(frozen=True, slots=True)
class Statements:
    """The compiled settle stage of one rule.

    groups: one row per qualifying group: the match keys, `@window` (µs, or NULL), `@total` (distinct events), then, of
    a rule without a window, the marks of the condition and the outcomes; ordered by keys and window. chosen: of a rule
    with a window, whose windows merge first: one row per chosen group with the marks and all outcomes. events: per
    variable, one row per chosen group and bound event. evidence: per variable, one row per chosen group and sampled
    event with clause truths and values.
    """

    groups: str
    chosen: str | None
    events: dict[str, str]
    evidence: dict[str, str]
    clauses: dict[str, tuple[Clause, ...]] = field(repr=False)


def statements(rule: CheckedRule, candidates: Callable[[str], Sql], lists: Lists, readings: Readings) -> Statements:
    """Compile a rule without branches into its SQL statements."""
    rows = joined_rows(rule, candidates, lists)
    chosen = joined_rows(rule, candidates, lists, of_chosen=True)
    clauses = {name: clauses_of(rule, name) for name in rule.shown_variables}

    def evidence_of(variable: str) -> str:
        def sampled(name: str) -> Sql:
            return _sampled(candidates(name)) if name == variable else candidates(name)

        rows = joined_rows(rule, sampled, lists, of_chosen=True)
        return _evidence(rows, variable, clauses[variable], lists)

    return Statements(
        groups=_groups(_Grouping(rule, rows, lists, readings)),
        chosen=_chosen(_Grouping(rule, chosen, lists, readings)) if rule.window is not None else None,
        events={name: _events(chosen, name) for name in rule.shown_variables},
        evidence={name: evidence_of(name) for name in rule.shown_variables},
        clauses=clauses,
    )


def _sampled(candidates: Sql) -> Sql:
    """Restrict candidates to the events that are shown in full."""
    return sql.raw(f"(SELECT * FROM {candidates} WHERE {_is_sampled(sql.name(NUMBER))})")


def _key_columns(rule: CheckedRule, rows: JoinedRows) -> list[Sql]:
    """Return what identifies a group: match keys and window, or the event itself."""
    return [sql.aliased(value, name) for name, value in key_values(rule, rows.window).items()]


def _key_names(rule: CheckedRule, rows: JoinedRows) -> list[Sql]:
    return [sql.name(name) for name in key_values(rule, rows.window)]


def _groups(grouping: _Grouping) -> str:
    rule, rows = grouping.rule, grouping.rows
    shows_all = rule.window is None
    outcomes = grouping.outcomes(rule.outcomes if shows_all else _read_by_condition(rule))
    condition = lower(rule.condition, grouping.condition_leaf, grouping.lists)
    where = _unless_repeated(grouping, sql.all_of([*_begins_with_an_event(grouping), condition]))
    shown = [*_key_names(rule, rows), sql.name("@total")]
    if shows_all:
        shown.append(marks_of_condition(rule, grouping.condition_leaf, grouping.lists))
        shown += [sql.name("o:" + outcome.name) for outcome in rule.outcomes]
    grouped = _grouped(grouping, _key_columns(rule, rows), _key_names(rule, rows))
    return f"SELECT {_commas(shown)} FROM ({_with_outcomes(grouped, outcomes)}) WHERE {where} ORDER BY ALL"


def _chosen(grouping: _Grouping) -> str:
    """Select (group, marks of the condition, outcomes in written order) of chosen groups."""
    rule, rows = grouping.rule, grouping.rows
    outcomes = grouping.outcomes(rule.outcomes)
    shown = [sql.name(GROUP), marks_of_condition(rule, grouping.condition_leaf, grouping.lists)]
    shown += [sql.name("o:" + outcome.name) for outcome in rule.outcomes]
    keys = [sql.name(GROUP), *_key_names(rule, rows)]
    grouped = _grouped(grouping, [_CHOSEN_GROUP, *_key_columns(rule, rows)], keys)
    return f"SELECT {_commas(shown)} FROM ({_with_outcomes(grouped, outcomes)})"


def _grouped(grouping: _Grouping, columns: Sequence[Sql], keys: Sequence[Sql]) -> str:
    """Group the joined rows by keys (`columns`: with their values), with all counts and aggregates that are read."""
    rule, rows = grouping.rule, grouping.rows
    counted = _counted_placeholders(rule)
    selected = [sql.aliased(sql.column(name, NUMBER), _event_column(name)) for name in rule.shown_variables]
    selected += [sql.aliased(placeholder_value(rule, name), _value_column(name)) for name in counted]
    source = f"{rows.source}{grouping.metrics.source}"
    inner = f"SELECT {_commas([*columns, *selected, *grouping.arguments])} FROM {source} WHERE {rows.where}"
    aggregates = [sql.aliased(_event_count(rule, n), "#" + n) for n in rule.shown_variables]
    aggregates += [sql.aliased(_count_distinct(_value_column(p)), "#" + p) for p in counted]
    aggregates.append(sql.aliased(_total(rule), "@total"))
    return f"SELECT {_commas([*keys, *aggregates, *grouping.aggregates])} FROM ({inner}) GROUP BY {_commas(keys)}"


def _begins_with_an_event(grouping: _Grouping) -> list[Sql]:
    """Leave out floating windows that begin at an event which is not among their own."""
    rule = grouping.rule
    if rule.window is None or rule.window.kind != "floating":
        return []
    timed = [name for name in rule.variables if is_timed(rule, name)]
    sure = [name for name in timed if name in rule.bounded]
    first, _ = first_and_last(sure or timed)
    earliest = grouping.over_rows(first, lambda column: sql.call("min", column))
    return [sql.binary("=", earliest, sql.name(WINDOW))]


def _unless_repeated(grouping: _Grouping, condition: Sql) -> Sql:
    """Stop at a key that a rule reads and an event holds twice, if the run asks for that."""
    for guard in key_guards(grouping.rule, grouping.readings):
        found = grouping.over_rows(guard.is_repeated, lambda column: sql.call("bool_or", column))
        message = f"an event holds the key of `{guard.text}` twice (setting `duplicate_keys=error`)"
        condition = sql.case(found, sql.call("error", sql.text(message)), condition)
    return condition


def _read_by_condition(rule: CheckedRule) -> list[OutcomeDefinition]:
    """Return the outcomes that the condition needs, with those that they read, in written order."""
    needed = _outcomes_read(rule.condition)
    for outcome in reversed(rule.outcomes):
        if outcome.name in needed:
            needed |= _outcomes_read(outcome.value)
    return [outcome for outcome in rule.outcomes if outcome.name in needed]


def _outcomes_read(expression: ex.Expression) -> set[str]:
    return {node.name for node in ex.walk(expression) if isinstance(node, ex.OutcomeVariable)}


def _with_outcomes(grouped: str, outcomes: Sequence[tuple[str, Sql]]) -> str:
    """Add outcomes to grouped rows. Each may read the ones before it, by its name."""
    named = _commas(sql.aliased(value, "o:" + name) for name, value in outcomes)
    return f"SELECT *{', ' + named if named else ''} FROM ({grouped})"


def _events(rows: JoinedRows, variable: str) -> str:
    """Select (group, event number, id, time, log type, product log id, source, total), the earliest per group."""
    event = sql.name(_event_column(variable))
    selected = [_CHOSEN_GROUP, sql.aliased(sql.column(variable, NUMBER), _event_column(variable))]
    inner = f"SELECT DISTINCT {_commas(selected)} FROM {rows.source} WHERE {rows.where}"
    group = f"r.{sql.name(GROUP)}"
    return (
        f"SELECT {group}, i.{sql.name(NUMBER)}, i.id, i.time, i.log_type, i.product_log_id, i.source, "
        f"count(*) OVER (PARTITION BY {group}) FROM {IDENTITIES} AS i "
        f"JOIN ({inner}) AS r ON i.{sql.name(NUMBER)} = r.{event} "
        f"QUALIFY row_number() OVER (PARTITION BY {group} ORDER BY i.time, i.id) <= {REFERENCE_LIMIT} "
        f"ORDER BY {group}, i.time, i.id"
    )


def _evidence(rows: JoinedRows, variable: str, clauses: tuple[Clause, ...], lists: Lists) -> str:
    """One row per chosen group and event of the variable: its copies and joined rows, clause by clause."""
    number = sql.column(variable, NUMBER)
    marks = [clause.mark(rows.leaf, lists) for clause in clauses]
    packed = sql.list_of(marks) if marks else sql.raw("[]")
    selected = [_CHOSEN_GROUP, sql.aliased(number, "@event"), sql.aliased(packed, "@clauses")]
    where = sql.all_of([rows.where, _is_sampled(number)])
    return (
        f"SELECT {sql.name(GROUP)}, {sql.name('@event')}, min({sql.name('@clauses')}, {SHOWN_VALUES}) "
        f"FROM (SELECT DISTINCT {_commas(selected)} FROM {rows.source} WHERE {where}) GROUP BY ALL"
    )


def _is_sampled(number: Sql) -> Sql:
    return sql.raw(f"({number} IN (SELECT {sql.name(NUMBER)} FROM {SAMPLED}))")


def _total(rule: CheckedRule) -> Sql:
    """Distinct events of the group over all variables together (an event may be bound to several)."""
    events = [name for name in rule.variables if is_timed(rule, name)]  # how full a window is
    if len(events) == 1:
        return _event_count(rule, events[0])
    lists = [
        sql.call("coalesce", sql.raw(f"list(DISTINCT {sql.name(_event_column(n))})"), sql.raw("[]")) for n in events
    ]
    return sql.raw(f"len(list_filter(list_distinct(flatten([{_commas(lists)}])), lambda n: n IS NOT NULL))")


def _event_count(rule: CheckedRule, variable: str) -> Sql:
    """Distinct events of a variable in the group; without a match section the group is the event."""
    return sql.integer(1) if rule.window is None else _count_distinct(_event_column(variable))


def _counted_placeholders(rule: CheckedRule) -> list[str]:
    found = [n.name for n in ex.walk(rule.condition) if isinstance(n, ex.VariableCount) and n.counts == "values"]
    return list(dict.fromkeys(found))


def _event_column(variable: str) -> str:
    return "e:" + variable


def _value_column(placeholder: str) -> str:
    return "p:" + placeholder


def _count_distinct(column: str) -> Sql:
    return sql.raw(f"count(DISTINCT {sql.name(column)})")


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)


@dataclass(slots=True)
class _Grouping:
    """Collects the row-level arguments and the group-level aggregates of outcomes and condition."""

    rule: CheckedRule
    rows: JoinedRows
    lists: Lists
    readings: Readings
    arguments: list[Sql] = field(default_factory=list)
    aggregates: list[Sql] = field(default_factory=list)
    metrics: MetricJoins = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = MetricJoins(self.rule, self.rows, self.lists, IDENTITIES)

    def outcomes(self, defined: Iterable[OutcomeDefinition]) -> list[tuple[str, Sql]]:
        """Lower outcomes: aggregates over rows; without a match section a bare field is the event's own value."""
        return [(outcome.name, lower(outcome.value, self.group_leaf, self.lists)) for outcome in defined]

    def group_leaf(self, node: Leaf) -> Sql:
        match node:
            case ex.Aggregate():
                value, cap = row_value(node, self.metrics.leaf, self.lists), self.readings.array_cap
                return finished(node, self.over_rows(value, lambda column: aggregation(node, column, cap)))
            case ex.OutcomeVariable(name=name):
                return sql.name("o:" + name)
            case ex.Placeholder(name=name) if self.rule.window is not None and name in self.rule.match_keys:
                return sql.name(placeholder_column(name))
            case ex.Field() | ex.Placeholder() | ex.Metric():
                return self.over_rows(self.metrics.leaf(node), lambda column: sql.call("first", column))
            case ex.EventIdentity():
                return self.over_rows(self.rows.leaf(node), lambda column: sql.call("min", column))
            case _:
                return self.condition_leaf(node)

    def condition_leaf(self, node: Leaf) -> Sql:
        match node:
            case ex.VariableCount(name=name):
                return sql.name("#" + name)
            case ex.OutcomeVariable(name=name):
                return sql.name("o:" + name)
            case ex.WindowBound(bound=bound):
                start = sql.binary("//", sql.name(WINDOW), sql.integer(_SECOND))
                assert self.rule.window is not None
                size = windows_of(self.rule.window).size // _SECOND
                return start if bound == "start" else sql.binary("+", start, sql.integer(size))
            case _:
                return self.group_leaf(node)

    def over_rows(self, argument: Sql, aggregation: Callable[[Sql], Sql]) -> Sql:
        """Compute an argument on every row and aggregate it; return the aggregate's column."""
        column, name = f"x{len(self.arguments)}", f"y{len(self.aggregates)}"
        self.arguments.append(sql.aliased(argument, column))
        self.aggregates.append(sql.aliased(aggregation(sql.name(column)), name))
        return sql.name(name)
