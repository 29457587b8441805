"""A day's records in the order of their arrival: texts wait in a file, so that large days fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from windshear.simulate.record import Record


class Spool:
    """Takes records in any order and gives them back in that of their arrival. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Keep texts in a file of that folder, which has no name and goes with the spool."""
        self._texts = TemporaryFile(dir=folder)  # noqa: SIM115 (closed on exit)
        self._end = 0
        self._entries: list[tuple[datetime, Record, int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._texts.close()

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
