"""Raw logs in an envelope: exports and ingestion requests of Google SecOps hold each raw log as a text, or as base64.

The text of an entry is the record. What the first entry holds decides for all: JSON objects are records one by one,
any other text is put together line by line and read as if it stood alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import orjson
import pyarrow as pa

from windshear.logs.readers.elements import frame_elements
from windshear.logs.readers.frames import BadFrame, Framed, Frames, decoded
from windshear.logs.readers.limits import Limits

_PACKED = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_MEMBER = rb'(?:"(?:[^"\\]|\\.)*+"\s*:\s*(?:"(?:[^"\\]|\\.)*+"|[-+.\w]++)\s*,\s*)*+'


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope of raw logs: objects at a depth of brackets are entries, and `key` is where each holds its log."""

    depth: int
    key: str


def _beginning(*keys: bytes) -> re.Pattern[bytes]:
    """Match an object that holds an array under a chain of keys, behind nothing but plain values."""
    return re.compile(rb"\s*\{\s*" + rb"\s*\{\s*".join(_MEMBER + key + rb"\s*:" for key in keys) + rb"\s*\[\s*[{\]]")


_ENVELOPES = (
    # a batch of raw logs, as the tests of public parsers keep them
    (_beginning(rb'"raw_?[lL]ogs"', rb'"entries"'), Envelope(3, "data")),
    # the request `logs.import`
    (_beginning(rb'"inline_?[sS]ource"', rb'"logs"'), Envelope(3, "data")),
    # the request `unstructuredlogentries:batchCreate`
    (_beginning(rb'"entries"'), Envelope(2, "log_text")),
)

Framing = Callable[[bytes, Iterator[bytes], Limits], Iterator[Framed]]


def envelope_of(head: bytes) -> Envelope | None:
    """Return the envelope of raw logs that a text begins with.

    >>> envelope_of(b'{"create_time": "2026-01-01", "raw_logs": {"entries": [{"data": "{}"}]}}')
    Envelope(depth=3, key='data')
    """
    return next((envelope for pattern, envelope in _ENVELOPES if pattern.match(head)), None)


def frame_raw_logs(
    chunks: Iterable[bytes], envelope: Envelope, limits: Limits, frame_text: Framing
) -> Iterator[Framed]:
    """Yield the raw logs of an envelope, numbered by entry; `frame_text` frames those that are no JSON objects."""
    unpacked = _unpacked(frame_elements(chunks, envelope.depth, limits), envelope.key)
    before: list[Framed] = []
    for framed in unpacked:
        if isinstance(framed, Frames):
            if framed.texts[0].as_py().startswith("{"):
                yield from (*before, framed)
                yield from unpacked
            else:
                yield from _as_one_text(chain([framed], unpacked), before, limits, frame_text)
            return
        before.append(framed)
    yield from before


def _as_one_text(
    unpacked: Iterable[Framed], others: list[Framed], limits: Limits, frame_text: Framing
) -> Iterator[Framed]:
    """Frame the texts of all entries as the lines of one text; entries without one come at the end."""

    def chunks() -> Iterator[bytes]:
        for framed in unpacked:
            if isinstance(framed, Frames):
                yield "".join(f"{text}\n" for text in framed.texts.to_pylist()).encode()
            else:
                others.append(framed)

    text, head = chunks(), b""
    for chunk in text:  # enough to see how it is framed
        head += chunk
        if len(head) >= limits.head_bytes:
            break
    yield from frame_text(head, text, limits)
    yield from others


def _unpacked(entries: Iterable[Framed], key: str) -> Iterator[Framed]:
    for framed in entries:
        if not isinstance(framed, Frames):
            yield framed
            continue
        texts: list[str] = []
        numbers: list[int] = []
        bad: list[Framed] = []
        for entry, number in zip(framed.texts.to_pylist(), framed.numbers.tolist(), strict=True):
            found = _raw_log(entry, key)
            if found is None:
                bad.append(BadFrame(number, f"an entry without the text of a raw log in `{key}`", entry))
            else:
                texts.append(found)
                numbers.append(number)
        if texts:
            packed = pa.array([text.encode("utf-8", "replace") for text in texts], pa.binary())
            yield from decoded(packed, np.array(numbers, np.int64))
        yield from bad


def _raw_log(entry: str, key: str) -> str | None:
    try:
        found = orjson.loads(entry)
    except orjson.JSONDecodeError:
        return None
    text = found.get(key) if isinstance(found, dict) else None
    if not isinstance(text, str) or not text.strip():
        return None
    if not _PACKED.fullmatch(text):
        return text
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return text
