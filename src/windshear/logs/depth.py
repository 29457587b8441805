"""How deep a JSON text is nested, for whole batches at once.

Deep nesting is how a small record makes a recursive reader run out of stack, so such records never get that far.
Counting opening brackets bounds the depth and needs one pass over the bytes; only the few records with more openings
than the limit are looked at exactly.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from windshear.logs.record import Indices

_Bytes = npt.NDArray[np.uint8]

_ANYTHING_ELSE = bytes(set(range(256)) - set(b'"[]{}'))
_QUOTE = ord('"')
_BLOCK = 64  # bytes; one truth value for each makes a word
_WORD = 8
_WINDOW = 1 << 19  # bytes looked at together: what fits into a processor's cache


def depth_of(text: bytes) -> int:
    """Return the deepest nesting of brackets outside of JSON strings.

    A quote behind a backslash is none outside of strings either, where JSON has no backslash.

    >>> depth_of(b'{"a": [{"b": "[[[["}]}')
    3
    """
    if b"\\" in text:
        text = text.replace(rb"\\", b"").replace(rb"\"", b"")
    # Two quotes in a row change nothing for what stands behind them, and few are left without them.
    left = np.frombuffer(text.translate(None, _ANYTHING_ELSE).replace(b'""', b""), np.uint8)
    depth = most = quotes = 0
    for start in range(0, len(left), _WINDOW):
        window = left[start : start + _WINDOW]
        quotes_before = quotes + np.cumsum(window == _QUOTE)
        brackets = window[(window != _QUOTE) & (quotes_before % 2 == 0)]
        # `[` and `{` have the bit 0x02 where `]` and `}` have 0x04 too: 5B, 7B against 5D, 7D.
        depths = depth + np.cumsum(np.where((brackets & 0x04) == 0, 1, -1))
        most = max(most, int(depths.max(initial=0)))
        depth, quotes = int(depths[-1]) if len(depths) else depth, int(quotes_before[-1])
    return most


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
