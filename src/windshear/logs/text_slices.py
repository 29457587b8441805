"""Slices of one text as a column, without an object for each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from windshear.logs.record import Indices


def slices(data: pa.Buffer, starts: Indices, ends: Indices) -> pa.StringArray:
    """Return the texts between some places of one UTF-8 text, in the order in which they stand there.

    >>> slices(pa.py_buffer(b"one two"), np.array([0, 4]), np.array([3, 7])).to_pylist()
    ['one', 'two']
    """
    count = len(starts)
    if not count:
        return pa.array([], pa.string())
    offsets = np.empty(2 * count, np.int32)
    offsets[::2], offsets[1::2] = starts, ends
    with_gaps = pa.StringArray.from_buffers(2 * count - 1, pa.py_buffer(offsets), data)
    return with_gaps.take(pa.array(np.arange(0, 2 * count, 2)))


def places(texts: pa.StringArray) -> tuple[pa.Buffer, Indices]:
    """Return the text that a column's values lie in one after the other, and where each begins and the last ends."""
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return pa.py_buffer(b""), np.zeros(len(texts) + 1, np.int64)
    return data, np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
