"""Replaces values in a UDM event (proto-JSON) by their zero: what is absent reads as zero, so they are taken out.

Only the event type stays, as the first member of its enum, because an event without one is no UDM event.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import JsonValue

_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\w+')
_PLACE = re.compile(r"\[\d+\]")  # of an element; a value is taken out of all of them
_NO_EVENT_TYPE = "EVENTTYPE_UNSPECIFIED"
_IN_PLACE = "fields"  # a struct is written as its own map, without this step

Step = tuple[str, str | None]  # a name, or a key in brackets


def without(event: JsonValue, path: str, value: str) -> bool:
    """Take a value out of an event, wherever it stands at a UDM path; return whether it was there."""
    return _without(event, [(match[0], match[1]) for match in _STEP.finditer(_PLACE.sub("", path))], value)


def _without(node: JsonValue, steps: Sequence[Step], value: str) -> bool:
    (step, key), rest = steps[0], steps[1:]
    if key is not None:
        return _without_key(node, key, value)
    if isinstance(node, list):
        return sum(_without(item, steps, value) for item in node) > 0
    if not isinstance(node, dict):
        return False
    if step == _IN_PLACE and rest and rest[0][1] is not None:
        return _without(node, rest, value)
    name = re.sub(r"_(\w)", lambda found: found[1].upper(), step)
    if rest:
        return name in node and _without(node[name], rest, value)
    return _without_leaf(node, name, value)


def _without_key(node: JsonValue, key: str, value: str) -> bool:
    """Take out the value of a key: of a map, or of a list of labels."""
    if isinstance(node, dict):
        return _without_leaf(node, key, value)
    assert isinstance(node, list)
    labels = [label for label in node if isinstance(label, dict) and (label["key"], label["value"]) == (key, value)]
    for label in labels:
        node.remove(label)
    return bool(labels)


def _without_leaf(node: dict[str, JsonValue], name: str, value: str) -> bool:
    held = node.get(name)
    if isinstance(held, list):
        kept = [item for item in held if _text(item) != value]
        node[name] = kept
        return len(kept) < len(held)
    if held is None or _text(held) != value:
        return False
    if name == "eventType":
        node[name] = _NO_EVENT_TYPE
    else:
        del node[name]
    return True


def _text(value: JsonValue) -> str:
    """Return a JSON scalar as an explanation shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
