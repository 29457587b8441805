"""proto-JSON: events, entities and detections as Google's interfaces spell them, to and from the canonical form.

Canonical is a nested dict with snake_case names: integers as int, enums as member names, bytes as base64 text, a
Timestamp or Duration as `seconds` and `nanos`, a Struct as the plain object, a map as a dict. A field that holds its
type's zero is absent unless its presence means something.

Reading takes every accepted spelling, never raises, and says what it left out; writing gives the one canonical text
form.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from windshear.udm.scalars import Refusal, RefusalKind, clean_text, read_scalar, read_time
from windshear.udm.schema import DURATION, STRUCT, TIMESTAMP, Message, Root, UdmField, enumeration, message, schema
from windshear.udm.well_known import format_duration, format_timestamp

ProblemKind = Literal[
    RefusalKind, "not-an-object", "unknown-field", "duplicate-field", "too-deep", "too-large", "missing-field"
]

_MOST_DEPTH = 64
_MOST_VALUES = 200_000
MOST_PROBLEMS = 100  # told of one record
_MOST_FOUND = 80
_HUGE_BITS = 128
_LARGEST_JSON_INTEGER = 2**63
_LARGEST_PLAIN_NUMBER = 1.7976931348623157e308
_NOT_READ = object()

# What the interfaces wrap a record in; none of these is a field beside `metadata`.
_WRAPPERS: dict[Root, tuple[str, ...]] = {
    "udm": ("udm", "event", "idm", "readOnlyUdm", "read_only_udm"),
    "graph": ("graph", "event", "idm", "entity"),
    "detection": ("collection",),
}
_WELL_KNOWN = (TIMESTAMP, DURATION)


@dataclass(frozen=True, slots=True)
class EventProblem:
    """Something that was left out of a record, at which path, and a short look at what stood there."""

    kind: ProblemKind
    path: str
    found: str


def read_event(raw: object, root: Root = "udm") -> tuple[dict[str, object], list[EventProblem]]:
    """Return one record in canonical form, and what was left out of it.

    A detection may also be written short: fields of its single `detection` at the top, and label lists as objects.
    """
    reader = _Reader(has_short_forms=root == "detection")
    start = schema().roots[root]
    body = unwrapped(raw, root)
    if not isinstance(body, dict):
        reader.note("not-an-object", body)
        return {}, reader.problems
    if root == "detection":
        body = _long_detection(start, body)
    return reader.message(start, body), reader.problems


def write_event(event: Mapping[str, object], root: Root = "udm") -> dict[str, object]:
    """Return a canonical record as proto-JSON: lowerCamelCase, 64-bit integers as text, zeros left out."""
    return _write_message(schema().roots[root], event)


def unwrapped(raw: object, root: Root = "udm") -> object:
    """Return the record itself, without what the interfaces wrap it in."""
    for name in _WRAPPERS[root]:
        inner = raw.get(name) if isinstance(raw, dict) and "metadata" not in raw else None
        # An entity's own field is called `entity`, too; only the wrapper's content has metadata.
        if isinstance(inner, dict) and (name != "entity" or "metadata" in inner):
            raw = inner
    return raw


def _long_detection(collection: Message, body: dict[str, object]) -> dict[str, object]:
    """Move the fields of a detection that stand at the top of its collection to where they belong."""
    inner = message("SecurityResult")
    short = {key: value for key, value in body.items() if key not in collection.spellings and key in inner.spellings}
    if not short or "detection" in body:
        return body
    return {key: value for key, value in body.items() if key not in short} | {"detection": [short]}


class _Reader:
    """One record's reading: the place it is at, what it has left out, and how much it has read."""

    def __init__(self, *, has_short_forms: bool) -> None:
        self.problems: list[EventProblem] = []
        self._has_short_forms = has_short_forms
        self._path: list[str] = []
        self._values = 0

    def note(self, kind: ProblemKind, raw: object) -> None:
        """Remember that what stands here is left out."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(EventProblem(kind, ".".join(self._path), _describe(raw)))

    def message(self, kind: Message, raw: dict[str, object]) -> dict[str, object]:
        """Return an object's known fields."""
        result: dict[str, object] = {}
        for key, value in raw.items():
            if value is None:
                continue
            field = kind.spellings.get(key)
            self._path.append(field.name if field else clean_text(str(key))[:_MOST_FOUND])
            if field is None:
                self.note("unknown-field", value)
            elif field.name in result:
                self.note("duplicate-field", value)
            elif self._may_go_on(value):
                read = self._field(field, value)
                if read is not _NOT_READ:
                    result[field.name] = read
            self._path.pop()
        return result

    def _may_go_on(self, raw: object) -> bool:
        """Count a value; false, and noted, when the record is too large or too deep."""
        self._values += 1
        if self._values <= _MOST_VALUES and len(self._path) <= _MOST_DEPTH:
            return True
        self.note("too-large" if self._values > _MOST_VALUES else "too-deep", raw)
        return False

    def _field(self, field: UdmField, raw: object) -> object:
        if field.is_repeated:
            return self._map(field, raw) if field.is_map else self._list(field, raw)
        value = self._value(field, raw)
        return _NOT_READ if _is_zero(field, value) else value

    def _list(self, field: UdmField, raw: object) -> object:
        """Return a list field's values. A single value stands for a list of one: published clients send it so."""
        if self._has_short_forms and isinstance(raw, dict) and _is_label_object(field, raw):
            raw = [{"key": key, "value": value} for key, value in raw.items()]
        items = raw if isinstance(raw, list) else [raw]
        values = [
            value
            for item in items
            if item is not None and self._may_go_on(item) and (value := self._value(field, item)) is not _NOT_READ
        ]
        return values or _NOT_READ

    def _map(self, field: UdmField, raw: object) -> object:
        value_field = message(field.ref or "").fields["value"]
        if not isinstance(raw, dict):
            self.note("wrong-type", raw)
            return _NOT_READ
        result: dict[str, object] = {}
        for key, item in raw.items():
            value = self._value(value_field, item) if self._may_go_on(item) else _NOT_READ
            if value is not _NOT_READ:
                result[clean_text(key)] = value
        return result or _NOT_READ

    def _value(self, field: UdmField, raw: object) -> object:
        if field.type == "string" and isinstance(raw, str) and raw.isascii():
            return raw  # most values are this one
        if field.type != "message":
            return self._accept(read_scalar(field, raw), raw)
        if field.ref in _WELL_KNOWN:
            return self._accept(read_time(field.ref, raw), raw)
        if not isinstance(raw, dict):
            self.note("wrong-type", raw)
            return _NOT_READ
        if field.ref == STRUCT:
            return self._plain(raw)
        return self.message(message(field.ref or ""), raw)

    def _accept(self, value: object, raw: object) -> object:
        if isinstance(value, Refusal):
            self.note(value.kind, raw)
            return _NOT_READ
        return value

    def _plain(self, raw: object) -> object:
        """Return a copy of free-form JSON with clean text, and numbers that every JSON writer can write."""
        match raw:
            case str():
                return clean_text(raw)
            case dict():
                pairs = [(clean_text(str(key)), self._plain_inner(str(key), value)) for key, value in raw.items()]
                return {key: value for key, value in pairs if value is not _NOT_READ}
            case list():
                values = [self._plain_inner(str(index), value) for index, value in enumerate(raw)]
                return [value for value in values if value is not _NOT_READ]
            case None | bool():
                return raw
            case int() | float() if abs(raw) < _LARGEST_PLAIN_NUMBER:
                return raw if isinstance(raw, float) or abs(raw) < _LARGEST_JSON_INTEGER else float(raw)
            case _:
                self.note("out-of-range" if isinstance(raw, (int, float)) else "wrong-type", raw)
                return _NOT_READ

    def _plain_inner(self, name: str, raw: object) -> object:
        self._path.append(clean_text(name)[:_MOST_FOUND])
        value = self._plain(raw) if self._may_go_on(raw) else _NOT_READ
        self._path.pop()
        return value


def _is_label_object(field: UdmField, raw: dict[object, object]) -> bool:
    entry = message(field.ref) if field.type == "message" and field.ref else None
    return entry is not None and entry.is_entry and "key" not in raw


def _is_zero(field: UdmField, value: object) -> bool:
    """Whether a value says no more than its absence."""
    if field.type == "enum":
        return not field.has_presence and value == enumeration(field.ref or "").zero_member
    return not value and field.type != "message" and not field.has_presence


def _describe(raw: object) -> str:
    match raw:
        case str():
            return clean_text(raw[:_MOST_FOUND])
        case bool() | float() | None:
            return str(raw)
        case int():
            return str(raw) if raw.bit_length() <= _HUGE_BITS else "a huge number"
        case dict():
            return "an object"
        case _:
            return "a list"


def _write_message(kind: Message, values: Mapping[str, object]) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in values.items():
        field = kind.fields[name]
        if value is None or (not field.is_repeated and _is_zero(field, value)):
            continue
        if field.is_repeated:
            written = _write_many(field, value)
            if written:
                result[field.json_name] = written
        else:
            result[field.json_name] = _write_value(field, value)
    return result


def _write_many(field: UdmField, value: object) -> object:
    """Return a list, or the object of a map."""
    if field.is_map:
        value_field = message(field.ref or "").fields["value"]
        return {key: _write_value(value_field, item) for key, item in cast("Mapping[str, object]", value).items()}
    return [_write_value(field, item) for item in cast("Iterable[object]", value)]


def _write_value(field: UdmField, value: object) -> object:
    if field.type == "message":
        return _write_inner(field.ref or "", cast("Mapping[str, object]", value))
    if field.type in ("int64", "uint64"):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _write_inner(kind: str, value: Mapping[str, object]) -> object:
    if kind == STRUCT:
        return value
    if kind in _WELL_KNOWN:
        seconds, nanos = cast("int", value.get("seconds", 0)), cast("int", value.get("nanos", 0))
        return format_timestamp(seconds, nanos) if kind == TIMESTAMP else format_duration(seconds, nanos)
    return _write_message(message(kind), value)
