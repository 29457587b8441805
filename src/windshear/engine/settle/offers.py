"""What the rows of one side of a tie offer to the other: per group and equal values, who is there and how many.

Whether a row has a partner is told by the smallest and the largest value of the other side. How many partners it has
is told by sums: for each value of the other side, how many rows have at most that value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.factors import Operator

_SMALLEST, _LARGEST, _COUNT = "@smallest", "@largest", "@count"
_NONE = sql.raw("0::HUGEINT")


@dataclass(frozen=True, slots=True)
class Offer:
    """One direction of a tie.

    name: of the relation of sums per `keys`. value, operator: an asking row fits if `its value operator value`; both
    sides have it in the column `value`, which is None if the keys are all.
    """

    name: str
    keys: Sequence[str]
    value: str | None
    operator: Operator | None

    def tables(self, source: Sql, weight: Sql, *, counts: bool) -> list[tuple[Sql, str, str]]:
        """Return the relations that `source` makes: name, how it is kept, definition. A row counts `weight` times."""
        keys = _commas(map(sql.name, self.keys))
        selected = [sql.raw(keys), sql.aliased(_wide(sql.call("sum", weight)), _COUNT)]
        if self.value is None:
            definition = f"SELECT {_commas(selected)} FROM {source} GROUP BY {keys}"
            return [(sql.name(self.name), "MATERIALIZED", definition)]
        value = sql.name(self.value)
        selected.append(sql.aliased(sql.call("min", value), _SMALLEST))
        selected.append(sql.aliased(sql.call("max", value), _LARGEST))
        ends = f"SELECT {_commas(selected)} FROM {source} GROUP BY {keys}"
        found = [(sql.name(self.name), "MATERIALIZED", ends)]
        if counts:
            count = sql.name(_COUNT)
            each = f"SELECT {keys}, {value}, {_wide(sql.call('sum', weight))} AS {count} FROM {source} GROUP BY ALL"
            running = f"sum({count}) OVER (PARTITION BY {keys} ORDER BY {value})"
            steps = f"SELECT {keys}, {value}, {running}::HUGEINT AS {count} FROM ({each})"
            found.append((self._steps, "MATERIALIZED", each if self.operator == "!=" else steps))
        return found

    def asked(self, row: str, *, counts: bool, is_optional: bool) -> tuple[str, Sql]:
        """Return the joins by which rows of the relation `row` ask, and the number of their partners.

        Without `counts` the number is only right about being zero, or NULL. A row without partner is dropped by the
        joins, unless it is optional, or is left with zero.
        """
        relation = sql.name(self.name)
        same = [_same(row, relation, key) for key in self.keys]
        kind = "LEFT JOIN" if is_optional else "JOIN"
        total = sql.raw(f"{relation}.{sql.name(_COUNT)}")
        if self.value is None or self.operator is None:
            return f" {kind} {relation} ON {sql.all_of(same)}", sql.coalesce(total, _NONE)
        value = sql.column(row, self.value)
        if not counts:
            fits = _fits(self.operator, value, relation)
            return f" {kind} {relation} ON {sql.all_of([*same, fits])}", sql.coalesce(total, _NONE)
        steps = self._steps
        step_value, step_count = (sql.raw(f"{steps}.{sql.name(column)}") for column in (self.value, _COUNT))
        below = ">" if self.operator in ("<=", ">") else ">="
        comparison = sql.binary("=" if self.operator == "!=" else below, value, step_value)
        on = sql.all_of([*(_same(row, steps, key) for key in self.keys), comparison])
        closest = "LEFT JOIN" if self.operator == "!=" else "ASOF LEFT JOIN"
        found = sql.coalesce(step_count, _NONE)
        if self.operator in ("<", "<=", "!="):
            found = sql.binary("-", sql.coalesce(total, _NONE), found)
        return f" {kind} {relation} ON {sql.all_of(same)} {closest} {steps} ON {on}", found

    @property
    def _steps(self) -> Sql:
        return sql.name(self.name + " by value")


def _fits(operator: Operator, value: Sql, relation: Sql) -> Sql:
    """Whether some value of a relation satisfies the order: its smallest and its largest tell."""
    smallest, largest = (sql.raw(f"{relation}.{sql.name(end)}") for end in (_SMALLEST, _LARGEST))
    match operator:
        case "!=":
            return sql.any_of([sql.binary("<>", value, smallest), sql.binary("<>", value, largest)])
        case "<" | "<=":
            return sql.binary(operator, value, largest)
        case ">" | ">=":
            return sql.binary(operator, value, smallest)


def _same(table: str, relation: Sql, column: str) -> Sql:
    return sql.binary("=", sql.column(table, column), sql.raw(f"{relation}.{sql.name(column)}"))


def _wide(value: Sql) -> Sql:
    return sql.cast(value, "HUGEINT")


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)
