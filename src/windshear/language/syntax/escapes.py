r"""Escapes of quoted strings.

The reference names `\\ \" \n \t \r`; `\'`, `\xHH` and `\uHHHH` are understood too. A backslash before anything
else is kept as written, because the common case is a pattern such as `"\d+"`; the lexer's caller warns about it.
"""

from __future__ import annotations

import re
from typing import Final

_SIMPLE: Final = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t", "r": "\r"}
_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


def unescape(body: str) -> str:
    r"""Return the value of a string body (without its quotes).

    >>> unescape(r"C:\\Users\t\x41\d")
    'C:\\Users\tA\\d'
    """
    return body if "\\" not in body else _ESCAPE.sub(_replacement, body)


def unknown_escape(body: str) -> tuple[int, str] | None:
    r"""Return offset and text of the first escape without a meaning, if there is one.

    >>> unknown_escape(r"a\\d\d")
    (4, '\\d')
    """
    if "\\" in body:
        for match in _ESCAPE.finditer(body):
            character = match[3]
            if character is not None and character not in _SIMPLE:
                return match.start(), match[0]
    return None


def _replacement(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if digits is not None:
        # Half of a surrogate pair is no character and could not be encoded later on.
        character = chr(int(digits, 16))
        return match[0] if "\ud800" <= character <= "\udfff" else character
    return _SIMPLE.get(match[3], match[0])
