"""Raw text of candidate records on disk: written once, compressed, read back only for the events that are shown."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable
from typing import IO

import pyarrow as pa


class RawSpill:
    """Raw records by event number. Numbers are consecutive: each `append` continues where the last ended."""

    def __init__(self, file: IO[bytes]) -> None:
        """Use an open, empty binary file."""
        self._file = file
        self._firsts: list[int] = []
        self._places: list[tuple[int, int, str]] = []
        self._end = 0
        self._cached: tuple[int, list[str]] = (-1, [])

    def append(self, first_number: int, texts: pa.Array, log_type: str) -> None:
        """Store the raw records of consecutive event numbers, all of one log type."""
        batch = pa.record_batch([texts.cast(pa.large_string())], names=["raw"])
        sink = io.BytesIO()
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
            writer.write_batch(batch)
        blob = sink.getbuffer()
        self._file.seek(self._end)
        self._file.write(blob)
        self._firsts.append(first_number)
        self._places.append((self._end, len(blob), log_type))
        self._end += len(blob)

    def read(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return (log type, raw text) by event number; reads each block once for sorted numbers."""
        found = {}
        for number in sorted(set(numbers)):
            block = bisect_right(self._firsts, number) - 1
            found[number] = (self._places[block][2], self._block(block)[number - self._firsts[block]])
        return found

    def _block(self, block: int) -> list[str]:
        if self._cached[0] != block:
            offset, length, _ = self._places[block]
            self._file.seek(offset)
            with pa.ipc.open_stream(self._file.read(length)) as reader:
                self._cached = (block, reader.read_all().column("raw").to_pylist())
        return self._cached[1]
