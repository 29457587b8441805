"""Arrays of objects that hold a key and a value, and what a pattern finds in a text, as labels.

Only records that somebody looks at as a whole come here: a rule that names a key looks it up in the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import orjson
import re2

from windshear.logs.flatten import compact, decoded
from windshear.logs.parser import Numbered, Pairs


def pairs_of(pairs: Pairs, cells: Sequence[object]) -> list[tuple[str, str]]:
    """Return keys and values, given a JSON text, or the list of the keys and that of the values.

    A key counts as it first stands: if it has no value there, it has none. Other JSON than such an array gives none.

    >>> pairs_of(Pairs(("p",), ("Name", "Value")), [["a", "b", "b"], ["1", None, "2"]])
    [('a', '1')]
    >>> pairs_of(Pairs(("p",), ("Name", "Value")), ['[{"Name": "a", "Value": 1}, {"Name": "b", "Value": ""}]'])
    [('a', '1')]
    """
    lists = _listed(pairs, str(cells[0])) if len(cells) == 1 else cells
    keys, values = cast("Sequence[Sequence[str | None]]", lists)
    if pairs.is_bare:
        values = [_bare(value) if value else value for value in values]
    if not all(values):
        first: dict[str | None, str | None] = {}
        for key, value in zip(keys, values, strict=True):
            first.setdefault(key, value)
        valueless = {key for key, value in first.items() if not value}
        kept = [place for place, key in enumerate(keys) if values[place] and key not in valueless]
        keys, values = [keys[place] for place in kept], [values[place] for place in kept]
    return [(pairs.prefix + key, value) for key, value in zip(keys, values, strict=True) if key and value]


def _listed(pairs: Pairs, text: str) -> tuple[list[str], list[str]]:
    """Return the keys and values of a JSON text."""
    try:
        found = decoded(text)
    except (ValueError, RecursionError):
        found = None
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    named, valued = pairs.names
    return [_text(item.get(named)) for item in items], [_text(item.get(valued)) for item in items]


def numbered_in(numbered: Numbered, text: str) -> Iterator[tuple[str, str]]:
    """Yield what a pattern finds in a text, numbered from 0.

    >>> from windshear.logs.values import field
    >>> list(numbered_in(Numbered("n-", field("t"), "a([0-9])"), "a1 a2 b"))
    [('n-0', '1'), ('n-1', '2')]
    """
    for number, found in enumerate(re2.finditer(numbered.pattern, text)):
        if found.group(1):
            yield f"{numbered.prefix}{number}", found.group(1)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else compact(value)


def _bare(written: str) -> str:
    if not written.startswith('"'):
        return written
    try:
        inner = orjson.loads(written)
    except orjson.JSONDecodeError:
        return written
    return str(inner)
