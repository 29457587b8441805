"""Arrays of objects that hold a key and a value, as labels.

Only records that somebody looks at as a whole come here: a rule that names a key looks it up in the statement.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from windshear.logs.parser import Pairs


def pairs_of(pairs: Pairs, keys: Sequence[str | None], values: Sequence[str | None]) -> list[tuple[str, str]]:
    """Return keys and values, given those of an array.

    A key counts as it first stands: if it has no value there, it has none.

    >>> pairs_of(Pairs(("p",), ("Name", "Value")), ["a", "b", "b"], ["1", None, "2"])
    [('a', '1')]
    """
    if not any(values):
        return []
    if pairs.is_bare:
        values = [bare(value) if value else value for value in values]
    if not all(values):
        first: dict[str | None, str | None] = {}
        for key, value in zip(keys, values, strict=True):
            first.setdefault(key, value)
        valueless = {key for key, value in first.items() if not value}
        kept = [place for place, key in enumerate(keys) if values[place] and key not in valueless]
        keys, values = [keys[place] for place in kept], [values[place] for place in kept]
    return [(pairs.prefix + key, value) for key, value in zip(keys, values, strict=True) if key and value]


def bare(written: str) -> str:
    """Return the text of a JSON string that is written as text, and any other text as it is."""
    if not written.startswith('"'):
        return written
    try:
        inner = orjson.loads(written)
    except orjson.JSONDecodeError:
        return written
    return str(inner)
