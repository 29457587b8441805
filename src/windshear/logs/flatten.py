"""Free-form objects as labels: every leaf below a place under its dotted path.

Objects are gone into; an array is one leaf and keeps its JSON text, so that a label always has one value. Only the
records that somebody looks at as a whole come here: a rule that names a key reads it in the statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecoder

import orjson

from windshear.logs.first_key import first_of_each


def flatten(prefix: str, document: str) -> list[tuple[str, str]]:
    """Return the leaves of a JSON text as keys and values; where a key repeats, the first counts.

    >>> flatten("p", '{"a": {"b": 1, "c": [1, 2]}, "d": "x", "e": null}')
    [('p.a.b', '1'), ('p.a.c', '[1,2]'), ('p.d', 'x')]
    """
    exact = _exactly_parsed(document)
    if exact is not None:
        found: list[tuple[str, str]] = []
        _add_leaves(prefix, exact, found)
        return found
    try:
        return list(_leaves(prefix, decoded(document)))
    except RecursionError:  # a text inside of the record, so nobody looked at its depth
        return [(prefix, document)]


def _exactly_parsed(document: str) -> object:
    """Parse quickly a text that is written as the quick parser would write it: no key repeats, no number changes."""
    try:
        value = orjson.loads(document)
        return value if orjson.dumps(value) == document.encode() else None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None


def _add_leaves(path: str, value: object, found: list[tuple[str, str]]) -> None:
    """Add the leaves of what was exactly parsed."""
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, str):  # nearly all are
                if member:
                    found.append((f"{path}.{key}", member))
            else:
                _add_leaves(f"{path}.{key}", member, found)
    elif isinstance(value, str):
        if value:
            found.append((path, value))
    elif value is not None:
        found.append((path, orjson.dumps(value).decode()))


def decoded(document: str) -> object:
    """Parse a JSON text; of a repeated key the first counts, a number stays as it is written."""
    return _DECODER.decode(document)


class _Number(str):
    """A number as it is written in the record."""

    __slots__ = ()


_DECODER = JSONDecoder(object_pairs_hook=first_of_each, parse_int=_Number, parse_float=_Number, strict=False)


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, member in value.items():
                yield from _leaves(f"{path}.{key}", member)
        case str():
            if value:
                yield path, str(value)
        case None:
            return
        case _:
            yield path, compact(value)


def compact(value: object) -> str:
    """Write a parsed value as compact JSON."""
    match value:
        case _Number():
            return str(value)
        case list():
            return "[" + ",".join(map(compact, value)) + "]"
        case dict():
            return "{" + ",".join(f"{compact(key)}:{compact(member)}" for key, member in value.items()) + "}"
        case _:
            return orjson.dumps(value).decode()
