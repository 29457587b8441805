"""JSON in which the first of repeated keys counts, as it does in the statements."""

from __future__ import annotations

import json
import re
from typing import cast

import orjson

_APART = re.compile(rb'"[ \t\r\n]+:|\\u00(?:22|3[aA])')  # a key and its colon; one of these as an escape
_TOO_DEEP = "nested too deeply"


def parse_first_key(text: str) -> object:
    """Parse JSON; raise `ValueError` where it is none.

    >>> parse_first_key('{"a": 1, "a": 2}')
    {'a': 1}
    """
    try:
        return json.loads(text, object_pairs_hook=first_of_each, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error


def parse_object(text: str) -> dict[str, object] | None:
    """Parse a JSON object whose members are values or objects and arrays of such; None if it is no object.

    Quicker than `parse_first_key` where no key repeats, which the number of keys tells; numbers beyond 64 bits and
    whatever else parsers read differently are left to it.

    >>> parse_object('{"a": {"b": 1}, "a": 2}')
    {'a': {'b': 1}}
    """
    try:
        quick = orjson.loads(text)
    except orjson.JSONDecodeError:
        quick = None
    if isinstance(quick, dict) and has_each_key_once(text.encode(), quick):
        return cast("dict[str, object]", quick)
    try:
        found = parse_first_key(text)
    except ValueError:
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def has_each_key_once(text: bytes, parsed: object) -> bool:
    """Tell whether no key repeats in what a text was parsed to: written anew, it has as many keys as the text."""
    written = orjson.dumps(parsed)
    return written == text or (written.count(b'":') == text.count(b'":') and not _APART.search(text))


def first_of_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its members, the first of each name."""
    members: dict[str, object] = {}
    for key, value in pairs:
        members.setdefault(key, value)
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"`{constant}` is not JSON")
