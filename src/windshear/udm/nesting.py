"""Nesting: a flat row becomes a canonical record again, so that what a log parser made can be shown as UDM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from windshear.udm.places import Place, places
from windshear.udm.rows import TIME, TIME_FIELDS
from windshear.udm.schema import Root, schema

_MICROS = 1_000_000


def from_row(row: Mapping[str, object], root: Root = "udm") -> dict[str, object]:
    """Return a flat row as a canonical record, ready for `proto_json.write_event`.

    A key of a map below a repeated message goes to the first element of that list.
    """
    flat = {name: cell for name, cell in row.items() if name != TIME}
    time = row.get(TIME)
    if isinstance(time, int):
        parts = {"seconds": time // _MICROS, "nanos": time % _MICROS * 1000}
        for part, value in parts.items():
            name = f"{TIME_FIELDS[root]}.{part}"
            if flat.get(name) is None:  # the exact part, where the row has it, says more
                flat[name] = value
    return nested(schema().roots[root].name, flat)


def nested(start: str, row: Mapping[str, object]) -> dict[str, object]:
    """Return a flat row as a canonical message of the type `start`.

    >>> nested("Noun", {"user.userid": "ann", "ip": ["192.0.2.1"]})
    {'user': {'userid': 'ann'}, 'ip': ['192.0.2.1']}
    """
    record: dict[str, object] = {}
    filled = [(places(start, name), cell) for name, cell in row.items() if cell is not None]
    # Map keys come last: the list whose first element they belong to must stand before.
    for steps, cell in sorted(filled, key=lambda item: any(step.key is not None for step in item[0])):
        _put(record, steps, cell)
    return record


def _put(record: dict[str, object], steps: tuple[Place, ...], cell: object) -> None:
    """Set one cell, making the messages on the way."""
    here = record
    for step in steps[:-1]:
        if step.holds == "list":
            here = _first_message(here, step.name)
        elif step.key is not None:
            here = _inner(_inner(here, step.name), step.key)
        else:
            here = _inner(here, step.name)
    last = steps[-1]
    if last.key is not None:
        _put_entry(here, last, last.key, cell)
    elif last.entry is not None:
        _put_messages(here, last, last.entry.name, cast("Iterable[Mapping[str, object]]", cell))
    else:
        here[last.name] = list(cast("Iterable[object]", cell)) if last.holds == "list" else cell


def _put_entry(here: dict[str, object], place: Place, key: str, cell: object) -> None:
    """Set one key of a map; of a label list only if it is not there yet, for the first one counts."""
    if place.holds == "struct":
        here[key] = cell  # the inside of a Struct is the Struct's own object
        return
    labels = cast("list[dict[str, object]]", here.setdefault(place.name, []))
    if all(label.get("key") != key for label in labels):
        labels.append({"key": key, "value": cell})


def _put_messages(here: dict[str, object], place: Place, entry: str, cell: Iterable[Mapping[str, object]]) -> None:
    messages = [nested(entry, item) for item in cell]
    if place.holds == "list":
        here[place.name] = messages
        return
    target = here if place.holds == "struct" else _inner(here, place.name)
    for message in messages:
        value = message.get("value")
        target[str(message.get("key", ""))] = _plain(value) if place.holds == "struct" else value


def _plain(value: object) -> object:
    """Return the JSON value that a Struct's value message stands for."""
    return next(iter(value.values()), None) if isinstance(value, Mapping) else None


def _inner(here: dict[str, object], name: str) -> dict[str, object]:
    return cast("dict[str, object]", here.setdefault(name, {}))


def _first_message(here: dict[str, object], name: str) -> dict[str, object]:
    messages = cast("list[dict[str, object]]", here.setdefault(name, []))
    if not messages:
        messages.append({})
    return messages[0]
