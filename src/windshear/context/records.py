"""Records of a context that are read one after the other: entities and earlier detections.

They stand one per line in a file, or in a list inside the context's JSON. What cannot be used is told with its number
and reason, and the rest is read on; nothing is held but the record at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson

from windshear.core.errors import InputError
from windshear.udm.proto_json import EventProblem, read_event
from windshear.udm.schema import Root

Canonical = Mapping[str, object]
Judge = Callable[[Canonical, Sequence[EventProblem]], str | None]

_LARGEST_RECORD = 16 << 20  # bytes, as for raw logs
_KEPT = 1024  # bytes of a record that is too large


@dataclass(frozen=True, slots=True)
class ContextRecord:
    """One record in canonical form, with its text, its source and its number there, from 1."""

    number: int
    text: str
    value: Canonical
    source: str


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that cannot be used, and why."""

    number: int
    text: str
    reason: str
    source: str


class RecordSource(Protocol):
    """Where records come from."""

    @property
    def name(self) -> str:
        """The file or the part of it, or several."""

    def read(self) -> Iterator[ContextRecord | BrokenRecord]:
        """Yield the records from the start."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the records are: their message of the UDM schema, and what makes one unusable."""

    root: Root
    problem: Judge


@dataclass(frozen=True, slots=True)
class RecordLines:
    """One record per line of a file. Blank lines do not count."""

    path: Path
    kind: Kind

    @property
    def name(self) -> str:
        """The file."""
        return str(self.path)

    def read(self) -> Iterator[ContextRecord | BrokenRecord]:
        """Yield the records from the start; `InputError` if the file cannot be read."""
        try:
            with self.path.open("rb") as stream:
                for number, line in enumerate(_lines(stream.readline), start=1):
                    text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                    if text.strip():
                        yield _read_text(number, text, self.kind, self.name)
        except OSError as error:
            raise InputError(f"cannot read context `{self.path}`: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class RecordList:
    """Records that were read with the JSON around them."""

    name: str
    values: Sequence[object]
    kind: Kind

    def read(self) -> Iterator[ContextRecord | BrokenRecord]:
        """Yield the records from the start."""
        for number, value in enumerate(self.values, start=1):
            yield _read(number, orjson.dumps(value).decode(), value, self.kind, self.name)


@dataclass(frozen=True, slots=True)
class RecordSources:
    """Several sources, one after the other."""

    sources: Sequence[RecordSource]

    @property
    def name(self) -> str:
        """All of them."""
        return " and ".join(source.name for source in self.sources)

    def read(self) -> Iterator[ContextRecord | BrokenRecord]:
        """Yield the records from the start."""
        for source in self.sources:
            yield from source.read()


def _lines(readline: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield lines; of one that is too long, its beginning, which is longer than a record may be."""
    while line := readline(_LARGEST_RECORD + 1):
        yield line
        while len(line) > _LARGEST_RECORD and not line.endswith(b"\n"):
            line = readline(_LARGEST_RECORD + 1)


def _read_text(number: int, line: bytes, kind: Kind, source: str) -> ContextRecord | BrokenRecord:
    if len(line) > _LARGEST_RECORD:
        kept = line[:_KEPT].decode("utf-8", "replace")
        return BrokenRecord(number, kept, f"record too large: more than {_LARGEST_RECORD} bytes", source)
    try:
        text = line.strip().decode()
    except UnicodeDecodeError as error:
        reason = f"not valid UTF-8: {error.reason} at byte {error.start}"
        return BrokenRecord(number, line.decode("utf-8", "replace"), reason, source)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return BrokenRecord(number, text, f"not JSON: {error}", source)
    return _read(number, text, value, kind, source)


def _read(number: int, text: str, value: object, kind: Kind, source: str) -> ContextRecord | BrokenRecord:
    if not isinstance(value, dict):
        return BrokenRecord(number, text, "not a JSON object", source)
    record, problems = read_event(value, kind.root)
    reason = kind.problem(record, problems)
    if reason is not None:
        return BrokenRecord(number, text, reason, source)
    return ContextRecord(number, text, record, source)
