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


def pairs_of(pairs: Pairs, cells: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Yield keys and values, given a JSON text, or the list of the keys and that of the values.

    A key counts as it first stands: if it has no value there, it has none. Other JSON than such an array gives none.

    >>> list(pairs_of(Pairs(("p",), ("Name", "Value")), [["a", "b", "b"], ["1", None, "2"]]))
    [('a', '1')]
    >>> list(pairs_of(Pairs(("p",), ("Name", "Value")), ['[{"Name": "a", "Value": 1}, {"Name": "b", "Value": ""}]']))
    [('a', '1')]
    """
    if any(cell is None for cell in cells):
        return
    lists = cast("Sequence[Sequence[object]]", cells)
    valueless: set[object] = set()
    seen: set[object] = set()
    for key, value in _listed(pairs, str(cells[0])) if len(cells) == 1 else zip(*lists, strict=True):
        text = str(value or "")
        text = _bare(text) if pairs.is_bare else text
        if not text and key not in seen:
            valueless.add(key)
        seen.add(key)
        if key and text and key not in valueless:
            yield f"{pairs.prefix}{key}", text


def _listed(pairs: Pairs, text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of a JSON text."""
    try:
        found = decoded(text)
    except (ValueError, RecursionError):
        return
    named, valued = pairs.names
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            yield _text(item.get(named)), _text(item.get(valued))


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
