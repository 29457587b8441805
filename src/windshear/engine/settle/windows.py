"""Match windows in SQL: which windows hold a joined row, and whether an event lies in one.

Rows of a variable `v` have their time, in microseconds, in the column `@ts` of the relation `v`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.readings.windows import HOPS, SMALLEST_HOP_SECONDS
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.floating import HOP, first_and_last
from windshear.language.rule import MatchWindow

BUCKET = "@bucket"
WINDOW = "@window"  # start of the window in microseconds
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Windows:
    """A match window in microseconds; `step` is the distance between hop windows."""

    kind: str
    size: int
    step: int
    pivot: str | None

    @property
    def count(self) -> int:
        """In how many windows an event is by its time alone."""
        return -(-self.size // self.step) if self.kind == "hop" else 1


def windows_of(window: MatchWindow) -> Windows:
    """Return window sizes in microseconds."""
    size = window.seconds * _SECOND
    return Windows(window.kind, size, max(size // HOPS, SMALLEST_HOP_SECONDS * _SECOND), window.pivot)


def floor_multiple(value: Sql, step: int) -> Sql:
    """Return the largest multiple of `step` not above `value`."""
    return sql.binary("*", fields.floor_div(value, step), sql.integer(step))


def bucketed(relation: Sql, windows: Windows, near: Sequence[int] = (0,)) -> Sql:
    """Add coarse time buckets so that the join is an equality join; `near` are those that a partner may be in.

    Events of one window differ by less than its size, so a partner lies in the anchor's bucket or next to it; and a
    window reaches from its own bucket into the next.
    """
    bucket = floor_multiple(sql.name(fields.TIME), windows.size)
    if near == (0,):
        return sql.raw(f"(SELECT *, {sql.aliased(bucket, BUCKET)} FROM {relation})")
    shifted = sql.binary("+", bucket, sql.binary("*", sql.raw("near.hop"), sql.integer(windows.size)))
    hops = ", ".join(f"({sql.integer(hop)})" for hop in near)
    return sql.raw(
        f"(SELECT one.*, {sql.aliased(shifted, BUCKET)} FROM {relation} AS one CROSS JOIN (VALUES {hops}) AS near(hop))"
    )


def same_time(windows: Windows, anchor: str, name: str) -> list[Sql]:
    """Return the conditions that the events of two bucketed variables can share a window."""
    here, there = sql.column(anchor, fields.TIME), sql.column(name, fields.TIME)
    conditions = [sql.binary("=", sql.column(anchor, BUCKET), sql.column(name, BUCKET))]
    if windows.kind in ("sliding_after", "sliding_before"):
        return [*conditions, _within_sliding(windows, here, there)]
    if windows.kind in ("hop", "floating"):
        distance = sql.call("abs", sql.binary("-", here, there))
        conditions.append(sql.binary("<", distance, sql.integer(windows.size)))
    return conditions


def _within_sliding(windows: Windows, pivot: Sql, time: Sql) -> Sql:
    """Return whether a time is in the window of a pivot: closed at the pivot, open at the far end."""
    first, second = (pivot, time) if windows.kind == "sliding_after" else (time, pivot)
    gap = sql.binary("-", second, first)
    return sql.all_of([sql.binary(">=", gap, sql.integer(0)), sql.binary("<", gap, sql.integer(windows.size))])


def in_windows(windows: Windows, joined: Sequence[str]) -> tuple[str, Sql, list[Sql]]:
    """Return an addition to FROM, the window's start, and the conditions that all joined events are inside."""
    times = [sql.column(name, fields.TIME) for name in joined]
    first, last = first_and_last(joined)
    match windows.kind:
        case "hop":
            latest = floor_multiple(first, windows.step)
            start = sql.binary("-", latest, sql.binary("*", sql.column(HOP, HOP), sql.integer(windows.step)))
            inside = sql.binary(">", sql.binary("+", start, sql.integer(windows.size)), last)
            return f" CROSS JOIN range({windows.count}) AS {sql.name(HOP)}({sql.name(HOP)})", start, [inside]
        case "tumbling":
            return "", floor_multiple(first, windows.size), []
        case "sliding_after":
            return "", times[0], []
        case _:
            return "", sql.binary("-", times[0], sql.integer(windows.size)), []


def inside_window(windows: Windows, start: Sql, name: str) -> Sql:
    """Whether an optional variable's event lies in the window of the bounded row."""
    gap = sql.binary("-", sql.column(name, fields.TIME), start)
    low, high = (">", "<=") if windows.kind == "sliding_before" else (">=", "<")
    return sql.all_of([sql.binary(low, gap, sql.integer(0)), sql.binary(high, gap, sql.integer(windows.size))])
