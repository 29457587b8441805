"""Arrays of objects that hold a key and a value, and what a pattern finds in a text, as labels.

Only records that somebody looks at as a whole come here: a rule that names a key looks it up in the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
import re2

from windshear.logs.parser import Numbered, Pairs


def pairs_of(pairs: Pairs, keys: Sequence[str | None], values: Sequence[str | None]) -> list[tuple[str, str]]:
    """Return keys and values, given those of an array.

    A key counts as it first stands: if it has no value there, it has none.

    >>> pairs_of(Pairs(("p",), ("Name", "Value")), ["a", "b", "b"], ["1", None, "2"])
    [('a', '1')]
    """
    if not any(values):
        return []
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


def numbered_in(numbered: Numbered, text: str) -> Iterator[tuple[str, str]]:
    """Yield what a pattern finds in a text, numbered from 0.

    >>> from windshear.logs.values import field
    >>> list(numbered_in(Numbered("n-", field("t"), "a([0-9])"), "a1 a2 b"))
    [('n-0', '1'), ('n-1', '2')]
    """
    for number, found in enumerate(re2.finditer(numbered.pattern, text)):
        if found.group(1):
            yield f"{numbered.prefix}{number}", found.group(1)


def _bare(written: str) -> str:
    if not written.startswith('"'):
        return written
    try:
        inner = orjson.loads(written)
    except orjson.JSONDecodeError:
        return written
    return str(inner)
