"""Pruning: the part of a record in proto-JSON that some columns read, so that no more of it need be read."""

from __future__ import annotations

from collections.abc import Mapping

from windshear.udm.columns import Columns, MessagesColumn, ScalarColumn
from windshear.udm.paths import parse_path
from windshear.udm.rows import TIME_FIELDS
from windshear.udm.schema import STRUCT, Message, Root, UdmField, message, schema

Json = dict[str, object]


class Wanted(dict[str, "Wanted | None"]):
    """Fields by name, each with those wanted below it; None for all."""


def wanted(columns: Columns, root: Root) -> Wanted:
    """Return the fields that columns read, and the time of a record."""
    found = Wanted()
    _add(found, {TIME_FIELDS[root]: ScalarColumn("int"), **columns})
    return found


def pruned(record: Mapping[str, object], fields: Wanted, root: Root) -> Json:
    """Return a record in canonical proto-JSON with those fields alone."""
    return _pruned(record, schema().roots[root], fields)


def _add(found: Wanted, columns: Columns) -> None:
    for name, column in columns.items():
        segments = parse_path(name)
        keyed = next((place for place, segment in enumerate(segments) if segment.key is not None), None)
        *above, last = [segment.name for segment in segments[: None if keyed is None else keyed + 1]]
        here: Wanted | None = found
        for step in above:
            here = here.setdefault(step, Wanted()) if here is not None else None
        if here is None:
            continue
        if keyed is None and isinstance(column, MessagesColumn):
            below = here.setdefault(last, Wanted())
            if below is not None:
                _add(below, column.members)
        else:
            here[last] = None


def _pruned(record: Mapping[str, object], kind: Message, fields: Wanted) -> Json:
    kept: Json = {}
    for key, value in record.items():
        field = kind.spellings.get(key)
        if field is not None and field.name in fields:
            kept[key] = _below(value, field, fields[field.name])
    return kept


def _below(value: object, field: UdmField, fields: Wanted | None) -> object:
    if fields is None or field.is_map or field.ref == STRUCT:
        return value
    if isinstance(value, list):
        return [_below(item, field, fields) for item in value]
    return _pruned(value, message(field.ref or ""), fields) if isinstance(value, dict) else value
