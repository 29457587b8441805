"""Groups that are counted and aggregated without making joined rows: see `factors` and `participants`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.aggregation import finished, row_value
from windshear.engine.settle.factors import Factors
from windshear.engine.settle.grouping import TOTAL, Grouping, counted_placeholders
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf
from windshear.engine.settle.participants import TIMES, Participants, count_of, own_leaf
from windshear.engine.settle.rows import CHOSEN, GROUP
from windshear.engine.settle.variables import holders, owner, variables_read
from windshear.engine.settle.weighing import can_weigh, needs_weights, weighed
from windshear.engine.settle.windows import WINDOW
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule


def is_factored(rule: CheckedRule, found: Factors, read: Iterable[ex.Expression]) -> bool:
    """Whether everything that some outcomes read can be computed from one variable's rows each."""
    return all(_is_factored(rule, found, expression) for expression in read)


def _is_factored(rule: CheckedRule, found: Factors, expression: ex.Expression) -> bool:
    aggregated: set[int] = set()
    for node in ex.walk(expression):
        if isinstance(node, ex.Aggregate):
            aggregated.update(id(part) for part in ex.walk(node))
            is_own = home(rule, found, node) is not None and not any(isinstance(n, ex.Metric) for n in ex.walk(node))
            if not is_own or not can_weigh(node):
                return False
        elif id(node) not in aggregated and not _is_of_group(rule, node):
            return False
    return True


def _is_of_group(rule: CheckedRule, node: ex.Expression) -> bool:
    """Whether a part of an outcome, outside aggregates, reads nothing of single rows."""
    if isinstance(node, ex.Placeholder):
        return node.name in rule.match_keys
    return not isinstance(node, ex.Field | ex.EventIdentity | ex.Partition | ex.Metric)


def home(rule: CheckedRule, found: Factors, node: ex.Aggregate) -> str | None:
    """Return the variable on whose rows an aggregate is computed; None if it reads several."""
    if node.function == "count":  # of joined rows, whatever the argument
        return found.hub
    read = variables_read(rule, node.argument)
    if node.sort_key is not None:
        read |= variables_read(rule, node.sort_key)
    if not rule.bounded and any(isinstance(part, ex.Placeholder) for part in ex.walk(node)):
        placeholders = {part.name for part in ex.walk(node) if isinstance(part, ex.Placeholder)}
        if any(len(holders(rule, name)) > 1 for name in placeholders):
            return None
    return None if len(read) > 1 else next(iter(read), found.hub)


@dataclass(slots=True)
class OfParticipants(Grouping):
    """Groups of each variable's own rows, one variable after the other."""

    participants: Participants

    def grouped(self) -> str:
        """Group the participants, with all counts and aggregates that are read."""
        rule, rows = self.rule, self.participants
        counted = {
            name: rows.ask(owner(rule, name), sql.column(owner(rule, name), placeholder_column(name)))
            for name in counted_placeholders(rule)
        }
        keys = [sql.name(column) for column in rows.group]
        counts = [sql.aliased(_sum(column), column) for column in (*map(count_of, rule.variables), TOTAL)]
        for name, column in counted.items():
            counts.append(sql.aliased(sql.raw(f"count(DISTINCT {sql.name(column)})"), "#" + name))
        selected = [*keys, *counts, *self.aggregates.selected]
        found = f"SELECT {_commas(selected)} FROM ({rows.all_rows()}) GROUP BY {_commas(keys)}"
        if not rows.of_chosen:
            return found
        shown = [sql.column(CHOSEN, name) for name in (*map(placeholder_column, rule.match_keys), WINDOW)]
        return f"SELECT one.*, {_commas(shown)} FROM ({found}) AS one JOIN {sql.name(CHOSEN)} USING ({sql.name(GROUP)})"

    def aggregate(self, node: ex.Aggregate) -> Sql:
        """Aggregate an argument over the rows of the variable that it reads."""
        rule, rows, cap = self.rule, self.participants, self.readings.array_cap
        variable = home(rule, rows.factors, node)
        assert variable is not None
        value = sql.TRUE if node.function == "count" else row_value(node, own_leaf(variable), self.lists)
        column = sql.name(rows.ask(variable, value))
        if variable not in rule.bounded:
            rows.absent.add(variable)
        rows.is_weighted |= needs_weights(node)
        return finished(node, self.aggregates.add(weighed(node, column, sql.name(TIMES), cap)))

    def any_row(self, node: Leaf) -> Sql:
        """Refuse: such rules are grouped by their joined rows."""
        raise AssertionError(f"{type(node).__name__} is read from joined rows")

    def qualifies(self, condition: Sql) -> Sql:
        """Take the condition as it is."""
        return condition


def _sum(column: str) -> Sql:
    return sql.cast(sql.call("sum", sql.name(column)), "BIGINT")


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)
