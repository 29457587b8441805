"""Windows that begin at an event: what hop windows are under `merging=exact`.

Any set of events that fits a window of some length at any offset fits the one that begins with its first event. So the
windows of a match tuple begin at the first events of its joined rows, and a row lies in those that hold all its events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields

HOP = "@hop"  # the relation of window starts, and its column; no variable or column of a rule is called so
_SLICE, _NEAR = "@slice", "@near"


def first_and_last(variables: Sequence[str]) -> tuple[Sql, Sql]:
    """Return the first and the last time of the events on a joined row; those that are absent do not count."""
    times = [sql.column(name, fields.TIME) for name in variables]
    return (times[0], times[0]) if len(times) == 1 else (sql.call("least", *times), sql.call("greatest", *times))


def beginning_at_events(
    rows: str, keys: Mapping[str, Sql], size: int, variables: Sequence[str]
) -> tuple[str, Sql, list[Sql]]:
    """Put joined rows (`rows`: FROM and WHERE) into windows; returned as by `rows.in_windows`."""
    first, last = first_and_last(variables)
    columns = [sql.aliased(value, key) for key, value in keys.items()] + [sql.aliased(first, HOP)]
    return _in_starts(f"SELECT {_commas(columns)} FROM {rows}", keys, size, (first, last))


def beginning_at_any(
    relations: Sequence[Sql], keys: Sequence[str], size: int, variable: str
) -> tuple[str, Sql, list[Sql]]:
    """Put the events of one variable into windows that begin at an event of any, where each may be absent."""
    columns = [*map(sql.name, keys), sql.aliased(sql.name(fields.TIME), HOP)]
    starts = " UNION ALL ".join(f"SELECT {_commas(columns)} FROM {relation}" for relation in relations)
    time = sql.column(variable, fields.TIME)
    return _in_starts(starts, {key: sql.column(variable, key) for key in keys}, size, (time, time))


def _in_starts(starts: str, keys: Mapping[str, Sql], size: int, times: tuple[Sql, Sql]) -> tuple[str, Sql, list[Sql]]:
    """Join rows, of which the first and the last time are given, with the windows that hold them.

    Time is cut into slices of the window's size, so that the join is one of equals: a window that holds a row begins in
    the slice of its first event or in the one before.
    """
    first, last = times
    start, near = sql.column(HOP, HOP), sql.column(_NEAR, _NEAR)
    slices = sql.aliased(fields.floor_div(sql.name(HOP), size), _SLICE)
    conditions = [sql.binary("=", value, sql.column(HOP, key)) for key, value in keys.items()]
    conditions.append(sql.binary("=", sql.binary("-", fields.floor_div(first, size), near), sql.column(HOP, _SLICE)))
    conditions.append(sql.binary("<=", start, first))
    conditions.append(sql.binary("<", last, sql.binary("+", start, sql.integer(size))))
    two = f" CROSS JOIN range(2) AS {sql.name(_NEAR)}({sql.name(_NEAR)})"
    begun = f"(SELECT DISTINCT *, {slices} FROM ({starts})) AS {sql.name(HOP)}"
    return f"{two} JOIN {begun} ON {sql.all_of(conditions)}", start, []


def _commas(items: Sequence[Sql]) -> str:
    return ", ".join(item.text for item in items)
