"""One record per line: the fast path, which makes no Python object per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from windshear.logs.readers.frames import Framed, decoded, too_large
from windshear.logs.readers.limits import MEGABYTE, Limits
from windshear.logs.record import Indices

_NEWLINE = 0x0A
_WINDOW = MEGABYTE // 4  # bytes searched together: what a processor keeps at hand


def frame_lines(chunks: Iterable[bytes], limits: Limits) -> Iterator[Framed]:
    """Yield the lines of a text, numbered from 1."""
    number = 1
    waiting = _Waiting()
    is_too_long = False  # what waits is the beginning of a line that is passed over
    for chunk in chunks:
        start = 0
        if is_too_long:
            start = chunk.find(b"\n") + 1
            if start == 0:
                continue
            yield too_large(number, limits.record_bytes, waiting.taken())
            number, is_too_long = number + 1, False
        ends = waiting.add(memoryview(chunk)[start:])
        if len(ends):
            yield from _lines(waiting.text, ends, number, limits)
            number += len(ends)
            waiting.drop(int(ends[-1]))
        if waiting.size > limits.record_bytes:
            is_too_long = True
            waiting.cut(limits.kept_bytes)
    if is_too_long:
        yield too_large(number, limits.record_bytes, waiting.taken())
    elif waiting.size:
        yield from _lines(waiting.text, waiting.add(b"\n"), number, limits)


class _Waiting:
    """Text that waits for the end of its last line, always in the same memory: to touch fresh memory takes longer."""

    def __init__(self) -> None:
        self.text = np.zeros(2 * MEGABYTE, np.uint8)
        self.size = 0
        self._found = np.zeros(_WINDOW, np.bool_)

    def add(self, text: bytes | memoryview) -> Indices:
        """Put text behind the rest; return where its lines end, each behind its newline."""
        start, self.size = self.size, self.size + len(text)
        if self.size > len(self.text):
            larger = np.zeros(2 * self.size, np.uint8)
            larger[:start] = self.text[:start]
            self.text = larger
        self.text[start : self.size] = np.frombuffer(text, np.uint8)
        ends = [
            begin + 1 + np.flatnonzero(np.equal(window, _NEWLINE, out=self._found[: len(window)]))
            for begin in range(start, self.size, _WINDOW)
            for window in [self.text[begin : min(begin + _WINDOW, self.size)]]
        ]
        return np.concatenate([np.zeros(0, np.int64), *ends])

    def drop(self, count: int) -> None:
        """Forget some bytes at the beginning."""
        self.size -= count
        self.text[: self.size] = self.text[count : count + self.size].copy()

    def cut(self, size: int) -> None:
        """Keep so many bytes."""
        self.size = min(self.size, size)

    def taken(self) -> bytes:
        """Return what waits, and forget it."""
        size, self.size = self.size, 0
        return self.text[:size].tobytes()


def _lines(text: npt.NDArray[np.uint8], ends: Indices, first: int, limits: Limits) -> list[Framed]:
    """Return the lines that end at some places of a text; nothing of it is held by what is returned."""
    count = len(ends)
    offsets = np.zeros(count + 1, np.int32)
    offsets[1:] = ends
    lines = pa.BinaryArray.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    numbers = np.arange(first, first + count, dtype=np.int64)
    is_long = np.diff(offsets) > limits.record_bytes
    framed: list[Framed] = []
    if is_long.any():
        for index in np.flatnonzero(is_long):
            start = int(offsets[index])
            beginning = text[start : start + limits.kept_bytes].tobytes()
            framed.append(too_large(first + int(index), limits.record_bytes, beginning))
        lines, numbers = lines.filter(pa.array(~is_long)), numbers[~is_long]
    return [*framed, *decoded(lines, numbers)]
