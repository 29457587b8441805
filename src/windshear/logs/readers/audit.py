"""Linux audit text: the records of one event, which share a time and a serial number, joined to one JSON object.

The kernel writes an event as several lines (SYSCALL, EXECVE, CWD, PATH, PROCTITLE), and lines of events that happen
at once stand mixed. An event is complete when many others have begun since, or the source ends; lines of open events
are kept as they were read, with a bound, so memory is bounded. `audit_event` says how an event is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.audit_types import TYPE_NUMBERS
from windshear.logs.readers.audit_event import EVENT_END, joined_events
from windshear.logs.readers.frames import (
    BadFrame,
    Framed,
    Frames,
    JoinedLines,
    OtherRecords,
    UnwrittenFrames,
    too_large,
)
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.lines import frame_lines
from windshear.logs.record import Indices
from windshear.logs.text_slices import places, slices

_RECORD = re.compile(
    r"(?:^|.*?[\s:])(?:node=(?P<node>\S{1,255}) {1,9})?type=(?P<type>\S{1,64}) {1,9}"
    r"(?:msg=)?audit\((?P<id>\d{1,12}\.\d{1,6}:\d{1,20})\):"
)
_HOST = re.compile(r"^(?:<\d+>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?P<host>\S+) ")
_BETWEEN = re.compile(r"^(?:-{4}|time->.*)$")  # what `ausearch` writes between events
_TYPE = re.compile(r"[A-Z][A-Z0-9_]*(\[\d+\])?|\d+")
_USUAL = r"^type=[A-Z][A-Z_]{0,17} msg=audit\(\d{1,12}\.\d{3}:\d{1,14}\):"
_USUAL_BYTES = 72  # more than what the pattern finds
_BEFORE_TYPE, _BEFORE_SERIAL = len("type="), len(" msg=audit(")
_TYPE_BYTES = 24  # of what stands before the blank
_MOST_OPEN = 1_000  # events; one that is older is complete
_BYTES_TOGETHER = 4 << 20  # of lines that are joined at once: more than the open ones, which each round looks at again
_BLANK, _END = pa.scalar(" "), pa.scalar(EVENT_END)
_HEAD = 2_048  # characters in which a record must begin

_LINES = pa.schema(
    {
        "key": pa.string(),  # the event: its serial, and its node if it has one
        "serial": pa.string(),
        "node": pa.string(),
        "kind": pa.string(),
        "body": pa.string(),  # what stands behind the serial
        "text": pa.string(),  # the whole line, where it is more than type, serial and body
        "number": pa.int64(),
        "size": pa.int64(),
        "lines": pa.int64(),  # more than 1 where a line stands for others of an event that is too large
    }
)


def has_audit_record(line: bytes) -> bool:
    """Tell whether a line is a record of the audit log, bare or behind the prefix of syslog."""
    return _RECORD.match(line[:_HEAD].decode("utf-8", "replace")) is not None


def frame_audit(chunks: Iterable[bytes], limits: Limits) -> Iterator[Framed]:
    """Yield the events of an audit log in the order of their first lines, numbered by that line."""
    joiner = _Joiner(limits)
    for framed in frame_lines(chunks, limits):
        if isinstance(framed, Frames):
            yield from joiner.join(framed)
        else:
            yield framed
    yield from joiner.finish()


class _Joiner:
    """Joins the lines of one source."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open = _LINES.empty_table()
        self._added: list[pa.Table] = []
        self._size = 0

    def join(self, frames: Frames) -> Iterator[Framed]:
        """Add lines; yield the events that are complete, and lines that are no audit record."""
        usual, unusual = _usual(frames)
        if len(unusual):
            table, bad = _unusual(frames, unusual)
            yield from bad
            usual = pa.concat_tables([usual, table]).sort_by("number")
        self._added.append(usual)
        self._size += frames.texts.nbytes
        if self._size > _BYTES_TOGETHER:
            yield from self._close(_MOST_OPEN)

    def finish(self) -> Iterator[Framed]:
        """Yield what is left."""
        yield from self._close(0)

    def _close(self, left_open: int) -> Iterator[Framed]:
        """Yield the oldest events, but for so many of the newest."""
        lines = pa.concat_tables([self._open, *self._added])
        self._added.clear()
        self._size = 0
        if not len(lines):
            return
        events = _events(lines.column("key").combine_chunks())
        count = int(events.max()) + 1
        is_large = np.bincount(events, lines.column("size").to_numpy()) > self._limits.record_bytes
        if is_large.any():
            lines, events = _without_bodies(lines, events, is_large)
        closed = max(0, count - left_open)
        is_closed = events < closed
        stop = int(np.count_nonzero(is_closed))
        if is_closed[:stop].all():
            complete, self._open = lines.slice(0, stop), lines.slice(stop)
        else:
            complete, self._open = lines.filter(pa.array(is_closed)), lines.filter(pa.array(~is_closed))
        self._open = self._open.combine_chunks()
        if closed:
            yield from self._written(complete.combine_chunks(), events[is_closed], closed, is_large)

    def _written(
        self, lines: pa.Table, events: Indices, count: int, is_large: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> Iterator[Framed]:
        yield JoinedLines(pc.sum(lines.column("lines")).as_py(), count)
        first = np.unique(events, return_index=True)[1]
        numbers = lines.column("number").to_numpy()[first]
        is_end = pc.equal(lines.column("kind"), _END).to_numpy()
        has_records = np.bincount(events, ~is_end, count) > 0
        for event in np.flatnonzero(is_large[:count] | ~has_records):
            text = _text(lines.slice(int(first[event]), 1).to_pylist()[0])
            if is_large[event]:
                beginning = text.encode()[: self._limits.kept_bytes]
                yield too_large(int(numbers[event]), self._limits.record_bytes, beginning)
            else:
                yield BadFrame(int(numbers[event]), "an audit event without records but its end", text)
        is_written = ~is_end & ~is_large[events]
        if is_written.any():
            if not is_written.all():
                lines, events = lines.filter(pa.array(is_written)).combine_chunks(), events[is_written]
            yield UnwrittenFrames(joined_events(lines, events), numbers[~is_large[:count] & has_records])


def _events(keys: pa.StringArray) -> Indices:
    """Return the event of each line, numbered by first lines; a line whose event is no longer open begins a new one."""
    events: Indices = keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    begun = np.maximum.accumulate(events) + 1
    if (begun - events <= _MOST_OPEN).all():
        return events
    newest: dict[str, int] = {}
    count = 0
    for line, key in enumerate(keys.to_pylist()):
        event = newest.get(key, -1)
        if event < 0 or count - event > _MOST_OPEN:
            event = newest[key] = count
            count += 1
        events[line] = event
    return events


def _text(line: dict[str, str]) -> str:
    return line["text"] or f"type={line['kind']} msg=audit({line['serial']}):{line['body']}"


def _usual(frames: Frames) -> tuple[pa.Table, Indices]:
    """Return the lines that begin with `type=` as the kernel writes it, and the places of the others."""
    is_usual = pc.match_substring_regex(frames.texts, _USUAL).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(is_usual)
    texts, numbers = frames.texts, frames.numbers
    if len(rows) < len(texts):
        texts, numbers = texts.filter(pa.array(is_usual)), numbers[rows]
    data, starts = places(texts)
    heads = _heads(np.frombuffer(data, np.uint8), starts[:-1])
    blank = starts[:-1] + (heads[:, :_TYPE_BYTES] == ord(" ")).argmax(axis=1)
    closing = starts[:-1] + (heads == ord(")")).argmax(axis=1)
    serials = slices(data, blank + _BEFORE_SERIAL, closing)
    bodies = slices(data, closing + 2, starts[1:])
    kinds = slices(data, starts[:-1] + _BEFORE_TYPE, blank)
    none = pa.nulls(len(texts), pa.string())
    return _table(serials, none, kinds, bodies, none, numbers), np.flatnonzero(~is_usual)


def _heads(text: np.ndarray[tuple[int], np.dtype[np.uint8]], starts: Indices) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the first bytes of lines; the last lines may be shorter."""
    whole = int(np.searchsorted(starts, len(text) - _USUAL_BYTES, "right"))
    rest = int(starts[whole]) if whole < len(starts) else len(text)
    end = np.concatenate([text[rest:], np.zeros(_USUAL_BYTES, np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view
    heads = windows(text, _USUAL_BYTES)[starts[:whole]] if whole else np.zeros((0, _USUAL_BYTES), np.uint8)
    return np.concatenate([heads, windows(end, _USUAL_BYTES)[starts[whole:] - rest]])


def _unusual(frames: Frames, rows: Indices) -> tuple[pa.Table, list[Framed]]:
    """Return the lines with a node, behind a prefix or of a nameless type; and those that are no audit record."""
    bad: list[Framed] = []
    others: list[int] = []
    found: list[tuple[str, str | None, str, str, str, int]] = []
    texts = frames.texts.take(pa.array(rows)).to_pylist()
    for text, number in zip(texts, frames.numbers[rows].tolist(), strict=True):
        record = _record(text)
        if not isinstance(record, str):
            found.append((*record, text, number))
        elif record and "audit(" in text:
            bad.append(BadFrame(number, record, text))
        elif record:
            others.append(number)
    if others:
        bad.append(OtherRecords(others[0], len(others), "no record of the audit log"))
    columns = list(zip(*found, strict=True)) if found else [()] * 6
    serials, nodes, kinds, bodies, lines = (pa.array(column, pa.string()) for column in columns[:5])
    return _table(serials, nodes, kinds, bodies, lines, np.array(columns[5], np.int64)), bad


def _record(text: str) -> tuple[str, str | None, str, str] | str:
    """Return serial, node, type and body of a line, or why it is no audit record; nothing for what is between."""
    found = _RECORD.match(text, 0, _HEAD)
    if found is None:
        return "" if _BETWEEN.match(text) else "not an audit record: expected `type=... msg=audit(time:serial): ...`"
    node = found["node"]
    if node is None and found.start("type") > _BEFORE_TYPE:
        host = _HOST.match(text)
        node = host["host"] if host else None
    kind = TYPE_NUMBERS.get(found["type"].removeprefix("UNKNOWN[").rstrip("]"), found["type"])
    if not _TYPE.fullmatch(kind):
        return "not an audit record: its type is no word in capitals"
    return found["id"], node, kind, text[found.end() :]


def _table(
    serials: pa.StringArray,
    nodes: pa.StringArray,
    kinds: pa.StringArray,
    bodies: pa.StringArray,
    texts: pa.StringArray,
    numbers: Indices,
) -> pa.Table:
    keys = serials
    if nodes.null_count < len(nodes):
        keys = pc.coalesce(pc.binary_join_element_wise(serials, nodes, _BLANK), serials)  # null without a node
    sizes = pc.cast(pc.binary_length(bodies), pa.int64())
    ones = pa.array(np.ones(len(serials), np.int64))
    columns = [keys, serials, nodes, kinds, bodies, texts, pa.array(numbers, pa.int64()), sizes, ones]
    return pa.Table.from_arrays(columns, schema=_LINES)


def _without_bodies(
    lines: pa.Table, events: Indices, is_large: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[pa.Table, Indices]:
    """Let the first line of each event that is too large stand for all of them."""
    first = np.unique(events, return_index=True)[1]
    is_first = np.zeros(len(events), np.bool_)
    is_first[first] = True
    kept = is_first | ~is_large[events]
    rows = events[kept]
    reduced = lines.filter(pa.array(kept))
    for name in ("size", "lines"):
        sums = np.bincount(events, lines.column(name).to_numpy()).astype(np.int64)
        values = np.where(is_large[rows], sums[rows], reduced.column(name).to_numpy())
        reduced = reduced.set_column(reduced.column_names.index(name), name, pa.array(values, pa.int64()))
    bodies = pc.if_else(pa.array(is_large[rows]), "", reduced.column("body"))
    return reduced.set_column(reduced.column_names.index("body"), "body", bodies), rows
