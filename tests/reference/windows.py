"""Step 5 of the model: the windows of a match section, and which rows lie inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.reference.rows import Row
from windshear.language.rule import MatchWindow

MICROSECONDS = 1_000_000
_STEPS_PER_WINDOW = 10


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One window in microseconds; `pivot` is the time at which the pivot of a sliding window stands."""

    start: int
    end: int
    pivot: int | None = None


def all_windows(window: MatchWindow, rows: Mapping[str, Sequence[Row]], *, is_exact: bool = False) -> list[Window]:
    """Return every window that holds at least one of the rows, earliest first.

    is_exact: hop windows begin at any event instead of at fixed steps; those that begin at none are no better.
    """
    size = window.seconds * MICROSECONDS
    if window.pivot is not None:
        times = {row.time for row in rows[window.pivot]}
    else:
        times = {row.time for part in rows.values() for row in part}
    found: set[Window] = set()
    for time in times:
        if time is not None:
            found.update([Window(time, time + size)] if is_exact else _windows_at(window, size, time))
    return sorted(found)


def inside(window: Window, kind: MatchWindow, variable: str, rows: Iterable[Row]) -> list[Row]:
    """Return the rows of a variable that lie in a window; entities have no time and lie in every window.

    Windows are half-open at the end, except that a sliding window `before` its pivot is closed there and open at its
    start. A pivot counts only in the windows of its own time.
    """
    return [row for row in rows if row.time is None or _is_inside(window, kind, variable, row.time)]


def _windows_at(window: MatchWindow, size: int, time: int) -> Iterable[Window]:
    match window.kind:
        case "hop":
            step = max(size // _STEPS_PER_WINDOW, MICROSECONDS)
            first = (time - size) // step + 1
            return [Window(number * step, number * step + size) for number in range(first, time // step + 1)]
        case "tumbling":
            start = time // size * size
            return [Window(start, start + size)]
        case "sliding_after":
            return [Window(time, time + size, time)]
        case "sliding_before":
            return [Window(time - size, time, time)]
        case "floating":
            raise AssertionError("only the engine restates rules so")


def _is_inside(window: Window, kind: MatchWindow, variable: str, time: int) -> bool:
    if variable == kind.pivot:
        return time == window.pivot
    if kind.kind == "sliding_before":
        return window.start < time <= window.end
    return window.start <= time < window.end
