"""Values of several leaves that one copy of an event has together: distinct combinations, and which row has which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from windshear.engine.sift.values import Numbers, Values

_DENSE = 4  # up to so many possible codes per element, marking them all beats sorting


def together(parts: Sequence[Values], wanted: Numbers | None = None) -> Values:
    """Return the combinations of the values of some leaves, at most one of which is in a list, as structures.

    Each element of the list goes with the row's other values; an empty or absent list counts as one zero value.
    wanted: the rows that get values, all by default.
    """
    rows, codes = _aligned(parts)
    if wanted is not None:
        rows, kept = _kept(rows, wanted, parts[0].row_count)
        codes = [own[kept] for own in codes]
    whole, first = np.zeros(len(codes[0]), np.int64), np.zeros(1, np.int64)
    for part, own in zip(parts, codes, strict=True):
        whole, first = _renumbered(whole * len(part.distinct) + own, len(first) * len(part.distinct))
    chosen = [part.distinct.take(pa.array(own[first])) for part, own in zip(parts, codes, strict=True)]
    names = [str(place) for place in range(len(parts))]
    return Values(pa.StructArray.from_arrays(chosen, names), whole, rows, None, None, parts[0].row_count)


def _aligned(parts: Sequence[Values]) -> tuple[Numbers | None, list[Numbers]]:
    """Return the row of each element (None if element i is row i), and the codes of every part per element."""
    listed = next((part for part in parts if part.rows is not None), None)
    if listed is None or listed.rows is None:
        return None, [part.codes for part in parts]
    without = np.zeros(0, np.int64) if listed.absent is None else np.flatnonzero(listed.absent)
    rows = np.concatenate([listed.rows, without])
    zeros = np.full(len(without), listed.zero if listed.zero is not None else 0)
    return rows, [np.concatenate([part.codes, zeros]) if part is listed else part.codes[rows] for part in parts]


def _kept(rows: Numbers | None, wanted: Numbers, row_count: int) -> tuple[Numbers, Numbers]:
    """Return the rows and the places of the elements that belong to wanted rows."""
    if rows is None:
        return wanted, wanted
    is_wanted = np.zeros(row_count, dtype=np.bool_)
    is_wanted[wanted] = True
    kept = np.flatnonzero(is_wanted[rows])
    return rows[kept], kept


def _renumbered(codes: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Return the codes numbered anew, without gaps, and for each number an element that has it."""
    if size > _DENSE * len(codes):
        _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
        return numbers, first
    place = np.full(size, -1)
    place[codes] = np.arange(len(codes))
    present = np.flatnonzero(place >= 0)
    numbers = np.zeros(size, dtype=np.int64)
    numbers[present] = np.arange(len(present))
    return numbers[codes], place[present]
