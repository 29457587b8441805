"""Repeats: a record whose text was read before is the same event, wherever it was read.

Identifiers alone do not tell: some exports give one to different records. What was read is remembered as digests: a
million in memory, and when they become more all of them in a table that spills to disk, so memory does not grow with
the input.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from types import TracebackType
from typing import Self

import numpy as np

from windshear.logs.digest_table import DigestTable, Halves, halves

_CACHE_KIB = 32 << 10
_MOST_HELD = 1_000_000  # digests in memory, which takes 32 MB
_TOGETHER = 10_000  # digests that are Python objects at a time


class Repeats:
    """Remembers records by digests of 16 bytes."""

    def __init__(self, most_held: int = _MOST_HELD) -> None:
        """Begin with none."""
        self._most_held = most_held
        self._held: DigestTable | None = DigestTable()  # None: all are in the table
        self._table = sqlite3.connect("", isolation_level=None)  # a private file that nobody else sees
        for setting in (f"cache_size = -{_CACHE_KIB}", "journal_mode = MEMORY", "synchronous = OFF"):
            self._table.execute(f"PRAGMA {setting}")
        self._table.execute("CREATE TABLE seen (half INTEGER, rest INTEGER, PRIMARY KEY (half, rest)) WITHOUT ROWID")

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._table.close()

    def new(self, digests: Sequence[bytes]) -> list[bool]:
        """Tell of each record, given its identity, whether it was not there before, among these as well."""
        if self._held is None:
            return self._new_in_table(halves(digests))
        found: list[bool] = self._held.add(halves(digests)).tolist()
        if len(self._held) > self._most_held:
            self._new_in_table(self._held.digests())
            self._held = None
        return found

    def _new_in_table(self, digests: Halves) -> list[bool]:
        numbers = digests.view(np.int64)
        try:  # most often nothing repeats, and all of them are noted at once; in order, this is quicker
            self._table.execute("BEGIN")
            in_order = numbers[np.argsort(numbers[:, 0])]
            parts = (in_order[start : start + _TOGETHER].tolist() for start in range(0, len(in_order), _TOGETHER))
            self._table.executemany("INSERT INTO seen VALUES (?, ?)", chain.from_iterable(parts))
            found = [True] * len(digests)
        except sqlite3.IntegrityError:
            self._table.execute("ROLLBACK")
            self._table.execute("BEGIN")
            found = [self._is_new(pair) for pair in numbers.tolist()]
        self._table.execute("COMMIT")
        return found

    def _is_new(self, pair: Sequence[int]) -> bool:
        return self._table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", pair).rowcount == 1
