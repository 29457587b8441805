"""How the records of a source are framed, decided by how it begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import orjson

from windshear.logs.readers.audit import has_audit_record
from windshear.logs.readers.evtx import EVTX_BEGINNING
from windshear.logs.readers.raw_logs import Envelope, envelope_of
from windshear.logs.readers.table_rows import delimiter_of
from windshear.logs.readers.windows_xml import is_windows_xml

_WHITESPACE = b" \t\r\n"
_SEPARATOR = b"\x1e"  # stands before each record of a JSON text sequence
_LINES_LOOKED_AT = 20

# What a source holds that is still packed when it has been unpacked once, or packed in a way that we do not know.
_PACKED = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip data",
    b"\x28\xb5\x2f\xfd": "Zstandard data",
    b"\xfd7zXZ\0": "xz data",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
}
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
_TAR, _TAR_PLACE = b"ustar", 257  # of the header of the first file

# An object whose records stand in an array behind nothing but plain values: S3 delivery (`Records`), Microsoft Graph
# (`value`), Workspace (`items`), Azure diagnostic export (`records`), LookupEvents (`Events`), UDM exports (`events`).
_PLAIN = rb'(?:"(?:[^"\\]|\\.)*+"|[-+.\w]++)'
_WRAPPED = re.compile(
    rb'\s*\{\s*(?:"(?:[^"\\]|\\.)*+"\s*:\s*'
    + _PLAIN
    + rb'\s*,\s*)*+"(?:Records|records|value|items|Events|events)"\s*:\s*\[\s*[{\]]'
)


@dataclass(frozen=True, slots=True)
class Lines:
    """One record per line."""


@dataclass(frozen=True, slots=True)
class Nested:
    """Records are the objects at a depth of brackets: 0 one after the other, 1 in an array, 2 in a wrapper's array."""

    depth: Literal[0, 1, 2]


@dataclass(frozen=True, slots=True)
class Rows:
    """One record per row of a CSV text, behind a header."""

    delimiter: str


@dataclass(frozen=True, slots=True)
class AuditLines:
    """Lines of the Linux audit log, several of which make a record."""


@dataclass(frozen=True, slots=True)
class WindowsXml:
    """Windows events as XML."""


@dataclass(frozen=True, slots=True)
class WindowsFile:
    """A Windows event log file (EVTX)."""


@dataclass(frozen=True, slots=True)
class NotLogs:
    """Nothing that we read."""

    reason: str


@dataclass(frozen=True, slots=True)
class Packed:
    """Something packed that we do not unpack."""

    what: str


Framing = Packed | Lines | Nested | Envelope | Rows | AuditLines | WindowsXml | WindowsFile | NotLogs


def framing_of(head: bytes) -> Framing:
    """Decide from the first bytes of a source.

    >>> framing_of(b'{"Records": [{"eventVersion": "1.08"}]}')
    Nested(depth=2)
    """
    packed = _packed(head)
    if packed is not None:
        return Packed(packed)
    text = head.lstrip(_WHITESPACE)
    if text.startswith(b"["):
        return Nested(1)
    if _WRAPPED.match(text):
        return Nested(2)
    envelope = envelope_of(text)
    if envelope is not None:
        return envelope
    if text.startswith(_SEPARATOR):
        return Nested(0)
    if head.startswith(EVTX_BEGINNING):
        return WindowsFile()
    if is_windows_xml(text):
        return WindowsXml()
    lines = text.split(b"\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    if any(_is_object(line) for line in lines):
        return Lines()
    if any(has_audit_record(line) for line in lines):
        return AuditLines()
    if text.startswith(b"{"):
        return Nested(0)
    if b"\x00" in text:
        return NotLogs("binary data, not text")
    delimiter = delimiter_of(text)
    if delimiter is not None:
        return Rows(delimiter)
    start = text[:20].decode("utf-8", "replace").splitlines()
    return NotLogs(f"not JSON: begins with `{start[0] if start else ''}`")


def _packed(head: bytes) -> str | None:
    if head.startswith(_TAR, _TAR_PLACE):
        return "a tar archive"
    if _BZIP2.match(head):
        return "bzip2 data"
    return next((what for beginning, what in _PACKED.items() if head.startswith(beginning)), None)


def _is_object(line: bytes) -> bool:
    stripped = line.strip(_WHITESPACE)
    if not stripped.startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(stripped), dict)
    except orjson.JSONDecodeError:
        return False
