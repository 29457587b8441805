"""What a canonical record fills: its places by name, and the flat columns that hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn, ScalarKind, merge
from windshear.udm.schema import STRUCT, Message, Root, UdmField, message, schema

_KINDS: Mapping[str, ScalarKind] = {
    **dict.fromkeys(["int32", "int64"], "int"),
    **dict.fromkeys(["uint32", "uint64"], "uint"),
    **dict.fromkeys(["float", "double"], "float"),
    "bool": "bool",
}
_STRUCT_ENTRY = MessagesColumn({"key": ScalarColumn("text"), "value.string_value": ScalarColumn("text")})


def filled_places(record: Mapping[str, object]) -> frozenset[str]:
    """Return the dotted names of all fields that have a value, those on the way to them included.

    >>> sorted(filled_places({"about": [{"ip": ["192.0.2.1"]}]}))
    ['about', 'about.ip']
    """
    return frozenset(_places("", record))


def _places(prefix: str, record: Mapping[str, object]) -> Iterator[str]:
    for name, value in record.items():
        yield prefix + name
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Mapping):
                yield from _places(f"{prefix}{name}.", inner)


def columns_of(record: Mapping[str, object], root: Root = "udm") -> Columns:
    """Return the flat columns that a canonical record fills; of a Struct, those of its entries that are text."""
    return dict(_columns("", schema().roots[root], record))


def _kind_of(field: UdmField) -> ScalarKind:
    return _KINDS.get(field.type, "text")


def _columns(prefix: str, kind: Message, record: Mapping[str, object]) -> Iterator[tuple[str, Column]]:
    for name, value in record.items():
        field = kind.fields.get(name)
        if field is not None:
            yield from _column(prefix + name, field, value)


def _column(name: str, field: UdmField, value: object) -> Iterator[tuple[str, Column]]:
    if field.type != "message" or field.ref is None:
        kind = _kind_of(field)
        yield name, ListColumn(kind) if field.is_repeated else ScalarColumn(kind)
    elif field.ref == STRUCT and not field.is_repeated:
        yield f"{name}.fields", _STRUCT_ENTRY
    elif field.is_map:
        held = message(field.ref).fields["value"]
        if held.type != "message":
            yield name, MessagesColumn({"key": ScalarColumn("text"), "value": ScalarColumn(_kind_of(held))})
    elif field.is_repeated and isinstance(value, list):
        below = message(field.ref)
        members = merge(dict(_columns("", below, item)) for item in value if isinstance(item, Mapping))
        if members:
            yield name, MessagesColumn(members)
    elif not field.is_repeated and isinstance(value, Mapping):
        yield from _columns(f"{name}.", message(field.ref), value)
