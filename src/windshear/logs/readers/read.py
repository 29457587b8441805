"""Read inputs: files, folders and standard input as batches of raw records.

Small sources share a batch, because a statement per file would cost more than its records. Memory is bounded by
`Limits`, whatever the sources are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np
import pyarrow as pa

from windshear.logs.first_key import parse_first_key
from windshear.logs.quarantine import Quarantined, Skipped, SourceProblem
from windshear.logs.readers.archive import ZIP_BEGINNINGS, beginning, files_in, seekable
from windshear.logs.readers.audit import frame_audit
from windshear.logs.readers.elements import frame_elements
from windshear.logs.readers.evtx import frame_evtx
from windshear.logs.readers.folder import files_below
from windshear.logs.readers.frames import BadEnd, BadFrame, Framed, Frames, JoinedLines, OtherRecords, UnwrittenFrames
from windshear.logs.readers.framing import AuditLines, Lines, NotLogs, Packed, Rows, WindowsFile, WindowsXml, framing_of
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.lines import frame_lines
from windshear.logs.readers.parquet import PARQUET, NotEventsError, frame_parquet
from windshear.logs.readers.raw_logs import Envelope, frame_raw_logs
from windshear.logs.readers.stream import BrokenStreamError, utf8_chunks
from windshear.logs.readers.table_rows import frame_rows
from windshear.logs.readers.windows_xml import frame_windows_xml
from windshear.logs.record import RecordBatch, join_batches

STANDARD_INPUT = "-"

ReadItem = RecordBatch | Quarantined | SourceProblem | JoinedLines | Skipped

_WHITESPACE = b" \t\r\n"
_LOOKED_UP = '"CloudTrailEvent"'
_LARGE, _TIMES = 64 << 10, 4  # bytes of a record, and how often those of a larger one count


def read(inputs: Iterable[str], standard_input: BinaryIO, limits: Limits | None = None) -> Iterator[ReadItem]:
    """Yield what the inputs hold: batches, records that cannot be framed, and sources that cannot be read."""
    bounds = limits or Limits()
    yield from _batched(_bounded(_items(inputs, standard_input, bounds), bounds), bounds)


def _items(inputs: Iterable[str], standard_input: BinaryIO, limits: Limits) -> Iterator[ReadItem]:
    for name in inputs:
        if name == STANDARD_INPUT:
            yield from read_stream(standard_input, name, limits)
            continue
        path = Path(name)
        for file in files_below(path) if path.is_dir() else [path]:
            yield from _read_file(file, limits)


def _read_file(path: Path, limits: Limits) -> Iterator[ReadItem]:
    source = source_name(str(path))
    try:
        stream = path.open("rb")
    except OSError as error:
        yield SourceProblem(source, error.strerror or str(error), "unreadable")
        return
    with stream:
        yield from read_stream(stream, source, limits)


def source_name(path: str) -> str:
    """Return the name of a file as text that can be written anywhere: bytes that are no UTF-8 are escaped."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_stream(stream: BinaryIO, source: str, limits: Limits) -> Iterator[ReadItem]:
    """Yield what one stream holds, or each file in it if it is an archive."""
    if beginning(stream) not in ZIP_BEGINNINGS:
        yield from _read_one(stream, source, limits)
        return
    for found in files_in(stream, source):
        if isinstance(found, SourceProblem):
            yield found
        else:
            yield from _read_one(found[0], found[1], limits, is_packed=True)


def _read_one(stream: IO[bytes], source: str, limits: Limits, *, is_packed: bool = False) -> Iterator[ReadItem]:
    """Yield what one stream holds, in batches of what one chunk gives."""
    has_records = False
    try:
        for framed in _frames_of(stream, limits, is_packed=is_packed):
            has_records = True
            yield _item(framed, source)
    except BrokenStreamError as error:
        yield SourceProblem(source, str(error), "partial" if has_records else "unreadable")
    except (_NotLogsError, NotEventsError) as error:
        yield SourceProblem(source, str(error), "not logs")


def _frames_of(stream: IO[bytes], limits: Limits, *, is_packed: bool) -> Iterator[Framed]:
    if beginning(stream) == PARQUET:
        with seekable(stream) as whole:
            yield from frame_parquet(whole, limits)
        return
    chunks = utf8_chunks(stream, limits, is_packed=is_packed)
    head, rest = _divided(chunks, limits)
    yield from _framed(head, rest, limits)


def _divided(chunks: Iterator[bytes], limits: Limits) -> tuple[bytes, Iterator[bytes]]:
    """Return the beginning of a text, enough to see how it is framed, and the rest; no text at all is no problem."""
    head = b""
    try:
        for chunk in chunks:
            head += chunk
            is_blank = not head.strip(_WHITESPACE)
            if len(head) >= limits.head_bytes and not is_blank:
                break
            if len(head) > limits.record_bytes and is_blank:
                raise _NotLogsError("nothing but white space at its beginning")
    except BrokenStreamError as error:
        return head, _broken(error)
    return head, chunks


def _broken(error: BrokenStreamError) -> Iterator[bytes]:
    """Be a rest that cannot be read, so that what was read before it is."""
    yield b""
    raise error


class _NotLogsError(Exception):
    """The source is nothing that we read."""


def _framed(first: bytes, rest: Iterator[bytes], limits: Limits) -> Iterator[Framed]:
    if not first.strip(_WHITESPACE):
        yield from frame_lines(rest, limits)  # nothing, or it cannot be read
        return
    chunks = chain([first], rest)
    match framing_of(first):
        case NotLogs(reason):
            raise _NotLogsError(reason)
        case Packed(what):
            raise BrokenStreamError(f"holds {what}; unpack it first")
        case Lines():
            yield from frame_lines(chunks, limits)
        case Rows(delimiter):
            yield from frame_rows(chunks, delimiter, limits)
        case AuditLines():
            yield from frame_audit(chunks, limits)
        case WindowsXml():
            yield from frame_windows_xml(chunks, limits)
        case WindowsFile():
            yield from frame_evtx(chunks, limits)
        case Envelope() as envelope:
            yield from frame_raw_logs(chunks, envelope, limits, _framed)
        case nested:
            yield from frame_elements(chunks, nested.depth, limits)


def _item(framed: Framed, source: str) -> ReadItem:
    match framed:
        case BadFrame(number, reason, text):
            return Quarantined(source, number, reason, text)
        case BadEnd(reason):
            return SourceProblem(source, reason, "partial")
        case JoinedLines():
            return framed
        case OtherRecords(number, count, reason):
            return Skipped(source, number, count, reason)
        case Frames(texts, numbers):
            return RecordBatch(_looked_up(texts), (source,), np.zeros(len(texts), np.int64), numbers)
        case UnwrittenFrames(records, numbers):
            return RecordBatch(records, (source,), np.zeros(len(records), np.int64), numbers)


def _looked_up(texts: pa.StringArray) -> pa.StringArray:
    """Take the record out of a LookupEvents answer, which holds it as a string: that string is the raw record."""
    if _LOOKED_UP not in texts[0].as_py():
        return texts
    return pa.array([_inner(text) for text in texts.to_pylist()], pa.string())


def _inner(text: str) -> str:
    try:
        outer = parse_first_key(text)
    except ValueError:
        return text
    inner = outer.get("CloudTrailEvent") if isinstance(outer, dict) else None
    return inner if isinstance(inner, str) else text


def _bounded(items: Iterable[ReadItem], limits: Limits) -> Iterator[ReadItem]:
    """Take out records with too many values."""
    for item in items:
        if not isinstance(item, RecordBatch):
            yield item
            continue
        large = np.flatnonzero(item.sizes > limits.record_values).tolist()  # others cannot have as many
        refused = [index for index in large if _most_values(item.text(index)) > limits.record_values]
        for index in refused:
            origin = item.origin(index)
            reason = f"record too large: more than {limits.record_values} commas and opening brackets"
            yield Quarantined(origin.source, origin.number, reason, item.text(index)[: limits.kept_bytes])
        if len(refused) < len(item):
            yield item.take(np.delete(np.arange(len(item), dtype=np.int64), refused)) if refused else item


def _most_values(text: str) -> int:
    """Return how many values a JSON text can hold, those of JSON in its strings included."""
    return sum(map(text.count, ",[{"))


def _batched(items: Iterable[ReadItem], limits: Limits) -> Iterator[ReadItem]:
    """Join small batches and split large ones."""
    waiting: list[RecordBatch] = []
    records = size = 0
    for item in items:
        if not isinstance(item, RecordBatch):
            yield item
            continue
        for part, weight in _parts(item, limits):
            if waiting and (records + len(part) > limits.batch_records or size + weight > limits.batch_bytes):
                yield _joined(waiting)
                records = size = 0
            waiting.append(part)
            records, size = records + len(part), size + weight
            if records > limits.batch_records // 2 or size > limits.batch_bytes // 2:
                yield _joined(waiting)
                records = size = 0
    if waiting:
        yield _joined(waiting)


def _joined(waiting: list[RecordBatch]) -> RecordBatch:
    """Join batches and let go of them, so that they are not held while the joined one is worked on."""
    joined = join_batches(waiting)
    waiting.clear()
    return joined


def _parts(batch: RecordBatch, limits: Limits) -> Iterator[tuple[RecordBatch, int]]:
    """Cut a batch into pieces that are within the limits, but for a single record larger than a batch.

    With each comes its size, in which large records count several times: they are held in as many forms at once, while
    of small ones a few thousand are.
    """
    sizes = batch.sizes
    ends = np.cumsum(np.where(sizes > _LARGE, _TIMES * sizes, sizes))
    start = before = 0
    while start < len(batch):
        stop = int(np.searchsorted(ends, before + limits.batch_bytes, side="right"))
        stop = max(start + 1, min(stop, start + limits.batch_records))
        end = int(ends[stop - 1])
        yield batch.slice(start, stop), end - before
        start, before = stop, end
