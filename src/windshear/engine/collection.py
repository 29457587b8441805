"""Collection health: which log types a run saw, and where one fell silent while others went on.

A feed that is often quiet, as over nights and weekends, is not silent: a silence is told only if its feed has fewer
than two other pauses at least half as long, and if it is long for a feed with so many hours that have events. Nothing
is told of feeds with a handful of events, nor where most of the time no feed has any, as in a folder of samples. Times
are kept by the hour, so that input may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from windshear.engine.batch import EventBatch

HOUR = 3_600_000_000  # microseconds
_MOST_HOURS = 200_000  # of all log types together: odd times must not fill the memory
_FEW, _MANY = 3, 100  # so few events, after a pause of all feeds and so many others, have a wrong clock
_LEAST = 10  # events of a feed that has a rhythm
_LONG = 5  # times the mean distance of the hours that have events
_USUAL = 2  # pauses that make another one usual


@dataclass(frozen=True, slots=True)
class Silence:
    """A time (µs since 1970) without events of a log type. is_last: it goes on to the end of the input."""

    log_type: str
    start: int
    end: int
    is_last: bool


@dataclass(slots=True)
class _Hour:
    """The first and last event of an hour, and how many there are."""

    first: int
    last: int
    count: int


@dataclass(slots=True)
class FeedTimes:
    """When events of each log type were seen. `counts`: how many."""

    counts: dict[str, int] = field(default_factory=dict)
    _hours: dict[str, dict[int, _Hour]] = field(default_factory=dict)
    _room: int = _MOST_HOURS

    def add(self, batch: EventBatch) -> None:
        """Take in the events of a batch."""
        times = batch.table.column("ts_us").to_numpy()
        if not len(times):
            return
        self.counts[batch.log_type] = self.counts.get(batch.log_type, 0) + len(times)
        hours = self._hours.setdefault(batch.log_type, {})
        order = np.sort(times)
        starts = np.flatnonzero(np.diff(order // HOUR, prepend=np.int64(-(2**62))))
        ends = np.append(starts[1:], len(order))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            first, last = int(order[start]), int(order[end - 1])
            known = hours.get(first // HOUR)
            if known is not None:
                known.first, known.last = min(known.first, first), max(known.last, last)
                known.count += end - start
            elif self._room:
                self._room -= 1
                hours[first // HOUR] = _Hour(first, last, end - start)

    def silences(self, wanted: Iterable[str], least: int) -> list[Silence]:
        """Return where log types were silent for at least `least` µs (an hour or more), while others had events.

        At most one per log type: that which goes on to the end, else the longest.
        """
        end = self._end(least)
        found: list[Silence] = []
        if end is None:
            return found
        for log_type in sorted(name for name in wanted if self.counts.get(name, 0) >= _LEAST):
            hours = sorted(
                (hour for hour in self._hours.get(log_type, {}).values() if hour.first <= end), key=lambda h: h.first
            )
            if hours:
                pauses = [(one.last, other.first) for one, other in pairwise(hours)]
                mean = (hours[-1].last - hours[0].first) // len(hours)
                found += list(self._told(log_type, pauses, (hours[-1].last, end), max(least, _LONG * mean)))
        return found

    def _told(
        self, log_type: str, pauses: list[tuple[int, int]], last: tuple[int, int], least: int
    ) -> Iterator[Silence]:
        ranked = sorted([*pauses, last], key=lambda pause: (pause is not last, pause[0] - pause[1]))
        lengths = [end - start for start, end in (*pauses, last)]
        for start, end in ranked:
            length = end - start
            is_usual = sum(2 * other >= length for other in lengths) > _USUAL  # itself among them
            if length >= least and not is_usual and self._goes_on(log_type, start, end, is_last=(start, end) == last):
                yield Silence(log_type, start, end, (start, end) == last)
                return

    def _goes_on(self, log_type: str, start: int, end: int, *, is_last: bool) -> bool:
        """Whether other log types have events in a pause."""
        if is_last:
            return True  # the end of the input is an event of another one
        return any(
            start < hour.last and hour.first < end
            for name, hours in self._hours.items()
            if name != log_type
            for hour in hours.values()
        )

    def _end(self, least: int) -> int | None:
        """Return the last moment of the input, without a few events that come long after all others.

        None if most of its time holds no events of any log type.
        """
        hours = sorted((hour for hours in self._hours.values() for hour in hours.values()), key=lambda hour: hour.first)
        if not hours:
            return None
        total, last = sum(hour.count for hour in hours), hours[0].last
        seen = quiet = 0
        for hour in hours:
            pause = hour.first - last
            if pause >= least and total - seen <= _FEW and seen >= _MANY:
                break
            quiet += pause if pause >= least else 0
            seen += hour.count
            last = max(last, hour.last)
        return last if 2 * quiet <= last - hours[0].first else None
