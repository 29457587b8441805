"""The settle statements of one rule: qualifying groups, the events of chosen groups, and the evidence for samples.

Steps 6 and 7 of the row model: group the joined rows by match tuple and window (by event without a match section),
count, aggregate, and keep the groups that satisfy the condition. Merging of hop windows happens outside, on the rows
that `groups` returns; the other statements then read the chosen groups back from the same row source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.evidence import SHOWN_VALUES, Clause, clauses_of
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.rows import (
    CHOSEN,
    NUMBER,
    WINDOW,
    JoinedRows,
    joined_rows,
    key_values,
    placeholder_column,
    placeholder_value,
    windows_of,
)
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, OutcomeDefinition
from windshear.language.types import Kind

GROUP = "@group"
IDENTITIES = "identities"
SAMPLED = "sampled"  # relation of the event numbers that are shown in full
REFERENCE_LIMIT = 1000  # bound events that a detection lists per variable
ARRAY_CAP = 25  # elements that `array` and `array_distinct` keep in rules
_SECOND = 1_000_000
_CHOSEN_GROUP = sql.aliased(sql.column(CHOSEN, GROUP), GROUP)


@dataclass(frozen=True, slots=True)
class Statements:
    """The compiled settle stage of one rule.

    groups: one row per qualifying group: the match keys, `@window` (µs, or NULL), `@total` (distinct events), then the
    outcomes; ordered by keys and window. outcomes: of a rule with a window, whose windows merge first: one row per
    chosen group with all outcomes, and `groups` has none. events: per variable, one row per chosen group and bound
    event. evidence: per variable, one row per chosen group and sampled event with clause truths and values.
    """

    groups: str
    outcomes: str | None
    events: dict[str, str]
    evidence: dict[str, str]
    clauses: dict[str, tuple[Clause, ...]] = field(repr=False)


def statements(rule: CheckedRule, candidates: Callable[[str], Sql], lists: Lists) -> Statements:
    """Compile a rule without branches into its SQL statements."""
    rows = joined_rows(rule, candidates, lists)
    chosen = joined_rows(rule, candidates, lists, of_chosen=True)
    clauses = {name: clauses_of(rule, name) for name in rule.variables}
    waits = rule.window is not None and bool(rule.outcomes)

    def evidence_of(variable: str) -> str:
        def sampled(name: str) -> Sql:
            return _sampled(candidates(name)) if name == variable else candidates(name)

        rows = joined_rows(rule, sampled, lists, of_chosen=True)
        return _evidence(rows, variable, clauses[variable], lists)

    return Statements(
        groups=_groups(rule, rows, lists, shows_outcomes=not waits),
        outcomes=_outcomes(rule, chosen, lists) if waits else None,
        events={name: _events(chosen, name) for name in rule.variables},
        evidence={name: evidence_of(name) for name in rule.variables},
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


def _groups(rule: CheckedRule, rows: JoinedRows, lists: Lists, *, shows_outcomes: bool) -> str:
    grouping = _Grouping(rule, rows, lists)
    read = rule.outcomes if shows_outcomes else _read_by_condition(rule)
    outcomes = [(o.name, grouping.outcome(o.value)) for o in read]
    condition = lower(rule.condition, grouping.condition_leaf, lists)
    selected = _key_columns(rule, rows)
    for name in rule.variables:
        selected.append(sql.aliased(sql.column(name, NUMBER), _event_column(name)))
    counted = _counted_placeholders(rule)
    for placeholder in counted:
        selected.append(sql.aliased(placeholder_value(rule, placeholder), _value_column(placeholder)))
    inner = f"SELECT {_commas([*selected, *grouping.arguments])} FROM {rows.source} WHERE {rows.where}"
    keys = _key_names(rule, rows)
    aggregates = [sql.aliased(_event_count(rule, n), "#" + n) for n in rule.variables]
    aggregates += [sql.aliased(_count_distinct(_value_column(p)), "#" + p) for p in counted]
    aggregates.append(sql.aliased(_total(rule), "@total"))
    grouped = f"SELECT {_commas([*keys, *aggregates, *grouping.aggregates])} FROM ({inner}) GROUP BY {_commas(keys)}"
    shown = [*keys, sql.name("@total")]
    if shows_outcomes:
        shown += [sql.name("o:" + outcome.name) for outcome in rule.outcomes]
    return f"SELECT {_commas(shown)} FROM ({_with_outcomes(grouped, outcomes)}) WHERE {condition} ORDER BY ALL"


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


def _outcomes(rule: CheckedRule, rows: JoinedRows, lists: Lists) -> str:
    """Select (group, outcomes in written order) of chosen groups."""
    grouping = _Grouping(rule, rows, lists)
    outcomes = [(o.name, grouping.outcome(o.value)) for o in rule.outcomes]
    selected = [_CHOSEN_GROUP, *_key_columns(rule, rows), *grouping.arguments]
    keys = [sql.name(GROUP), *_key_names(rule, rows)]
    inner = f"SELECT {_commas(selected)} FROM {rows.source} WHERE {rows.where}"
    grouped = f"SELECT {_commas([*keys, *grouping.aggregates])} FROM ({inner}) GROUP BY {_commas(keys)}"
    shown = [sql.name(GROUP), *(sql.name("o:" + outcome.name) for outcome in rule.outcomes)]
    return f"SELECT {_commas(shown)} FROM ({_with_outcomes(grouped, outcomes)})"


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
    if len(rule.variables) == 1:
        return _event_count(rule, next(iter(rule.variables)))
    lists = [
        sql.call("coalesce", sql.raw(f"list(DISTINCT {sql.name(_event_column(n))})"), sql.raw("[]"))
        for n in rule.variables
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
    arguments: list[Sql] = field(default_factory=list)
    aggregates: list[Sql] = field(default_factory=list)

    def outcome(self, value: ex.Expression) -> Sql:
        """Lower an outcome: aggregates over rows; without a match section a bare field is the event's own value."""
        return lower(value, self.group_leaf, self.lists)

    def group_leaf(self, node: Leaf) -> Sql:
        match node:
            case ex.Aggregate():
                argument = lower(node.argument, self.rows.leaf, self.lists)
                return self._over_rows(argument, lambda column: _aggregation(node, column))
            case ex.OutcomeVariable(name=name):
                return sql.name("o:" + name)
            case ex.Placeholder(name=name) if self.rule.window is not None and name in self.rule.match_keys:
                return sql.name(placeholder_column(name))
            case ex.Field() | ex.Placeholder():
                return self._over_rows(self.rows.leaf(node), lambda column: sql.call("first", column))
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

    def _over_rows(self, argument: Sql, aggregation: Callable[[Sql], Sql]) -> Sql:
        """Compute an argument on every row and aggregate it; return the aggregate's column."""
        column, name = f"x{len(self.arguments)}", f"y{len(self.aggregates)}"
        self.arguments.append(sql.aliased(argument, column))
        self.aggregates.append(sql.aliased(aggregation(sql.name(column)), name))
        return sql.name(name)


def _aggregation(node: ex.Aggregate, column: Sql) -> Sql:
    """Return the SQL aggregate over one column of row values."""
    is_float = node.argument.type.kind is Kind.FLOAT
    match node.function:
        case "max" | "min":
            return sql.call(node.function, column)
        case "sum":
            return sql.call("fsum", column) if is_float else sql.call("sum", column)
        case "avg":
            return sql.call("favg", sql.cast(column, "DOUBLE"))
        case "stddev":
            return sql.coalesce(sql.call("stddev_samp", sql.cast(column, "DOUBLE")), sql.double(0.0))
        case "count":
            return sql.call("count", sql.raw("*"))
        case "count_distinct":
            return sql.raw(f"count(DISTINCT {column})")
        case "array":
            return _capped(sql.raw(f"list({column})"))
        case "array_distinct":
            return _capped(sql.raw(f"list(DISTINCT {column})"))


def _capped(items: Sql) -> Sql:
    """Keep the smallest elements, sorted, so that the survivors never depend on the order of rows."""
    return sql.raw(f"list_sort({items})[:{ARRAY_CAP}]")
