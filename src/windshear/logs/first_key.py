"""JSON in which the first of repeated keys counts, as it does in the statements."""

from __future__ import annotations

import json

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


def first_of_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its members, the first of each name."""
    members: dict[str, object] = {}
    for key, value in pairs:
        members.setdefault(key, value)
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"`{constant}` is not JSON")
