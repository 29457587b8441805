"""Arrays of objects that hold a key and a value, and what a pattern finds in a text, as labels.

Only records that somebody looks at as a whole come here: a rule that names a key looks it up in the statement.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import re2

from windshear.logs.flatten import compact, decoded
from windshear.logs.parser import Numbered, Pairs


def pairs_of(pairs: Pairs, listing: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of a JSON text; what is no array of such objects gives none.

    >>> from windshear.logs.values import field
    >>> list(pairs_of(Pairs(field("p"), ("Name", "Value")), '[{"Name": "a", "Value": 1}, {"Name": "b", "Value": ""}]'))
    [('a', '1')]
    """
    try:
        found = decoded(listing)
    except (ValueError, RecursionError):
        return
    named, valued = pairs.names
    for item in found if isinstance(found, list) else ():
        if isinstance(item, dict):
            key, value = _text(item.get(named)), _text(item.get(valued))
            value = _bare(value) if pairs.is_bare else value
            if key and value:
                yield pairs.prefix + key, value


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
