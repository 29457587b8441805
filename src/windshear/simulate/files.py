"""The files of a simulation: one for each log, in the order in which records arrive, and the labels."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import orjson

from windshear.simulate import moments
from windshear.simulate.record import Log, Mark, Record

LABELS = "labels.jsonl"
_QUICK = 3  # a level of compression


class LogFiles:
    """Writes records to the files of their logs below a folder, and what is known of them to `labels`.

    counts: records written, per log. marked: labels written, per verdict.
    """

    def __init__(self, folder: Path, labels: BinaryIO | None, *, is_compressed: bool, root: Path) -> None:
        self.counts: Counter[Log] = Counter()
        self.marked: Counter[str] = Counter()
        self._folder, self._labels, self._root = folder, labels, root
        self._is_compressed = is_compressed
        self._lines: Counter[Log] = Counter()
        self._streams: dict[Log, BinaryIO] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, records: Iterable[Record]) -> None:
        """Write records, each behind what its file has."""
        for record in records:
            stream = self._streams.get(record.log) or self._open(record.log)
            stream.write(record.text)
            stream.write(b"\n")
            self.counts[record.log] += 1
            if record.mark is not None and self._labels is not None:
                self._label(self._labels, record, record.mark)
            self._lines[record.log] += 1 + record.text.count(b"\n")

    def name(self, log: Log) -> str:
        """Give the path of a log's file, relative to the simulation's folder."""
        file = self._folder / (log.file_name + (".gz" if self._is_compressed else ""))
        return file.relative_to(self._root).as_posix()

    def _open(self, log: Log) -> BinaryIO:
        stream: BinaryIO = self._stack.enter_context((self._root / self.name(log)).open("wb"))
        if self._is_compressed:
            # No name and no time within: the same simulation has the same bytes.
            packed = gzip.GzipFile(filename="", mode="wb", compresslevel=_QUICK, fileobj=stream, mtime=0)
            stream = cast("BinaryIO", self._stack.enter_context(packed))
        self._streams[log] = stream
        return stream

    def _label(self, labels: BinaryIO, record: Record, mark: Mark) -> None:
        self.marked[mark.verdict] += 1
        line = {
            "file": self.name(record.log),
            "record_id": record.id or f"line {self._lines[record.log] + 1}",
            "verdict": mark.verdict,
            "labels": list(mark.labels),
            "behaviours": list(mark.behaviours),
            "campaign": mark.campaign,
            "stage": mark.stage,
            "step": mark.step,
            "time": moments.millis(record.time),
            "person": mark.person,
            "why": mark.why,
        }
        labels.write(orjson.dumps(line) + b"\n")


def write_first_label(labels: BinaryIO) -> None:
    """Say that what has no label of its own is clean."""
    line = {
        "file": "*",
        "record_id": "*",
        "verdict": "clean",
        "labels": ["background"],
        "behaviours": [],
        "why": "everything that is not listed here is benign, and was made so",
    }
    labels.write(orjson.dumps(line) + b"\n")
