"""Texts in base64 that a command line or script carries, told by where they stand and by what they decode to.

Nothing is taken for base64 because of its letters alone: what comes out must be text, else it stays as it is written.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable

_BASE64 = "[A-Za-z0-9+/]{8,}+={0,2}+"
_PARAMETER = "encodedcommand"
# PowerShell takes every beginning of a parameter's name, and `-ec`; a slash or a longer dash serves as well.
_NAMES = "|".join([*(_PARAMETER[:length] for length in range(len(_PARAMETER), 0, -1)), "ec"])
_ARGUMENT = re.compile(rf"""(?<![^\s"'])[-/\u2013-\u2015](?i:{_NAMES})[\s:]+((["']?)({_BASE64})\2)(?![^\s"'&|;)])""")
_FROM_BASE64 = re.compile(rf"""((?i:FromBase64String)\s*\(\s*)(["'])({_BASE64})["']""")
_PIPED = re.compile(
    rf"""(?:echo|printf)\s+(?:-n\s+)?["']?({_BASE64})["']?\s*\|\s*base64\s+(?:-d|-D|-di|--decode)\b"""
    rf"""|base64\s+(?:-d|-D|-di|--decode)\s*<<<\s*["']?({_BASE64})["']?"""
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ufffd]")
_LETTER = re.compile("[A-Za-z]")
_MOST_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"


def encoded_commands(text: str) -> str:
    """Decode the argument of PowerShell's `-EncodedCommand`, which is UTF-16.

    >>> encoded_commands("powershell -nop -enc dwBoAG8AYQBtAGkA")
    'powershell -nop -enc whoami'
    >>> encoded_commands("grep -e password file")
    'grep -e password file'
    """

    def decoded(token: str) -> str | None:
        return as_text(bytes_of(token), "utf-16-le")

    return _replaced(_ARGUMENT, text, 1, lambda found: decoded(found[3]))


def literal_base64(text: str) -> str:
    """Decode the text given to `FromBase64String`, UTF-16 or UTF-8, compressed or not.

    >>> literal_base64("[Convert]::FromBase64String('dwBoAG8AYQBtAGkA')")
    "[Convert]::FromBase64String('whoami')"
    """

    def decoded(token: str, quote: str) -> str | None:
        found = bytes_of(token)
        if found is not None and found.startswith(_GZIP):
            found = _inflated(found)
        inner = as_text(found, "utf-16-le") or as_text(found, "utf-8")
        return None if inner is None else inner.replace(quote, quote * 2)

    return _replaced(_FROM_BASE64, text, 3, lambda found: decoded(found[3], found[2]))


def piped_base64(text: str) -> str:
    """Decode what a shell pipes through `base64 -d`.

    >>> piped_base64("bash -c echo YXogbG9naW4K | base64 -d | sh")
    'bash -c az login | sh'
    """
    decoded = _replaced(_PIPED, text, 0, lambda found: as_text(bytes_of(found[1] or found[2]), "utf-8"))
    return decoded if decoded == text else decoded.replace("\n |", " |")


def bytes_of(token: str) -> bytes | None:
    """Return what a text in base64 says; None if it is none."""
    try:
        return base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return None


def as_text(data: bytes | None, encoding: str) -> str | None:
    """Return bytes as a text; None if they are none that somebody would write: most of it ASCII, no control signs."""
    if data is None:
        return None
    try:
        text = data.decode(encoding).lstrip("\ufeff").rstrip("\0")
    except UnicodeDecodeError:
        return None
    is_ascii = 5 * len(text.encode("ascii", "ignore")) >= 4 * len(text)
    return text if is_ascii and _LETTER.search(text) and not _NO_TEXT.search(text) else None


def _inflated(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _MOST_BYTES)
    except zlib.error:
        return None


def _replaced(
    pattern: re.Pattern[str],
    text: str,
    group: int,
    decoded: Callable[[re.Match[str]], str | None],
) -> str:
    """Replace a group of every place that a pattern finds by what it decodes to."""
    pieces: list[str] = []
    end = 0
    for found in pattern.finditer(text):
        inner = decoded(found)
        if inner is not None:
            pieces += [text[end : found.start(group)], inner]
            end = found.end(group)
    return "".join([*pieces, text[end:]])
