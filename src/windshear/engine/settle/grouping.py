"""From the rows of a rule to its groups: counts, aggregates, and how outcomes and the condition read them.

Step 6 of the row model. `OfJoinedRows` groups joined rows; `factored` has the ways that need none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.core.sql import Sql
from windshear.engine.settle.aggregation import aggregation, finished, row_value
from windshear.engine.settle.fields import NUMBER, floor_div
from windshear.engine.settle.floating import first_and_last
from windshear.engine.settle.guards import key_guards
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.metrics import MetricJoins
from windshear.engine.settle.named import Named
from windshear.engine.settle.rows import CHOSEN, GROUP, JoinedRows, key_values, placeholder_value
from windshear.engine.settle.variables import is_timed
from windshear.engine.settle.windows import WINDOW, windows_of
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, OutcomeDefinition

IDENTITIES = "identities"  # relation of who the candidates are
TOTAL = "@total"
_SECOND = 1_000_000


@dataclass(slots=True)
class Grouping(ABC):
    """Collects the aggregates that outcomes and condition read; `grouped` then gives a row per group."""

    rule: CheckedRule
    lists: Lists
    readings: Readings
    aggregates: Named = field(default_factory=lambda: Named("y"), kw_only=True)

    @abstractmethod
    def grouped(self) -> str:
        """Select per group: `@group` if only chosen groups are wanted, its keys, counts, `@total`, aggregates."""

    @abstractmethod
    def aggregate(self, node: ex.Aggregate) -> Sql:
        """Have an aggregate computed; return its column."""

    @abstractmethod
    def any_row(self, node: Leaf) -> Sql:
        """Have a value read that is the same on all rows of a group; return its column."""

    @abstractmethod
    def qualifies(self, condition: Sql) -> Sql:
        """Return whether a group counts, given whether its condition holds."""

    def outcomes(self, defined: Iterable[OutcomeDefinition]) -> list[tuple[str, Sql]]:
        """Lower outcomes: aggregates over rows; without a match section a bare field is the event's own value."""
        return [(outcome.name, lower(outcome.value, self._group_leaf, self.lists)) for outcome in defined]

    def condition_leaf(self, node: Leaf) -> Sql:
        """Read what a condition may read."""
        match node:
            case ex.VariableCount(name=name):
                return sql.name("#" + name)
            case ex.OutcomeVariable(name=name):
                return sql.name("o:" + name)
            case ex.WindowBound(bound=bound):
                start = floor_div(sql.name(WINDOW), _SECOND)
                assert self.rule.window is not None
                size = windows_of(self.rule.window).size // _SECOND
                return start if bound == "start" else sql.binary("+", start, sql.integer(size))
            case _:
                return self._group_leaf(node)

    def _group_leaf(self, node: Leaf) -> Sql:
        match node:
            case ex.Aggregate():
                return self.aggregate(node)
            case ex.OutcomeVariable(name=name):
                return sql.name("o:" + name)
            case ex.Placeholder(name=name) if self.rule.window is not None and name in self.rule.match_keys:
                return sql.name(placeholder_column(name))
            case ex.Field() | ex.Placeholder() | ex.EventIdentity() | ex.Partition() | ex.Metric():
                return self.any_row(node)
            case _:
                return self.condition_leaf(node)


@dataclass(slots=True)
class OfJoinedRows(Grouping):
    """Groups of joined rows."""

    rows: JoinedRows
    of_chosen: bool = False
    arguments: Named = field(default_factory=lambda: Named("x"))
    metrics: MetricJoins = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = MetricJoins(self.rule, self.rows, self.lists, IDENTITIES)

    def grouped(self) -> str:
        """Group the joined rows by keys, with all counts and aggregates that are read."""
        rule, rows = self.rule, self.rows
        counted = counted_placeholders(rule)
        keys = key_values(rule, rows.window)
        selected = [sql.aliased(value, name) for name, value in keys.items()]
        names = [sql.name(name) for name in keys]
        if self.of_chosen:
            selected.append(sql.aliased(sql.column(CHOSEN, GROUP), GROUP))
            names.append(sql.name(GROUP))
        selected += [sql.aliased(sql.column(name, NUMBER), _event_column(name)) for name in rule.shown_variables]
        selected += [sql.aliased(placeholder_value(rule, name), _value_column(name)) for name in counted]
        selected += self.arguments.selected
        inner = f"SELECT {_commas(selected)} FROM {rows.source}{self.metrics.source} WHERE {rows.where}"
        counts = [sql.aliased(_event_count(rule, n), "#" + n) for n in rule.shown_variables]
        counts += [sql.aliased(_count_distinct(_value_column(p)), "#" + p) for p in counted]
        counts.append(sql.aliased(_total(rule), TOTAL))
        shown = [*names, *counts, *self.aggregates.selected]
        return f"SELECT {_commas(shown)} FROM ({inner}) GROUP BY {_commas(names)}"

    def aggregate(self, node: ex.Aggregate) -> Sql:
        """Aggregate an argument over joined rows."""
        value, cap = row_value(node, self.metrics.leaf, self.lists), self.readings.array_cap
        return finished(node, self._over_rows(value, lambda column: aggregation(node, column, cap)))

    def any_row(self, node: Leaf) -> Sql:
        """Read a value from some row."""
        function = "min" if isinstance(node, ex.EventIdentity) else "first"
        return self._over_rows(self.metrics.leaf(node), lambda column: sql.call(function, column))

    def qualifies(self, condition: Sql) -> Sql:
        """Leave out floating windows that begin at no event of theirs; stop at a repeated key if the run asks so."""
        condition = sql.all_of([*self._begins_with_an_event(), condition])
        for guard in key_guards(self.rule, self.readings):
            found = self._over_rows(guard.is_repeated, lambda column: sql.call("bool_or", column))
            message = f"an event holds the key of `{guard.text}` twice (setting `duplicate_keys=error`)"
            condition = sql.case(found, sql.call("error", sql.text(message)), condition)
        return condition

    def _begins_with_an_event(self) -> list[Sql]:
        rule = self.rule
        if rule.window is None or rule.window.kind != "floating":
            return []
        timed = [name for name in rule.variables if is_timed(rule, name)]
        sure = [name for name in timed if name in rule.bounded]
        first, _ = first_and_last(sure or timed)
        earliest = self._over_rows(first, lambda column: sql.call("min", column))
        return [sql.binary("=", earliest, sql.name(WINDOW))]

    def _over_rows(self, argument: Sql, aggregated: Callable[[Sql], Sql]) -> Sql:
        """Compute an argument on every row and aggregate it; return the aggregate's column."""
        return self.aggregates.add(aggregated(self.arguments.add(argument)))


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


def counted_placeholders(rule: CheckedRule) -> list[str]:
    """Return the placeholders whose distinct values a condition counts."""
    found = [n.name for n in ex.walk(rule.condition) if isinstance(n, ex.VariableCount) and n.counts == "values"]
    return list(dict.fromkeys(found))


def _event_column(variable: str) -> str:
    return "e:" + variable


def _value_column(placeholder: str) -> str:
    return "p:" + placeholder


def _count_distinct(column: str) -> Sql:
    return sql.raw(f"count(DISTINCT {sql.name(column)})")


def _commas(items: Sequence[Sql]) -> str:
    return ", ".join(item.text for item in items)
