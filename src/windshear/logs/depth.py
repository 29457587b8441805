"""How deep a JSON text is nested, for whole batches at once.

Deep nesting is how a small record makes a recursive reader run out of stack, so such records never get that far.
Counting opening brackets bounds the depth and needs one pass over the bytes; only the few records with more openings
than the limit are looked at exactly.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from windshear.logs.record import Indices

_Bytes = npt.NDArray[np.uint8]

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_BLOCK = 64  # bytes; one truth value for each makes a word
_WORD = 8
_WINDOW = 1 << 19  # bytes looked at together: what fits into a processor's cache


def depth_of(text: bytes) -> int:
    """Return the deepest nesting of brackets outside of JSON strings.

    >>> depth_of(b'{"a": [{"b": "[[[["}]}')
    3
    """
    brackets = np.frombuffer(_STRING.sub(b"", text).translate(None, _NO_BRACKET), np.uint8)
    # `[` and `{` have the bit 0x02 where `]` and `}` have 0x04 too: 5B, 7B against 5D, 7D.
    steps = np.where((brackets & 0x04) == 0, 1, -1)
    return int(np.cumsum(steps).max(initial=0))


def deeper_than(texts: pa.StringArray, limit: int) -> Indices:
    """Return the indices of the texts that are nested deeper than the limit."""
    if len(texts) == 0:
        return np.zeros(0, np.int64)
    _, offsets_buffer, data_buffer = texts.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    if data_buffer is None or offsets[-1] == offsets[0]:
        return np.zeros(0, np.int64)
    data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]]
    offsets -= offsets[0]
    before = np.concatenate(([0], np.cumsum(_openings_per_block(data), dtype=np.int64)))
    most = before[-(-offsets[1:] // _BLOCK)] - before[offsets[:-1] // _BLOCK]
    suspects = np.flatnonzero(most > limit)
    deep = [index for index in suspects if depth_of(data[offsets[index] : offsets[index + 1]].tobytes()) > limit]
    return np.array(deep, np.int64)


def _openings_per_block(data: _Bytes) -> _Bytes:
    """Count `[` and `{` in every 64 bytes."""
    counts: list[_Bytes] = []
    for start in range(0, len(data), _WINDOW):
        window = data[start : start + _WINDOW]
        openings = (window & 0xDF) == 0x5B  # both brackets, which differ in one bit
        bits = np.packbits(openings)
        words = np.concatenate((bits, np.zeros(-len(bits) % _WORD, np.uint8))).view(np.uint64)
        counts.append(np.bitwise_count(words))
    return np.concatenate(counts)
