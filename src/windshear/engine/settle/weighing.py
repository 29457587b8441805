"""Aggregates over rows of which each stands for several joined rows."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.aggregation import aggregation
from windshear.language import expressions as ex
from windshear.language.types import Kind

_INDIFFERENT = frozenset(  # to how often a row occurs
    {"max", "min", "earliest", "latest", "window.first", "window.last", "window.range", "count_distinct"}
)
_WEIGHED = frozenset({"count", "sum", "avg", "array"})


def can_weigh(node: ex.Aggregate) -> bool:
    """Whether an aggregate can be computed from rows and how often they occur."""
    return node.function in _WEIGHED or node.function in _INDIFFERENT or node.function == "array_distinct"


def needs_weights(node: ex.Aggregate) -> bool:
    """Whether an aggregate depends on how often a row occurs."""
    return node.function in _WEIGHED


def weighed(node: ex.Aggregate, column: Sql, times: Sql, cap: int) -> Sql:
    """Return the aggregate over rows that occur `times`; rows of other variables have NULL and do not count."""
    present = f"FILTER (WHERE {column} IS NOT NULL)"
    match node.function:
        case "count":
            return sql.cast(sql.raw(f"sum({times}) {present}"), "BIGINT")
        case "sum" if node.argument.type.kind is Kind.FLOAT:
            return sql.call("fsum", sql.binary("*", column, sql.cast(times, "DOUBLE")))
        case "sum":
            return sql.call("sum", sql.binary("*", sql.cast(column, "HUGEINT"), times))
        case "avg":
            values = sql.binary("*", sql.cast(column, "DOUBLE"), sql.cast(times, "DOUBLE"))
            rows = sql.raw(f"sum({times}) {present}")
            return sql.coalesce(sql.binary("/", sql.call("fsum", values), rows), sql.double(0.0))
        case "array":
            return _repeated(column, times, cap, present)
        case "array_distinct":
            return sql.raw(f"list_sort(list(DISTINCT {column}) {present})[:{cap}]")
        case _:
            return aggregation(node, column, cap)


def _repeated(column: Sql, times: Sql, cap: int, present: str) -> Sql:
    """Keep the smallest elements, each as often as its row occurs."""
    pair = sql.record_of([("value", column), ("times", sql.call("least", times, sql.integer(cap)))])
    repeat = "list_transform(range(pair.times::BIGINT), lambda n: pair.value)"
    return sql.raw(f"flatten(list_transform(min({pair}, {cap}) {present}, lambda pair: {repeat}))[:{cap}]")
