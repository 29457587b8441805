"""Collection health: feeds that fall silent, and those that only rest."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windshear.engine.batch import EventBatch
from windshear.engine.collection import HOUR, FeedTimes, Silence
from windshear.logs.record import batch_of

DAY = 24 * HOUR
LEAST = 6 * HOUR


def seen(*feeds: tuple[str, Iterable[float]]) -> FeedTimes:
    """Return the times of feeds, whose events are at some hours."""
    times = FeedTimes()
    for log_type, hours in feeds:
        moments = [int(hour * HOUR) for hour in hours]
        times.add(EventBatch(log_type, pa.table({"ts_us": moments}), batch_of([""] * len(moments))))
    return times


def every_hour(first: int, last: int, *, without: Iterable[int] = ()) -> list[float]:
    """Return the hours from one to another, with two events in each."""
    return [hour + part for hour in range(first, last) if hour not in set(without) for part in (0.0, 0.5)]


def test_a_feed_that_ends_early() -> None:
    """From its last event to the end of the input; a feed of one hour less is not silent."""
    times = seen(("A", every_hour(0, 48)), ("B", every_hour(0, 41)), ("C", every_hour(0, 42)))
    b, c = (
        Silence(name, int(hour * HOUR), int(47.5 * HOUR), is_last=True) for name, hour in (("B", 40.5), ("C", 41.5))
    )
    assert times.silences(["A", "B", "C"], LEAST) == [b, c]
    assert times.silences(["A", "B", "C"], LEAST + HOUR) == [b]
    assert times.silences(["A", "unknown"], LEAST) == []


def test_a_gap() -> None:
    """Of gaps the longest, if other feeds have events in it."""
    gap = seen(("A", every_hour(0, 48)), ("B", every_hour(0, 48, without=range(10, 20))))
    assert gap.silences(["A", "B"], LEAST) == [Silence("B", int(9.5 * HOUR), 20 * HOUR, is_last=False)]
    everywhere = seen(*((name, every_hour(0, 48, without=range(10, 20))) for name in ("A", "B")))
    assert everywhere.silences(["A", "B"], LEAST) == []


def test_a_feed_that_rests() -> None:
    """Nights and weekends come again, so they are no silence; one that is twice as long is."""
    nights = [hour for hour in every_hour(0, 240) if 8 <= hour % 24 < 18]
    assert seen(("A", every_hour(0, 240)), ("B", nights)).silences(["B"], LEAST) == []
    stopped = [hour for hour in nights if hour < 170]
    assert seen(("A", every_hour(0, 240)), ("B", stopped)).silences(["B"], LEAST) == [
        Silence("B", int(161.5 * HOUR), int(239.5 * HOUR), is_last=True)
    ]


def test_a_sparse_feed() -> None:
    """Events every three hours make seven quiet hours nothing special, but not twenty."""
    times = seen(("A", every_hour(0, 72)), ("B", [*range(0, 31, 3), *range(37, 50, 3)]))
    assert times.silences(["B"], LEAST) == [Silence("B", 49 * HOUR, int(71.5 * HOUR), is_last=True)]
    assert seen(("A", every_hour(0, 50)), ("B", [*range(0, 31, 3), *range(37, 50, 3)])).silences(["B"], LEAST) == []


def test_what_is_not_judged() -> None:
    """A handful of events, and samples from here and there."""
    assert seen(("A", every_hour(0, 48)), ("B", [0, 1, 2])).silences(["B"], LEAST) == []
    samples = seen(("A", [*every_hour(0, 9), *every_hour(1000, 1009)]), ("B", every_hour(0, 9)))
    assert samples.silences(["A", "B"], LEAST) == []
    assert FeedTimes().silences(["A"], LEAST) == []


def test_a_wrong_clock() -> None:
    """A few events far in the future are not the end of the input."""
    times = seen(("A", [*every_hour(0, 72), 5000.0]), ("B", every_hour(0, 72)))
    assert times.silences(["A", "B"], LEAST) == []


@given(st.lists(st.integers(0, 100), min_size=10, max_size=60))
def test_the_order_does_not_matter(hours: list[int]) -> None:
    """In one batch or many, in any order."""
    whole = seen(("A", every_hour(0, 100)), ("B", sorted(hours)))
    parts = seen(("B", hours[:3]), ("A", every_hour(50, 100)), ("B", hours[3:]), ("A", every_hour(0, 50)))
    assert whole.silences(["A", "B"], LEAST) == parts.silences(["A", "B"], LEAST)
    assert whole.counts == parts.counts


@pytest.mark.parametrize("count", [0, 1])
def test_batches_without_events(count: int) -> None:
    """They say nothing."""
    assert seen(("A", [0.0] * count)).counts == ({"A": count} if count else {})
