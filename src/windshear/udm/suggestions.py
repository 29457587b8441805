"""Suggestions for field names that do not exist: what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from types import MappingProxyType

from windshear.udm.schema import Message, UdmField, message

_MOST = 3
_DEEPEST = 3
_VERY_CLOSE = 0.85
_CLOSE = 0.72

# Words that other schemas and older documentation use, and where UDM keeps the same thing.
_OTHER_WORDS = MappingProxyType(
    {
        "source": ("src", "principal"),
        "destination": ("target",),
        "dest": ("target",),
        "dst": ("target",),
        "details": ("auth_details",),
        "username": ("user.userid",),
        "event_time": ("event_timestamp",),
        "timestamp": ("event_timestamp",),
    }
)


def suggest_fields(parent: Message, name: str) -> tuple[str, ...]:
    """Return up to three spellings that could stand below `parent` instead of `name`, the most likely first.

    >>> suggest_fields(message("Noun"), "hostnme")
    ('hostname',)
    >>> suggest_fields(message("Noun"), "sha256")
    ('file.sha256',)
    """
    found: dict[str, None] = {}
    for suggestion in _candidates(parent, name):
        found.setdefault(suggestion)
        if len(found) == _MOST:
            break
    return tuple(found)


def _candidates(parent: Message, name: str) -> Iterator[str]:
    """Yield the same word spelled another way, or else close names here, the same word deeper, less close names."""
    word = _plain(name)
    sure = [field.name for field in parent.fields.values() if _plain(field.name) == word]
    sure += [other for other in _OTHER_WORDS.get(name, ()) if _exists(parent, other)]
    if sure:
        yield from sure
        return
    plain_names = {_plain(field.name): field.name for field in parent.fields.values() if not field.is_deprecated}
    for cutoff, deeper in ((_VERY_CLOSE, _deeper(parent, word)), (_CLOSE, ())):
        for close in difflib.get_close_matches(word, plain_names, n=_MOST, cutoff=cutoff):
            yield plain_names[close]
        yield from deeper


def _deeper(parent: Message, word: str) -> Iterator[str]:
    """Yield the paths below at which a field of this name stands, on the first level that has any."""
    level = [("", parent)]
    for _ in range(_DEEPEST):
        level = [
            (f"{prefix}{field.name}.", message(field.ref or ""))
            for prefix, place in level
            for field in place.fields.values()
            if _is_inner(field)
        ]
        found = [prefix + name for prefix, place in level for name in place.fields if _plain(name) == word]
        if found:
            yield from found
            return


def _is_inner(field: UdmField) -> bool:
    return (
        field.type == "message"
        and field.ref is not None
        and not field.is_deprecated
        and not field.ref.startswith("google.")
    )


def _exists(parent: Message, path: str) -> bool:
    place: Message | None = parent
    for name in path.split("."):
        field = place.fields.get(name) if place else None
        if field is None:
            return False
        place = message(field.ref) if field.type == "message" and field.ref else None
    return True


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
