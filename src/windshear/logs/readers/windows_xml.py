"""Windows events as XML: `wevtutil` output, exports of the event viewer, collectors that write one `<Event>` per line.

Each event is cut out at its tags and parsed on its own, so that a broken one spoils no other, and so that no document
type with its entities can stand before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from windshear.logs.readers.frames import BadFrame, Framed, Frames, too_large
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.windows_event import event_json

_BEGINNING = re.compile(rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*+<Events?[\s>]", re.DOTALL)
# An event may hold elements of the same name (those of AD FS do), but none of this namespace.
_TAG = re.compile(rb"<Event(?=[\s>])(\s+xmlns\s*=\s*.http://schemas\.microsoft\.com/win/)?|</Event\s*>")
_LONGEST_TAG = 128
_BETWEEN = re.compile(rb"<\?[^>]*>|</?Events(?:\s[^>]*)?>|<!--.*?-->", re.DOTALL)
_DOCUMENT_TYPE = "a document type declaration: refused, because its entities can expand without bound"


def is_windows_xml(head: bytes) -> bool:
    """Tell whether a text begins like events in XML."""
    return _BEGINNING.match(head) is not None


def frame_windows_xml(chunks: Iterable[bytes], limits: Limits) -> Iterator[Framed]:
    """Yield the events of a text as JSON, numbered from 1, and what is none."""
    cutter = _Cutter(limits)
    for chunk in chunks:
        yield from cutter.cut(chunk)
    yield from cutter.finish()


class _Cutter:
    """Cuts consecutive chunks at the tags of events.

    A *region* is an event or the text between two. `_open` is the region that the chunks before left open; tags are
    looked for up to where one could go on in the next chunk. A region that gets too large is passed over: `_beginning`
    keeps how it began, `_open` only what may hold half a tag.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._number = 1
        self._open = b""
        self._seen = 0  # tags of `_open` up to here are dealt with
        self._depth = 0  # of elements called `Event`
        self._beginning: bytes | None = None
        self._texts: list[str] = []
        self._numbers: list[int] = []
        self._bad: list[BadFrame] = []

    def cut(self, chunk: bytes) -> Iterator[Framed]:
        """Yield the events that end in the next chunk."""
        text = self._open + chunk
        self._leave_open(text, self._follow(text, max(0, len(text) - _LONGEST_TAG)))
        yield from self._framed()

    def finish(self) -> Iterator[Framed]:
        """Yield what was left open at the end."""
        rest = self._open[self._follow(self._open, len(self._open)) :]
        if self._depth:
            self._end_event(rest, is_whole=False)
        else:
            self._end_gap(rest)
        yield from self._framed()

    def _follow(self, text: bytes, stop: int) -> int:
        """Go through the tags that begin before a place; return where the last region begins."""
        start = 0
        for tag in _TAG.finditer(text, self._seen):
            if tag.start() >= stop:
                break
            self._seen = tag.end()
            if tag.group().startswith(b"</"):
                if self._depth == 1:
                    self._end_event(text[start : tag.end()], is_whole=True)
                    start = tag.end()
                self._depth = max(0, self._depth - 1)
            elif self._depth and not tag.group(1):
                self._depth += 1
            else:
                if self._depth:
                    self._end_event(text[start : tag.start()], is_whole=False)
                else:
                    self._end_gap(text[start : tag.start()])
                start, self._depth = tag.start(), 1
        self._seen = max(self._seen, stop)
        return start

    def _leave_open(self, text: bytes, start: int) -> None:
        self._open, self._seen = text[start:], max(0, self._seen - start)
        if len(self._open) > self._limits.record_bytes or self._beginning is not None:
            if self._beginning is None:
                self._beginning = self._open[: self._limits.kept_bytes]
            kept = max(self._seen, len(self._open) - _LONGEST_TAG)
            self._open, self._seen = self._open[kept:], 0

    def _end_event(self, event: bytes, *, is_whole: bool) -> None:
        if self._is_passed_over():
            return
        if len(event) > self._limits.record_bytes:
            self._bad.append(too_large(self._number, self._limits.record_bytes, event[: self._limits.kept_bytes]))
        elif not is_whole:
            self._put_aside("cut off: the event has no end", event)
        else:
            try:
                self._texts.append(event_json(event))
                self._numbers.append(self._number)
            except ValueError as error:
                self._put_aside(str(error), event)
        self._number += 1

    def _end_gap(self, gap: bytes) -> None:
        if self._is_passed_over():
            return
        rest = _BETWEEN.sub(b"", gap).strip()
        if rest:
            is_refused = b"<!DOCTYPE" in rest or b"<!ENTITY" in rest
            self._put_aside(_DOCUMENT_TYPE if is_refused else "not a Windows event", rest)
            self._number += 1

    def _is_passed_over(self) -> bool:
        """Tell whether the region that ends here was too large, and put its beginning aside."""
        if self._beginning is None:
            return False
        self._bad.append(too_large(self._number, self._limits.record_bytes, self._beginning))
        self._beginning = None
        self._number += 1
        return True

    def _put_aside(self, reason: str, text: bytes) -> None:
        self._bad.append(BadFrame(self._number, reason, text.decode("utf-8", "replace")))

    def _framed(self) -> Iterator[Framed]:
        if self._texts:
            yield Frames(pa.array(self._texts, pa.string()), np.array(self._numbers, np.int64))
        yield from self._bad
        self._texts, self._numbers, self._bad = [], [], []
