"""Raw text of candidate records on disk: written once, compressed, read back only for the events that are shown."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable
from typing import IO

import pyarrow as pa

_BLOCK_BYTES = 1_000_000  # of text; to read one record is to decompress its block


class RawSpill:
    """Raw records by event number. Numbers are consecutive: each `append` continues where the last ended."""

    def __init__(self, file: IO[bytes]) -> None:
        """Use an open, empty binary file."""
        self._file = file
        self._firsts: list[int] = []
        self._places: list[tuple[int, int, str]] = []
        self._end = 0
        self._cached: tuple[int, pa.Array] = (-1, pa.array([], pa.string()))

    def append(self, first_number: int, texts: pa.StringArray, log_type: str) -> None:
        """Store the raw records of consecutive event numbers, all of one log type."""
        step = max(1, len(texts) * _BLOCK_BYTES // max(1, texts.nbytes))
        for start in range(0, len(texts), step):
            block = _packed(texts.slice(start, step))
            self._file.seek(self._end)
            self._file.write(block)
            self._firsts.append(first_number + start)
            self._places.append((self._end, len(block), log_type))
            self._end += len(block)

    def read(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return (log type, raw text) by event number; reads each block once."""
        found = {}
        for number in sorted(set(numbers)):
            block = bisect_right(self._firsts, number) - 1
            text = self._block(block)[number - self._firsts[block]].as_py()
            found[number] = (self._places[block][2], text)
        return found

    def _block(self, block: int) -> pa.Array:
        if self._cached[0] != block:
            offset, length, _ = self._places[block]
            self._file.seek(offset)
            with pa.ipc.open_stream(self._file.read(length)) as reader:
                self._cached = (block, reader.read_next_batch().column(0))
        return self._cached[1]


def _packed(texts: pa.StringArray) -> memoryview:
    sink = io.BytesIO()
    batch = pa.record_batch([texts], names=["raw"])
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return sink.getbuffer()
