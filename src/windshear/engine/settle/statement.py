"""The settle statements of one rule: qualifying groups, the events of chosen groups, and the evidence for samples.

Steps 6 and 7 of the row model: group the joined rows by match tuple and window (by event without a match section),
count, aggregate, and keep the groups that satisfy the condition. Merging of hop windows happens outside, on the rows
that `groups` returns; `events` and `evidence` then read the chosen groups back from the same row source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.evidence import SHOWN_VALUES, Clause, clauses_of
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.rows import (
    NUMBER,
    WINDOW,
    JoinedRows,
    joined_rows,
    placeholder_column,
    placeholder_value,
    windows_of,
)
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.types import Kind

CHOSEN = "chosen"  # relation of chosen groups: `@group`, the keys, `@window`
GROUP = "@group"
IDENTITIES = "identities"
SAMPLED = "sampled"  # relation of the event numbers that are shown in full
REFERENCE_LIMIT = 1000  # bound events that a detection lists per variable
ARRAY_CAP = 25  # elements that `array` and `array_distinct` keep in rules
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Statements:
    """The compiled settle stage of one rule.

    groups: one row per qualifying group: the match keys, `@window` (µs, or NULL), `@total` (distinct events),
    then the outcomes, in that order. events: per variable, one row per chosen group and bound event.
    evidence: per variable, one row per chosen group and sampled event with clause truths and values.
    """

    groups: str
    events: dict[str, str]
    evidence: dict[str, str]
    clauses: dict[str, tuple[Clause, ...]] = field(repr=False)


def statements(rule: CheckedRule, candidates: Callable[[str], Sql], lists: Lists) -> Statements:
    """Compile a rule without branches into its SQL statements."""
    rows = joined_rows(rule, candidates, lists)
    clauses = {name: clauses_of(rule, name) for name in rule.variables}
    return Statements(
        groups=_groups(rule, rows, lists),
        events={name: _events(rule, rows, name) for name in rule.variables},
        evidence={name: _evidence(rule, rows, name, clauses[name], lists) for name in rule.variables},
        clauses=clauses,
    )


def _key_columns(rule: CheckedRule, rows: JoinedRows) -> list[Sql]:
    """Return what identifies a group: match keys and window, or the event itself."""
    if rule.window is None:
        (only,) = rule.variables
        return [sql.aliased(sql.column(only, NUMBER), NUMBER)]
    assert rows.window is not None
    keys = [
        sql.aliased(rows.leaf(ex.Placeholder(key, rule.placeholders[key].type, rule.span)), placeholder_column(key))
        for key in rule.match_keys
    ]
    return [*keys, sql.aliased(rows.window, WINDOW)]


def _key_names(rule: CheckedRule) -> list[Sql]:
    if rule.window is None:
        return [sql.name(NUMBER)]
    return [*(sql.name(placeholder_column(key)) for key in rule.match_keys), sql.name(WINDOW)]


def _groups(rule: CheckedRule, rows: JoinedRows, lists: Lists) -> str:
    selected = _key_columns(rule, rows)
    for name in rule.variables:
        selected.append(sql.aliased(sql.column(name, NUMBER), _event_column(name)))
    counted = _counted_placeholders(rule)
    for placeholder in counted:
        selected.append(sql.aliased(placeholder_value(rule, placeholder), _value_column(placeholder)))
    grouping = _Grouping(rule, rows, lists)
    outcomes = [(o.name, grouping.outcome(o.value)) for o in rule.outcomes]
    condition = lower(rule.condition, grouping.condition_leaf, lists)
    selected += grouping.arguments
    inner = f"SELECT {_commas(selected)} FROM {rows.source} WHERE {rows.where}"
    keys = _key_names(rule)
    aggregates = [sql.aliased(_event_count(rule, n), "#" + n) for n in rule.variables]
    aggregates += [sql.aliased(_count_distinct(_value_column(p)), "#" + p) for p in counted]
    aggregates.append(sql.aliased(_total(rule), "@total"))
    aggregates += grouping.aggregates
    grouped = f"SELECT {_commas([*keys, *aggregates])} FROM ({inner}) GROUP BY {_commas(keys)}"
    # Each outcome may read the ones before it, so each is a layer of its own name over the grouped row.
    named = _commas(sql.aliased(value, "o:" + name) for name, value in outcomes)
    computed = f"SELECT *{', ' + named if named else ''} FROM ({grouped})"
    shown = [*keys, sql.name("@total"), *(sql.name("o:" + name) for name, _ in outcomes)]
    return f"SELECT {_commas(shown)} FROM ({computed}) WHERE {condition} ORDER BY ALL"


def _events(rule: CheckedRule, rows: JoinedRows, variable: str) -> str:
    """Select (group, event number, id, time, log type, product log id, source, total), the earliest per group."""
    keys = _key_names(rule)
    event = sql.name(_event_column(variable))
    selected = [*_key_columns(rule, rows), sql.aliased(sql.column(variable, NUMBER), _event_column(variable))]
    inner = f"SELECT DISTINCT {_commas(selected)} FROM {rows.source} WHERE {rows.where}"
    group = f"c.{sql.name(GROUP)}"
    return (
        f"SELECT {group}, i.{sql.name(NUMBER)}, i.id, i.time, i.log_type, i.product_log_id, i.source, "
        f"count(*) OVER (PARTITION BY {group}) FROM ({inner}) AS r "
        f"JOIN {CHOSEN} AS c ON {_same_group(keys)} JOIN {IDENTITIES} AS i ON i.{sql.name(NUMBER)} = r.{event} "
        f"QUALIFY row_number() OVER (PARTITION BY {group} ORDER BY i.time, i.id) <= {REFERENCE_LIMIT} "
        f"ORDER BY {group}, i.time, i.id"
    )


def _evidence(rule: CheckedRule, rows: JoinedRows, variable: str, clauses: tuple[Clause, ...], lists: Lists) -> str:
    """One row per chosen group and event of the variable: its copies and joined rows, clause by clause."""
    keys = _key_names(rule)
    number = sql.column(variable, NUMBER)
    marks = [clause.mark(rows.leaf, lists) for clause in clauses]
    packed = sql.list_of(marks) if marks else sql.raw("[]")
    selected = [*_key_columns(rule, rows), sql.aliased(number, "@event"), sql.aliased(packed, "@clauses")]
    inner = f"SELECT DISTINCT {_commas(selected)} FROM {rows.source} WHERE {sql.all_of([rows.where, _wanted(number)])}"
    return (
        f"SELECT c.{sql.name(GROUP)}, r.{sql.name('@event')}, min(r.{sql.name('@clauses')}, {SHOWN_VALUES}) "
        f"FROM ({inner}) AS r JOIN {CHOSEN} AS c ON {_same_group(keys)} GROUP BY ALL"
    )


def _wanted(number: Sql) -> Sql:
    return sql.raw(f"({number} IN (SELECT {sql.name(NUMBER)} FROM {SAMPLED}))")


def _same_group(keys: list[Sql]) -> Sql:
    return sql.all_of(sql.raw(f"(r.{key} = c.{key})") for key in keys)


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
