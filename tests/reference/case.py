"""Case of letters: the one place that says what `nocase` means outside patterns.

Two texts are equal without case when their characters are equal after the simple, one-to-one lower-case mapping of
Unicode, as `lower` of the engine's SQL does. No character changes the length of a text: `İ` becomes `i` (Python's own
`lower` would add a combining dot), a final sigma is no special case, and `ß` is not `ss`. Patterns fold the RE2 way
instead; the two differ only for a few letters such as the long s.
"""

from __future__ import annotations

_SIMPLE_LOWER = {"İ": "i"}
_SIMPLE_UPPER = {"ß": "ẞ"}


def lower(text: str) -> str:
    """Return the text with every character in its simple lower case."""
    return "".join(_SIMPLE_LOWER.get(character) or character.lower() for character in text)


def upper(text: str) -> str:
    """Return the text with every character in its simple upper case; a character without one stays."""
    return "".join(_upper(character) for character in text)


def equal(left: str, right: str, *, is_nocase: bool) -> bool:
    """Compare two texts, with or without regard to case."""
    return lower(left) == lower(right) if is_nocase else left == right


def _upper(character: str) -> str:
    mapped = _SIMPLE_UPPER.get(character) or character.upper()
    return mapped if len(mapped) == 1 else character
