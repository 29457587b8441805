"""Upper and lower case as the settle stage sees it: simple case mapping, one character to one.

Python's own mapping differs outside ASCII (`İ` becomes two characters), so texts that are not ASCII after the change
are *unsure*. Only four other characters map into ASCII; they are translated here.
"""

from __future__ import annotations

from windshear.engine.sift.nodes import Letters

_INTO_ASCII = {
    "lower": str.maketrans({"\N{KELVIN SIGN}": "k", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}": "i"}),
    "upper": str.maketrans({"\N{LATIN SMALL LETTER DOTLESS I}": "I", "\N{LATIN SMALL LETTER LONG S}": "S"}),
}


def change(text: str, letters: Letters) -> str:
    """Return the text in other letters; exact if the result is ASCII, and not ASCII if the exact result is not.

    >>> change("Admin", "lower")
    'admin'
    """
    if letters == "as written":
        return text
    translated = text.translate(_INTO_ASCII[letters])
    if not translated.isascii():
        return translated
    return translated.lower() if letters == "lower" else translated.upper()
