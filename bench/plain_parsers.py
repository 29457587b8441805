"""Plain parsers to measure against: what one would write in Python to get at the same records, and no more."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import orjson

_HEAD = re.compile(r"type=(\S+) msg=audit\((\d+\.\d+):(\d+)\): ?(.*)")
_FIELD = re.compile(r"""(\w+(?:\[\d+\])?)=("[^"]*"|'[^']*'|\S+)""")
_HEXADECIMAL = re.compile(r"(?:[0-9A-F]{2})+")
_ENCODED = frozenset(["acct", "cmd", "comm", "cwd", "exe", "key", "name", "path", "proctitle"])
_OF_CALLS = ("exe", "pid", "ppid", "uid", "auid", "comm", "success", "key", "syscall", "ses")
_OF_OTHERS = ("acct", "addr", "hostname", "terminal", "res", "op", "exe", "pid", "uid", "auid", "ses")

_Event = dict[str, object]


def parse_audit(path: Path) -> int:
    """Read a Linux audit log line by line: one expression over fields, events by time and serial."""
    records: dict[tuple[str, str], list[tuple[str, dict[str, str]]]] = {}
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            found = _HEAD.match(line)
            if found is not None:
                fields: dict[str, str] = {}
                _add_fields(found[4].replace("\x1d", " "), fields)
                records.setdefault((found[2], found[3]), []).append((found[1], fields))
    return len([_event(time, parts) for (time, _), parts in records.items()])


def _add_fields(body: str, fields: dict[str, str]) -> None:
    for name, value in _FIELD.findall(body):
        if value[0] == "'":
            _add_fields(value[1:-1], fields)
        elif value[0] == '"':
            fields.setdefault(name, value[1:-1])
        elif name in _ENCODED and _HEXADECIMAL.fullmatch(value):
            fields.setdefault(name, bytes.fromhex(value).decode("utf-8", "replace").replace("\0", " "))
        else:
            fields.setdefault(name, value)


def _event(time: str, parts: list[tuple[str, dict[str, str]]]) -> _Event:
    event: _Event = {"time": int(float(time) * 1_000_000)}
    paths: list[str | None] = []
    for kind, fields in parts:
        match kind:
            case "EXECVE":
                event["command"] = " ".join(fields.get(f"a{number}", "") for number in range(int(fields["argc"])))
            case "CWD":
                event["cwd"] = fields.get("cwd")
            case "PATH":
                paths.append(fields.get("name"))
            case "PROCTITLE":
                event["title"] = fields.get("proctitle")
            case _:
                wanted = _OF_CALLS if kind == "SYSCALL" else _OF_OTHERS
                event |= {name: fields.get(name) for name in wanted}
    event["paths"] = paths
    return event


def parse_xml(path: Path) -> int:
    """Read Windows events in XML one by one with the standard library: what stands under which name."""
    count = 0
    documents = ET.iterparse(path, ["start", "end"])  # noqa: S314 (a file of our own)
    _, root = next(documents)
    for happened, element in documents:
        if happened == "end" and element.tag.endswith("}Event"):
            _named(element)
            count += 1
            root.clear()
    return count


def _named(element: ET.Element) -> _Event:
    found: _Event = {}
    for part in element:
        for child in part:
            name = child.get("Name") or child.tag.rpartition("}")[2]
            found[name] = child.text or dict(child.attrib)
    return found


def parse_evtx(path: Path) -> int:
    """Read a Windows event log file with the package alone: each event as parsed JSON."""
    from evtx import PyEvtxParser  # noqa: PLC0415 (an extra)

    events = PyEvtxParser(str(path), number_of_threads=1).records_json()
    return sum(orjson.loads(event["data"]) is not None for event in events if event is not None)
