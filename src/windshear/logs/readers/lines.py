"""One record per line: the fast path, which makes no Python object per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from windshear.logs.readers.frames import Framed, decoded, too_large
from windshear.logs.readers.limits import Limits

_NEWLINE = 0x0A


def frame_lines(chunks: Iterable[bytes], limits: Limits) -> Iterator[Framed]:
    """Yield the lines of a text, numbered from 1."""
    number = 1
    rest = b""
    is_too_long = False  # `rest` is the beginning of a line that is passed over
    for chunk in chunks:
        start = 0
        if is_too_long:
            start = chunk.find(b"\n") + 1
            if start == 0:
                continue
            yield too_large(number, limits.record_bytes, rest)
            number, rest, is_too_long = number + 1, b"", False
        end = chunk.rfind(b"\n") + 1
        if end > start:
            text = b"".join((rest, memoryview(chunk)[start:end]))
            framed, count = _lines(text, number, limits)
            yield from framed
            number += count
            rest, start = b"", end
        rest += chunk[start:]
        if len(rest) > limits.record_bytes:
            rest, is_too_long = rest[: limits.kept_bytes], True
    if is_too_long:
        yield too_large(number, limits.record_bytes, rest)
    elif rest:
        yield from _lines(rest + b"\n", number, limits)[0]


def _lines(text: bytes, first: int, limits: Limits) -> tuple[list[Framed], int]:
    """Return the lines of a text that ends with a newline, and their number."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)
    count = len(ends)
    offsets = np.zeros(count + 1, np.int32)
    offsets[1:] = ends + 1
    lines = pa.BinaryArray.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    numbers = np.arange(first, first + count, dtype=np.int64)
    is_long = np.diff(offsets) > limits.record_bytes
    framed: list[Framed] = []
    if is_long.any():
        for index in np.flatnonzero(is_long):
            start = int(offsets[index])
            beginning = text[start : start + limits.kept_bytes]
            framed.append(too_large(first + int(index), limits.record_bytes, beginning))
        lines, numbers = lines.filter(pa.array(~is_long)), numbers[~is_long]
    return [*framed, *decoded(lines, numbers)], count
