"""Windows of a query in SQL: where they start and end, and which events of a join share one. Times in microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.readings.windows import HOPS, SMALLEST_HOP_SECONDS
from windshear.core.sql import Sql
from windshear.engine.settle.fields import TIME, floor_div
from windshear.language.query import QueryWindow

BUCKET = "@bucket"
_HOP = "@hop"
_SECOND = 1_000_000
_JANUARY_1970 = 1970 * 12  # months since year 0


@dataclass(frozen=True, slots=True)
class Placed:
    """A window on joined rows: an addition to FROM, its bounds, and what must hold of the events that fix it."""

    source: str
    start: Sql
    end: Sql
    inside: tuple[Sql, ...]


def placed(window: QueryWindow, joined: Sequence[str]) -> Placed:
    """Put joined rows into every window that holds the events of all `joined` variables (the pivot first)."""
    times = [sql.column(name, TIME) for name in joined]
    first = times[0] if len(times) == 1 else sql.call("least", *times)
    last = times[0] if len(times) == 1 else sql.call("greatest", *times)
    size = sql.integer(window.size * _SECOND)
    match window.kind:
        case "tumbling":
            return Placed("", *_block(window, first), ())
        case "hop":
            step = max(window.size * _SECOND // HOPS, SMALLEST_HOP_SECONDS * _SECOND)
            count = -(-window.size * _SECOND // step)
            latest = sql.binary("*", floor_div(first, step), sql.integer(step))
            start = sql.binary("-", latest, sql.binary("*", sql.column(_HOP, _HOP), sql.integer(step)))
            end = sql.binary("+", start, size)
            hops = f" CROSS JOIN range({count}) AS {sql.name(_HOP)}({sql.name(_HOP)})"
            return Placed(hops, start, end, (sql.binary(">", end, last),))
        case "sliding_after":
            return Placed("", times[0], sql.binary("+", times[0], size), ())
        case "sliding_before":
            return Placed("", sql.binary("-", times[0], size), times[0], ())


def in_seconds(bound: Sql) -> Sql:
    """Return a bound of a window as expressions read it: in whole seconds."""
    return sql.cast(floor_div(bound, _SECOND), "BIGINT")


def same_window(window: QueryWindow, anchor: str, name: str) -> list[Sql]:
    """Return conditions that two events which are always there can share a window; hop windows need buckets as well."""
    here, there = sql.column(anchor, TIME), sql.column(name, TIME)
    size = sql.integer(window.size * _SECOND)
    match window.kind:
        case "tumbling":
            return [sql.binary("=", _block(window, here)[0], _block(window, there)[0])]
        case "hop":
            distance = sql.call("abs", sql.binary("-", here, there))
            return [
                sql.binary("=", sql.column(anchor, BUCKET), sql.column(name, BUCKET)),
                sql.binary("<", distance, size),
            ]
        case _:
            first, second = (here, there) if window.kind == "sliding_after" else (there, here)
            gap = sql.binary("-", second, first)
            return [sql.binary(">=", gap, sql.integer(0)), sql.binary("<", gap, size)]


def bucketed(relation: Sql, window: QueryWindow, *, is_anchor: bool) -> Sql:
    """Add blocks of time as long as a hop window: partners lie in the same or a neighbouring one of the anchor."""
    if window.kind != "hop":
        return relation
    size = window.size * _SECOND
    bucket = floor_div(sql.name(TIME), size)
    if is_anchor:
        return sql.raw(f"(SELECT *, {sql.aliased(bucket, BUCKET)} FROM {relation})")
    near = sql.binary("+", bucket, sql.raw("near.hop"))
    values = "(VALUES (-1), (0), (1)) AS near(hop)"
    return sql.raw(f"(SELECT one.*, {sql.aliased(near, BUCKET)} FROM {relation} AS one CROSS JOIN {values})")


def inside(window: QueryWindow, place: Placed, name: str) -> list[Sql]:
    """Return conditions that an event which may be missing lies in the window of the others."""
    time = sql.column(name, TIME)
    if window.kind == "tumbling":  # an equality, by which the join can be hashed
        return [sql.binary("=", _block(window, time)[0], place.start)]
    low, high = (">", "<=") if window.kind == "sliding_before" else (">=", "<")
    return [sql.binary(low, time, place.start), sql.binary(high, time, place.end)]


def _block(window: QueryWindow, time: Sql) -> tuple[Sql, Sql]:
    """Return start and end of the block of time around a time."""
    if window.unit == "second":
        size, origin = window.size * _SECOND, sql.integer(window.origin * _SECOND)
        number = floor_div(sql.binary("-", time, origin), size)
        start = sql.binary("+", sql.binary("*", number, sql.integer(size)), origin)
        return start, sql.binary("+", start, sql.integer(size))
    moment = sql.call("make_timestamp", time)
    year, month = sql.call("year", moment), sql.call("month", moment)
    months = sql.binary("+", sql.binary("*", year, sql.integer(12)), sql.binary("-", month, sql.integer(1)))
    number = floor_div(sql.binary("-", months, sql.integer(_JANUARY_1970)), window.size)
    start = sql.binary("+", sql.binary("*", number, sql.integer(window.size)), sql.integer(_JANUARY_1970))
    return _first_of(start), _first_of(sql.binary("+", start, sql.integer(window.size)))


def _first_of(months: Sql) -> Sql:
    """Return the first moment of a month that is counted from year 0."""
    year = sql.binary("//", months, sql.integer(12))
    month = sql.binary("+", sql.binary("%", months, sql.integer(12)), sql.integer(1))
    return sql.call("epoch_us", sql.cast(sql.call("make_date", year, month, sql.integer(1)), "TIMESTAMP"))
