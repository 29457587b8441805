"""Reading records: nested dictionaries with snake_case keys, absent is zero.

A record is what the reader of proto-JSON gives: messages are dictionaries, repeated fields lists, enumerations member
names, timestamps `seconds` and `nanos`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.reference.values import Scalar, leaf
from windshear.language.expressions import FieldPath, Step

Record = Mapping[str, object]
Copy = Mapping[str, object]  # repeated prefix -> the element that this copy stands for, None for the zero row


def read(record: Record, path: FieldPath, copy: Copy) -> Scalar:
    """Return the one value of a path on one copy of a record."""
    if path.is_map:
        return leaf(copy[path.text], path.type) if path.is_repeated else _read_by_key(record, path)
    value: object = record
    names: list[str] = []
    for step in path.steps:
        names.append(step.name)
        value = child(value, step.name)
        if step.index is not None:
            items = listed(value)
            value = items[step.index] if step.index < len(items) else None
        elif step.is_repeated:
            value = copy[".".join(names)]
    return leaf(value, path.type)


def read_all(record: Record, path: FieldPath) -> list[Scalar]:
    """Return the whole list behind a repeated path: every value below every parent, in document order."""
    values = list_by_key(record, path) if path.is_map else _descend([record], path.steps)
    return [leaf(value, path.type) for value in values]


def list_by_key(record: Record, path: FieldPath) -> Sequence[object]:
    """Return the list in a detection's variable: that of the first entry with the key."""
    position = next(i for i, step in enumerate(path.steps) if step.key is not None)
    for entry in _descend([record], path.steps[: position + 1]):
        if child(entry, "key") == path.steps[position].key:
            return _descend([child(entry, "value")], path.steps[position + 1 :])
    return []


def child(value: object, name: str) -> object:
    """Return a field of a message, None if the message or the field is absent."""
    return value.get(name) if isinstance(value, Mapping) else None


def listed(value: object) -> Sequence[object]:
    """Return the elements of a repeated field, none if it is absent."""
    return value if isinstance(value, list) else []


def read_entries(record: Record, path: FieldPath) -> list[object]:
    """Return the entries of a map under the key that a path reads, over all parents."""
    position = next(i for i, step in enumerate(path.steps) if step.key is not None)
    entries = _descend([record], path.steps[: position + 1])
    return [entry for entry in entries if child(entry, "key") == path.steps[position].key]


def _descend(values: list[object], steps: Sequence[Step]) -> list[object]:
    for step in steps:
        values = [child(value, step.name) for value in values]
        if step.is_repeated:
            values = [element for value in values for element in listed(value)]
    return values


def _read_by_key(record: Record, path: FieldPath) -> Scalar:
    """Return the first value under a key, in document order over all parents; only text can be read."""
    position = next(i for i, step in enumerate(path.steps) if step.key is not None)
    key, rest = path.steps[position].key, path.steps[position + 1 :]
    for entry in _descend([record], path.steps[: position + 1]):
        if child(entry, "key") != key:
            continue
        value = child(entry, "value")
        if rest:
            return leaf(_descend([value], rest)[0], path.type)
        if isinstance(value, Mapping):
            value = value.get("string_value")  # a member of a free-form structure
            if value is None:
                continue
        return leaf(value, path.type)
    return path.type.zero
