"""Aggregates in SQL: from the values of a group's rows to one value, whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Callable

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.language import expressions as ex
from windshear.language.functions.conversions import printed
from windshear.language.types import Kind

_VALUE = "value"


def row_value(node: ex.Aggregate, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    """Return what an aggregate needs of a row: its value, or a pair of which the row that is wanted has the smallest.

    Rows with the same sort key are ordered by their values.
    """
    value = lower(node.argument, leaf, lists)
    if node.sort_key is None:
        return value
    key = sql.cast(lower(node.sort_key, leaf, lists), "HUGEINT")
    order = sql.binary("-", sql.raw("0::HUGEINT"), key) if node.function == "window.last" else key
    return sql.record_of([("key", order), (_VALUE, value)])


def aggregation(node: ex.Aggregate, column: Sql, cap: int) -> Sql:
    """Return the SQL aggregate over one column of row values; lists are sorted and keep the `cap` smallest elements."""
    match node.function:
        case "max" | "min":
            return sql.call(node.function, column)
        case "sum":
            return sql.call("fsum" if node.argument.type.kind is Kind.FLOAT else "sum", column)
        case "count":
            return sql.call("count", sql.raw("*"))
        case "count_distinct":
            return sql.raw(f"count(DISTINCT {column})")
        case "array":
            return sql.call("min", column, sql.integer(cap))
        case "array_distinct":
            return sql.raw(f"list_sort(list(DISTINCT {column}))[:{cap}]")
        case "earliest" | "latest":
            extreme = "min" if node.function == "earliest" else "max"
            return sql.coalesce(sql.raw(f"{extreme}({column}){_WITHOUT_ZEROS.format(column)}"), sql.integer(0))
        case "window.first" | "window.last":
            return sql.call("min", column)
        case "window.mode":  # of several values the first one that it sees
            return sql.raw(f"mode({column} ORDER BY {column})")
        case "avg" | "stddev" | "window.avg" | "window.median" | "window.range" | "window.stddev" | "window.variance":
            return _over_floats(node, sql.cast(column, "DOUBLE"))


def finished(node: ex.Aggregate, aggregated: Sql) -> Sql:
    """Return the value of an aggregate from the column in which SQL has computed it."""
    match node.function:
        case "window.first" | "window.last":
            return printed(sql.member(aggregated, _VALUE), node.argument.type.kind)
        case "window.mode":
            return printed(aggregated, node.argument.type.kind)
        case _:
            return aggregated


_WITHOUT_ZEROS = " FILTER (WHERE {} <> 0)"


def _over_floats(node: ex.Aggregate, value: Sql) -> Sql:
    """Return a statistic of floats; the last digits of a deviation depend on the order in which it sees them.

    Ordered input would settle these digits, at the price of keeping all values of all groups in memory.
    """
    kept = _WITHOUT_ZEROS.format(value) if node.ignores_zeros else ""
    match node.function:
        case "window.range":
            bounds = sql.list_of([sql.raw(f"min({value}){kept}"), sql.raw(f"max({value}){kept}")])
            return sql.case(sql.raw(f"(count(*){kept} = 0)"), sql.raw("[]::DOUBLE[]"), bounds)
        case "window.median":
            found = f"quantile_disc({value}, 0.5){kept}"
        case "stddev" | "window.stddev":
            found = f"stddev_samp({value})"
        case "window.variance":
            found = f"var_samp({value})"
        case _:
            found = f"favg({value}){kept}"
    return sql.coalesce(sql.raw(found), sql.double(0.0))
