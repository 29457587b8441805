"""A day's records in the order of their arrival: texts wait in a file, so that large days fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import IO

from windshear.simulate.record import Record


class Spool:
    """Takes records in any order and gives them back in that of their arrival."""

    def __init__(self, file: IO[bytes]) -> None:
        """Keep texts in an empty file, which the caller closes."""
        self._texts = file
        self._end = 0
        self._entries: list[tuple[datetime, Record, int, int]] = []

    def add(self, record: Record) -> None:
        """Take a record."""
        self._texts.write(record.text)
        self._entries.append((record.arrival, replace(record, text=b""), self._end, len(record.text)))
        self._end += len(record.text)

    def arrived(self, before: datetime) -> Iterator[Record]:
        """Yield the records that arrived before some time, the earliest first."""
        self._entries.sort(key=itemgetter(0))
        return (self._whole(entry) for entry in self._entries if entry[0] < before)

    def late(self, before: datetime) -> list[Record]:
        """Give the records that arrive at that time or later."""
        return [self._whole(entry) for entry in self._entries if entry[0] >= before]

    def _whole(self, entry: tuple[datetime, Record, int, int]) -> Record:
        _, record, start, length = entry
        self._texts.seek(start)
        return replace(record, text=self._texts.read(length))
