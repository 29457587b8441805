"""Places: where the flat column of a given name stands in a canonical record.

A canonical record (see `proto_json`) keeps a Struct as the plain object and a map as a dict, so a path through one of
them is not simply a chain of members; the places say which step is what.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from windshear.udm.paths import PathProblem, parse_path, resolve_below
from windshear.udm.schema import STRUCT, Message, UdmField, message


@dataclass(frozen=True, slots=True)
class Place:
    """One step of a column's name.

    `holds`: one value, a list, a map kept as a dict, or the inside of a Struct (whose object is the place above).
    """

    name: str
    holds: Literal["one", "list", "map", "struct"]
    key: str | None
    entry: Message | None  # of a list of messages, a map or a Struct


@functools.lru_cache(maxsize=20_000)
def places(start: str, column: str) -> tuple[Place, ...]:
    """Return the steps of a column's name below a message; ValueError if that message has no such path."""
    resolved = resolve_below(message(start), parse_path(column))
    if isinstance(resolved, PathProblem) or any(step.index is not None for step in resolved.steps):
        raise ValueError(f"`{column}` is not a column below `{start}`")
    found: list[Place] = []
    parent = message(start)
    for step in resolved.steps:
        field = parent.fields[step.name]
        below = message(field.ref) if field.type == "message" and field.ref else None
        found.append(Place(step.name, _holds(parent, field), step.key, below if field.is_repeated else None))
        if below is not None:
            parent = _value_message(below) if step.key is not None else below
    return tuple(found)


def _value_message(entry: Message) -> Message:
    """Return the message that a map's value is, or the entry itself if the value is no message."""
    value = entry.fields["value"]
    return message(value.ref) if value.type == "message" and value.ref else entry


def _holds(parent: Message, field: UdmField) -> Literal["one", "list", "map", "struct"]:
    if parent.name == STRUCT:
        return "struct"
    if field.is_map:
        return "map"
    return "list" if field.is_repeated else "one"
