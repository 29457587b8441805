"""Repeats: a record whose text was read before is the same event, wherever it was read.

Identifiers alone do not tell: some exports give one to different records. What was read is remembered as digests in a
table that spills to disk, so memory does not grow with the input.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Self

_CACHE_KIB = 64 << 10


class Repeats:
    """Remembers records."""

    def __init__(self) -> None:
        """Begin with none."""
        self._table = sqlite3.connect("", isolation_level=None)  # a private file that nobody else sees
        for setting in (f"cache_size = -{_CACHE_KIB}", "journal_mode = MEMORY", "synchronous = OFF"):
            self._table.execute(f"PRAGMA {setting}")
        self._table.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")

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
        try:  # most often nothing repeats, and all of them are noted at once
            self._table.execute("BEGIN")
            self._table.executemany("INSERT INTO seen VALUES (?)", ((digest,) for digest in digests))
            found = [True] * len(digests)
        except sqlite3.IntegrityError:
            self._table.execute("ROLLBACK")
            self._table.execute("BEGIN")
            found = [self._is_new(digest) for digest in digests]
        self._table.execute("COMMIT")
        return found

    def _is_new(self, digest: bytes) -> bool:
        return self._table.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1
