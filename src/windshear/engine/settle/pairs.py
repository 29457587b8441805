"""How many pairs of events the joins of a rule would look at, counted before they are made.

Where joined rows must be made, a busy key costs as many as it has combinations of events in a window. Counting how
many rows there are for each join key and block of time gives that number at the price of the events, so that a rule
which would not end is stopped before it begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Lists, lower
from windshear.engine.settle.rows import row_leaf
from windshear.engine.settle.variables import Layout, holders, is_timed, variables_read
from windshear.engine.settle.windows import BUCKET, Windows, floor_multiple
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

_ROWS = "@rows"


def pairs(rule: CheckedRule, plan: Layout, windows: Windows, relations: Mapping[str, Sql], lists: Lists) -> str | None:
    """Select how many combinations of rows the joins between events look at; None if there are no such joins."""
    events = [name for name in rule.variables if is_timed(rule, name)]
    if len(events) < 2:
        return None
    events.sort(key=lambda name: (name not in rule.bounded, name != windows.pivot))
    anchor, *others = events
    keys = _keys(rule, plan, lists)
    source = f"{_counted(anchor, relations[anchor], windows, keys, is_anchor=True)} AS {sql.name(anchor)}"
    joined = [anchor]
    for name in others:
        on = [sql.binary("=", sql.column(anchor, BUCKET), sql.column(name, BUCKET))]
        for column, values in keys.items():
            partner = next((other for other in joined if other in values), None)
            if name in values and partner is not None:
                on.append(sql.binary("=", sql.column(partner, column), sql.column(name, column)))
        kind = "JOIN" if name in rule.bounded else "LEFT JOIN"
        counted = _counted(name, relations[name], windows, keys, is_anchor=False)
        source += f" {kind} {counted} AS {sql.name(name)} ON {sql.all_of(on)}"
        joined.append(name)
    rows = " * ".join(sql.coalesce(sql.column(name, _ROWS), sql.double(1.0)).text for name in joined)
    return f"SELECT coalesce(sum({rows}), 0) FROM {source}"


def _keys(rule: CheckedRule, plan: Layout, lists: Lists) -> dict[str, dict[str, Sql]]:
    """Return, per join key, its value on the rows of each variable that has it."""
    keys: dict[str, dict[str, Sql]] = {}
    for placeholder in rule.placeholders:
        column = placeholder_column(placeholder)
        keys[column] = {name: sql.column(name, column) for name in holders(rule, placeholder)}
    leaf = row_leaf(rule)
    for number, (predicate, _) in enumerate(plan.cross):
        if isinstance(predicate, ex.Comparison) and predicate.operator == "=" and not predicate.is_nocase:
            sides = {variables_read(rule, side): lower(side, leaf, lists) for side in (predicate.left, predicate.right)}
            values = {next(iter(read)): value for read, value in sides.items() if len(read) == 1}
            if len(values) == 2:
                keys[f"={number}"] = values
    return keys


def _counted(
    name: str, relation: Sql, windows: Windows, keys: Mapping[str, Mapping[str, Sql]], *, is_anchor: bool
) -> str:
    """Count the rows of a variable per join key and block of time; partners may be in the block beside."""
    bucket = floor_multiple(sql.column(name, fields.TIME), windows.size)
    own = [sql.aliased(values[name], column) for column, values in keys.items() if name in values]
    columns = [*own, sql.aliased(bucket, BUCKET)]
    counted = (
        f"SELECT {_commas(columns)}, count(*)::DOUBLE AS {sql.name(_ROWS)} FROM {relation} AS {sql.name(name)} "
        "GROUP BY ALL"
    )
    if is_anchor or windows.kind == "tumbling":
        return f"({counted})"
    beside = sql.binary("+", sql.name(BUCKET), sql.binary("*", sql.raw("near.block"), sql.integer(windows.size)))
    others = [sql.name(column) for column, values in keys.items() if name in values]
    shown = _commas([*others, sql.name(_ROWS), sql.aliased(beside, BUCKET)])
    return f"(SELECT {shown} FROM ({counted}) CROSS JOIN (VALUES (-1), (0), (1)) AS near(block))"


def _commas(items: Sequence[Sql]) -> str:
    return ", ".join(item.text for item in items)
