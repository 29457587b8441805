"""Records inside arrays and wrappers, or one after the other over several lines: cut out at their brackets.

The text of a record is a slice of the source, never written anew, so its identity does not depend on how it was
wrapped. Whether the slice is good JSON is decided later, like for a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from windshear.logs.readers.brackets import Brackets, BracketScanner
from windshear.logs.readers.frames import BadEnd, BadFrame, Framed, decoded, too_large
from windshear.logs.readers.limits import Limits

_BETWEEN = b" \t\r\n,\x1e"  # what may stand between records; 1E separates JSON text sequences
_ARRAY = ord("[")


def frame_elements(chunks: Iterable[bytes], depth: int, limits: Limits) -> Iterator[Framed]:
    """Yield the objects that begin at a depth of brackets, numbered from 1."""
    cutter = _Cutter(depth, limits)
    for chunk in chunks:
        yield from cutter.cut(chunk)
    yield from cutter.finish()


class _Cutter:
    """Cuts consecutive chunks into records.

    A *region* is a record or the text between two records. `_open` is the text of the region that the chunks before
    left open, or, when it got too large, only its beginning.
    """

    def __init__(self, depth: int, limits: Limits) -> None:
        self._depth = depth
        self._limits = limits
        self._scanner = BracketScanner()
        self._number = 1
        self._open = b""
        self._is_passed_over = False
        self._is_in_record = False
        self._is_in_array = depth == 0
        self._found: list[tuple[int, bytes]] = []
        self._bad: list[BadFrame] = []

    def cut(self, chunk: bytes) -> Iterator[Framed]:
        """Yield the records that end in the next chunk."""
        brackets = self._scanner.scan(chunk)
        text = chunk if self._is_passed_over else self._open + chunk
        self._leave_open(text, self._follow(text, len(text) - len(chunk), brackets))
        found, bad = self._found, self._bad
        self._found, self._bad = [], []
        if found:
            numbers = np.array([number for number, _ in found], np.int64)
            yield from decoded(pa.array([record for _, record in found], pa.binary()), numbers)
        yield from bad

    def finish(self) -> Iterator[Framed]:
        """Yield what was left open at the end."""
        if self._is_passed_over:
            yield too_large(self._number, self._limits.record_bytes, self._open)
        elif self._is_in_record and self._is_in_array:
            beginning = self._open[: self._limits.kept_bytes].decode("utf-8", "replace")
            yield BadFrame(self._number, "cut off: the source ends inside the record", beginning)
        elif self._is_in_array:
            self._end_gap(self._open)
            yield from self._bad
        if self._scanner.depth:
            yield BadEnd("the brackets do not balance: it is cut off or broken, and records may be missing")

    def _follow(self, text: bytes, offset: int, brackets: Brackets) -> int:
        """Go through the brackets around records; return where the last region begins."""
        inner = np.where(brackets.is_open, brackets.depths, brackets.depths + 1)  # the depth inside of the bracket
        around = (inner == self._depth + 1) | ((inner == self._depth) & (self._depth > 0))
        start = 0
        events = zip(
            (brackets.positions[around] + offset).tolist(),
            brackets.is_open[around].tolist(),
            (inner[around] > self._depth).tolist(),
            strict=True,
        )
        for place, is_open, is_record in events:
            if is_record and not is_open:
                self._end_record(text[start : place + 1])
                start = place + 1
            else:
                self._end_gap(text[start:place])
                start = place if is_record else place + 1
            self._is_in_record = is_record and is_open
            if not is_record:
                self._is_in_array = is_open and text[place] == _ARRAY
        return start

    def _end_record(self, record: bytes) -> None:
        if not self._is_in_array:
            return
        if self._is_passed_over or len(record) > self._limits.record_bytes:
            beginning = self._open if self._is_passed_over else record[: self._limits.kept_bytes]
            self._bad.append(too_large(self._number, self._limits.record_bytes, beginning))
            self._is_passed_over = False
        else:
            self._found.append((self._number, record))
        self._number += 1

    def _end_gap(self, gap: bytes) -> None:
        if not self._is_in_array:
            return
        gap = self._open if self._is_passed_over else gap
        self._is_passed_over = False
        if gap.strip(_BETWEEN):
            kept = gap[: self._limits.kept_bytes].decode("utf-8", "replace").strip()
            self._bad.append(BadFrame(self._number, "not a JSON object", kept))
            self._number += 1

    def _leave_open(self, text: bytes, start: int) -> None:
        if self._is_passed_over:
            return
        self._open = text[start:] if self._is_in_array else b""
        if len(self._open) > self._limits.record_bytes:
            self._open = self._open[: self._limits.kept_bytes]
            self._is_passed_over = True
