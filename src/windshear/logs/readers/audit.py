"""Linux audit text: the records of one event, which share a time and a serial number, joined to one JSON object.

The kernel writes an event as several lines (SYSCALL, EXECVE, CWD, PATH, PROCTITLE), and lines of events that happen
at once stand mixed. An event is complete when its last line is read, or when many others have begun since; what is
still open then is not waited for, so memory is bounded.

The object has the form that Laurel writes: `LOG` (what it is), `ID`, `NODE`, then each record under its type, `PATH` as
an array. `CALL` is the name of the system call, `TYPE` the type of the record that tells what the event is about, and
`MESSAGE` that record if it is neither a system call nor a part of one. More records of a type stand under `..._MORE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import orjson
import pyarrow as pa

from windshear.logs.audit_fields import object_of
from windshear.logs.audit_types import KERNEL_PARTS, TYPE_NUMBERS, call_name
from windshear.logs.readers.frames import BadFrame, Framed, Frames, JoinedLines, OtherRecords, too_large
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.lines import frame_lines

_RECORD = re.compile(
    r"(?:^|.*?[\s:])(?:node=(?P<node>\S{1,255}) {1,9})?type=(?P<type>\S{1,64}) {1,9}"
    r"(?:msg=)?audit\((?P<id>\d{1,12}\.\d{1,6}:\d{1,20})\): ?"
)
_HOST = re.compile(r"^(?:<\d+>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?P<host>\S+) ")
_BETWEEN = re.compile(r"^(?:-{4}|time->.*)$")  # what `ausearch` writes between events
_USUAL = re.compile(rb"type=([A-Z_]+) msg=audit\((\d{1,12}\.\d{3}:\d{1,20})\): ")
_CALL = re.compile(rb"\s*arch=(\w+) (?:per=\w+ )?syscall=(\w+)")
_MOST_OPEN = 1_000
_HEAD = 2_048  # characters in which a record must begin
_END = "EOE"


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


@dataclass(slots=True)
class _Open:
    """An event that lines are still added to: JSON of its records by type."""

    number: int
    first: bytes
    node: str | None
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    lines: int = 0
    size: int = 0


class _Joiner:
    """Joins the lines of one source."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: dict[tuple[bytes, str | None], _Open] = {}
        self._done: list[_Open] = []

    def join(self, frames: Frames) -> Iterator[Framed]:
        """Add lines; yield the events that are complete, and lines that are no audit record."""
        bad: list[Framed] = []
        others: list[int] = []
        texts = frames.texts.cast(pa.binary()).to_pylist()
        for line, number in zip(texts, frames.numbers.tolist(), strict=True):
            usual = _USUAL.match(line)
            if usual is not None:
                self._add(usual[1].decode(), usual[2], None, line[usual.end() :], number, line)
            else:
                problem = self._add_unusual(line, number)
                if problem and b"audit(" in line:
                    bad.append(BadFrame(number, problem, line.decode()))
                elif problem:
                    others.append(number)
        if others:
            bad.append(OtherRecords(others[0], len(others), "no record of the audit log"))
        yield from bad
        yield from self._close(len(self._open) - _MOST_OPEN)

    def finish(self) -> Iterator[Framed]:
        """Yield what is left."""
        yield from self._close(len(self._open))

    def _add_unusual(self, line: bytes, number: int) -> str:
        text = line.decode()
        found = _RECORD.match(text, 0, _HEAD)
        if found is None:
            if _BETWEEN.match(text):
                return ""
            return "not an audit record: expected `type=... msg=audit(time:serial): ...`"
        node = found["node"]
        if node is None and found.start("type") > len("type="):
            host = _HOST.match(text)
            node = host["host"] if host else None
        kind = TYPE_NUMBERS.get(found["type"].removeprefix("UNKNOWN[").rstrip("]"), found["type"])
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*(\[\d+\])?|\d+", kind):
            return "not an audit record: its type is no word in capitals"
        self._add(kind, found["id"].encode(), node, text[found.end() :].encode(), number, line)
        return ""

    def _add(self, kind: str, serial: bytes, node: str | None, body: bytes, number: int, line: bytes) -> None:
        key = (serial, node)
        event = self._open.get(key)
        if event is None:
            event = self._open[key] = _Open(number, line[: self._limits.kept_bytes], node)
        event.lines += 1
        event.size += len(body)
        if event.size > self._limits.record_bytes:
            event.parts.clear()
        elif kind != _END:
            event.parts.append((kind, body))

    def _close(self, count: int) -> Iterator[Framed]:
        """Yield the oldest events."""
        if count <= 0:
            return
        keys = list(self._open)[:count]
        texts: list[bytes] = []
        numbers: list[int] = []
        lines = 0
        for key in keys:
            event = self._open.pop(key)
            lines += event.lines
            if event.size > self._limits.record_bytes:
                yield too_large(event.number, self._limits.record_bytes, event.first)
            elif not event.parts:
                yield BadFrame(event.number, "an audit event without records but its end", event.first.decode())
            else:
                texts.append(written_event(key[0], event.node, event.parts))
                numbers.append(event.number)
        yield JoinedLines(lines, len(keys))
        if texts:
            yield Frames(pa.array(texts, pa.binary()).cast(pa.string()), np.array(numbers, np.int64))


def written_event(serial: bytes, node: str | None, parts: list[tuple[str, bytes]]) -> bytes:
    """Return an event as JSON text, given the types and fields of its records."""
    by_type: dict[str, list[bytes]] = {}
    for kind, body in parts:
        by_type.setdefault(kind, []).append(body)
    about = next((kind for kind in by_type if kind not in KERNEL_PARTS), None)
    primary = about or ("SYSCALL" if "SYSCALL" in by_type else parts[0][0])
    pieces = [b'{"LOG":"linux audit","ID":"', serial, b'","TYPE":"', primary.encode(), b'"']
    if node is not None:
        pieces += [b',"NODE":', orjson.dumps(node)]
    call = _CALL.match(by_type["SYSCALL"][0]) if "SYSCALL" in by_type else None
    called = None if call is None else call_name(call[1].decode(), call[2].decode())
    if called is not None:
        pieces += [b',"CALL":"', called.encode(), b'"']
    for kind, written in by_type.items():
        name = b"MESSAGE" if kind == about else kind.encode()
        bodies = [b" ".join(written)] if kind == "EXECVE" else written  # many arguments go on in further records
        objects = [object_of(kind, body) for body in bodies]
        if kind == "PATH":
            pieces += [b',"PATH":[', b",".join(objects), b"]"]
            continue
        pieces += [b',"', name, b'":', objects[0]]
        if len(objects) > 1:
            pieces += [b',"', name, b'_MORE":[', b",".join(objects[1:]), b"]"]
    pieces.append(b"}")
    return b"".join(pieces)
