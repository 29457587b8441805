"""Merging of overlapping hop windows, and suppression: one linear pass over qualifying groups.

Hop windows overlap, so a burst qualifies in several of them. Per match tuple, `coverage` keeps the fullest window,
drops what overlaps it, and repeats; `earliest` walks by start, for runs that cannot see the future. `exact` is coverage
over windows that begin at events. All give disjoint windows.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from windshear.core.readings.settings import Merging

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A qualifying window: its start (any unit) and how many distinct events it holds."""

    start: int
    total: int


def merge(windows: Sequence[Candidate], size: int, merging: Merging) -> list[int]:
    """Return the indexes of the windows of one match tuple that stay, in order of start.

    >>> merge([Candidate(0, 1), Candidate(1, 3), Candidate(2, 2), Candidate(11, 1)], 10, "coverage")
    [1, 3]
    """
    if merging == "earliest":
        order = sorted(range(len(windows)), key=lambda i: windows[i].start)
    else:
        order = sorted(range(len(windows)), key=lambda i: (-windows[i].total, windows[i].start))
    kept: list[int] = []
    starts: list[int] = []
    for index in order:
        start = windows[index].start
        place = bisect_left(starts, start)
        follows = place > 0 and start - starts[place - 1] < size
        precedes = place < len(starts) and starts[place] - start < size
        if not follows and not precedes:
            insort(starts, start)
            kept.append(index)
    return sorted(kept, key=lambda i: windows[i].start)


def suppress(items: Iterable[tuple[Hashable, int, Item]], window: int) -> list[Item]:
    """Keep, of (key, detection time, item), the first per key and block of `window` time units.

    Blocks are aligned to the epoch; of equal times the one that comes first stays.

    >>> suppress([("a", 1, "x"), ("a", 5, "y"), ("a", 12, "z")], 10)
    ['x', 'z']
    """
    seen: set[tuple[Hashable, int]] = set()
    kept = []
    for key, time, item in sorted(items, key=lambda entry: entry[1]):
        block = (key, time // window)
        if block not in seen:
            seen.add(block)
            kept.append(item)
    return kept
