"""A set of digests in memory, to which many are added at once: an open hash table in two arrays.

A Python set takes two to three times the memory, and a table on disk several times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import randbits

import numpy as np
import numpy.typing as npt

Halves = npt.NDArray[np.uint64]

_FEWEST_PLACES = 1 << 16
_NOTHING = np.uint64(0)


def halves(digests: Sequence[bytes]) -> Halves:
    """Return digests of 16 bytes as rows of two numbers, of which the first is not 0."""
    found = np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)
    is_zero = found[:, :1] == _NOTHING  # one in 2**64: it counts as 1
    return np.where(is_zero, [1, 0], 0).astype(np.uint64) + found if is_zero.any() else found


class DigestTable:
    """Digests of 16 bytes. It grows with them: 32 to 64 bytes for each."""

    def __init__(self) -> None:
        """Begin with none."""
        self._first = np.zeros(_FEWEST_PLACES, np.uint64)  # 0 where no digest is
        self._rest = np.zeros(_FEWEST_PLACES, np.uint64)
        self._count = 0
        self._secret = np.uint64(randbits(64) | 1)  # so that nobody can make records that all go to the same place

    def __len__(self) -> int:
        """Return the number of digests."""
        return self._count

    def digests(self) -> Halves:
        """Return all digests, as rows of two numbers."""
        there = self._first != _NOTHING
        return np.stack([self._first[there], self._rest[there]], 1)

    def add(self, digests: Halves) -> npt.NDArray[np.bool_]:
        """Add digests, and say of each whether it was not there, nor among those before it."""
        places = len(self._first)
        while 2 * (self._count + len(digests)) > places:
            places *= 2
        if places > len(self._first):
            there = self.digests()
            self._first, self._rest = np.zeros(places, np.uint64), np.zeros(places, np.uint64)
            self._insert(there)
        is_new = self._insert(digests)
        self._count += int(np.count_nonzero(is_new))
        return is_new

    def _insert(self, digests: Halves) -> npt.NDArray[np.bool_]:
        first, rest = digests.T
        mask, bits = len(self._first) - 1, len(self._first).bit_length() - 1
        is_new = np.zeros(len(digests), np.bool_)
        rows = np.arange(len(digests))  # of which is not known yet whether they are new
        places = ((first * self._secret) >> np.uint64(64 - bits)).astype(np.int64)
        while len(rows):
            is_free = self._first[places] == _NOTHING
            taken, begins = np.unique(places[is_free], return_index=True)  # the first one that comes to a place gets it
            winners = rows[is_free][begins]
            self._first[taken], self._rest[taken] = first[winners], rest[winners]
            is_new[winners] = True
            is_there = (self._first[places] == first[rows]) & (self._rest[places] == rest[rows])
            # Whoever came to a free place that another got looks at it again, for that may be its equal.
            places = np.where(is_free, places, (places + 1) & mask)[~is_there]
            rows = rows[~is_there]
        return is_new
