"""The UDM schema as values: messages, fields, enumerations.

`schema.json` beside this file is made from the published protos (see its `source`); it is read once, on first use.
A map field is a repeated entry message, as on the wire.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Literal, TypedDict, cast

import orjson

Root = Literal["udm", "graph", "detection"]
FieldType = Literal[
    "string", "bytes", "int32", "int64", "uint32", "uint64", "float", "double", "bool", "enum", "message"
]
Ordering = Literal["=", "!=", "<", "<=", ">", ">="]

TIMESTAMP = "google.protobuf.Timestamp"
DURATION = "google.protobuf.Duration"
STRUCT = "google.protobuf.Struct"
VALUE = "google.protobuf.Value"

_COMPARE: Mapping[Ordering, Callable[[int, int], bool]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


@dataclass(frozen=True, slots=True)
class UdmField:
    """One field of a message; `ref` names the message or enumeration of its type."""

    name: str
    json_name: str
    number: int | None  # None: in use, but absent from the published protos
    type: FieldType
    ref: str | None
    is_repeated: bool
    is_map: bool
    has_presence: bool
    is_deprecated: bool
    oneof: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message type: its fields by name, and by every accepted spelling (name and JSON name)."""

    name: str
    fields: Mapping[str, UdmField] = dataclasses.field(repr=False)
    spellings: Mapping[str, UdmField] = dataclasses.field(repr=False)

    @property
    def is_entry(self) -> bool:
        """Whether a repetition of this message reads as a map: text key, and a text or message value."""
        key, value = self.fields.get("key"), self.fields.get("value")
        return key is not None and key.type == "string" and value is not None and value.type in ("string", "message")


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enumeration: its members' numbers, in the order of the schema."""

    name: str
    members: Mapping[str, int] = dataclasses.field(repr=False)
    by_number: Mapping[int, str] = dataclasses.field(repr=False)

    @property
    def zero_member(self) -> str:
        """The member that an absent field reads as."""
        return self.by_number[0]


@dataclass(frozen=True, slots=True)
class Schema:
    """All messages and enumerations, and the message that each kind of record is."""

    messages: Mapping[str, Message]
    enumerations: Mapping[str, Enumeration]
    roots: Mapping[Root, Message]


class _FieldRow(TypedDict, total=False):
    name: str
    json_name: str
    number: int
    type: FieldType
    ref: str
    repeated: bool
    map: bool
    presence: bool
    deprecated: bool
    oneof: str


class _SchemaFile(TypedDict):
    roots: dict[Root, str]
    messages: dict[str, list[_FieldRow]]
    enums: dict[str, dict[str, int]]


@functools.cache
def schema() -> Schema:
    """Return the schema, read on the first call."""
    text = resources.files("windshear.udm").joinpath("schema.json").read_bytes()
    content = cast("_SchemaFile", orjson.loads(text))
    messages = {name: _message(name, rows) for name, rows in content["messages"].items()}
    enumerations = {name: _enumeration(name, members) for name, members in content["enums"].items()}
    roots = {root: messages[name] for root, name in content["roots"].items()}
    return Schema(MappingProxyType(messages), MappingProxyType(enumerations), MappingProxyType(roots))


def message(name: str) -> Message:
    """Return the message of this full name, e.g. `Noun` or `google.protobuf.Timestamp`."""
    return schema().messages[name]


def enumeration(name: str) -> Enumeration:
    """Return the enumeration of this full name, e.g. `SecurityResult.Action`."""
    return schema().enumerations[name]


def members_where(enum: Enumeration, comparison: Ordering, member: str) -> list[str]:
    """Return the members whose number stands in this order to that of `member`.

    >>> members_where(enumeration("SecurityResult.Action"), "<=", "BLOCK")
    ['UNKNOWN_ACTION', 'ALLOW', 'BLOCK']
    """
    compare, bound = _COMPARE[comparison], enum.members[member]
    return [name for name, number in enum.members.items() if compare(number, bound)]


def json_name(name: str) -> str:
    """Return the usual proto-JSON spelling of a field name.

    >>> json_name("product_event_type")
    'productEventType'
    """
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def _message(name: str, rows: list[_FieldRow]) -> Message:
    fields = {row["name"]: _field(row) for row in rows}
    spellings = {field.json_name: field for field in fields.values()} | fields
    return Message(name, MappingProxyType(fields), MappingProxyType(spellings))


def _field(row: _FieldRow) -> UdmField:
    return UdmField(
        name=row["name"],
        json_name=row.get("json_name") or json_name(row["name"]),
        number=row.get("number"),
        type=row["type"],
        ref=row.get("ref"),
        is_repeated=row.get("repeated", False),
        is_map=row.get("map", False),
        has_presence=row.get("presence", False),
        is_deprecated=row.get("deprecated", False),
        oneof=row.get("oneof"),
    )


def _enumeration(name: str, members: dict[str, int]) -> Enumeration:
    by_number: dict[int, str] = {}
    for member, number in members.items():
        by_number.setdefault(number, member)  # an alias keeps the first name
    return Enumeration(name, MappingProxyType(members), MappingProxyType(by_number))
