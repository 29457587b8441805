"""The windows of queries in plain Python: times are microseconds, months come from the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from windshear.language.query import QueryWindow

_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A window in microseconds."""

    start: int
    end: int


def windows_at(window: QueryWindow, first: int, pivot: int) -> list[Window]:
    """Return the windows that may hold a row whose first event and pivot are at some times."""
    size = window.size * _SECOND
    match window.kind:
        case "hop":
            step = max(size // 10, _SECOND)
            numbers = range((first - size) // step + 1, first // step + 1)
            return [Window(number * step, number * step + size) for number in numbers]
        case "sliding_after":
            return [Window(pivot, pivot + size)]
        case "sliding_before":
            return [Window(pivot - size, pivot)]
        case "tumbling" if window.unit == "month":
            return [_months(window.size, first)]
        case "tumbling":
            origin = window.origin * _SECOND
            start = (first - origin) // size * size + origin
            return [Window(start, start + size)]


def _months(count: int, time: int) -> Window:
    moment = _EPOCH + timedelta(microseconds=time)
    number = ((moment.year - 1970) * 12 + moment.month - 1) // count * count

    def start_of(months: int) -> int:
        first = datetime(1970 + months // 12, months % 12 + 1, 1, tzinfo=UTC)
        return (first - _EPOCH) // _MICROSECOND

    return Window(start_of(number), start_of(number + count))


def holds_time(window: QueryWindow, one: Window, time: int) -> bool:
    """Whether a time lies in one of the windows: at the end it is open, or at the start if it ends at a pivot."""
    if window.kind == "sliding_before":
        return one.start < time <= one.end
    return one.start <= time < one.end
