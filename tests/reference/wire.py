"""Records as the wire spells them: free-form structures and maps become lists of entries.

The canonical form keeps a `google.protobuf.Struct` as the plain object and a map as a dictionary. Rules address both
as lists of key and value, so the evaluator turns them into such lists once, before anything is read.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.reference.records import Record
from windshear.udm.schema import STRUCT, Message, Root, UdmField, message, schema


def wire_form(record: Record, root: Root) -> Record:
    """Return a record with every structure and map as a list of `key` and `value`."""
    return _message(schema().roots[root], record)


def _message(kind: Message, values: Mapping[str, object]) -> dict[str, object]:
    return {name: _field(kind.fields[name], value) for name, value in values.items()}


def _field(field: UdmField, value: object) -> object:
    if isinstance(value, list):
        return [_single(field, item) for item in value]
    if field.is_map and isinstance(value, Mapping):
        inner = message(field.ref or "").fields["value"]
        return [{"key": key, "value": _single(inner, item)} for key, item in value.items()]
    return _single(field, value)


def _single(field: UdmField, value: object) -> object:
    if not isinstance(value, Mapping) or field.ref is None:
        return value
    if field.ref == STRUCT:
        return _structure(value)
    return _message(message(field.ref), value)


def _structure(values: Mapping[str, object]) -> dict[str, object]:
    return {"fields": [{"key": key, "value": _free_form(item)} for key, item in values.items()]}


def _free_form(value: object) -> dict[str, object]:
    """Return a JSON value as the message that holds one kind of value; only text can be read by key."""
    match value:
        case str():
            return {"string_value": value}
        case bool():
            return {"bool_value": value}
        case int() | float():
            return {"number_value": float(value)}
        case Mapping():
            return {"struct_value": _structure(value)}
        case list():
            return {"list_value": {"values": [_free_form(item) for item in value]}}
        case _:
            return {"null_value": "NULL_VALUE"}
