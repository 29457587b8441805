"""Decode commands that were written so as not to be found: one text in, the plain text and what was done out.

What is undone is what the shells themselves undo, and only where it is certain; anything else stays as it was written.
The result is for searching in. It need not run: quotes may stand differently, and a decoded script stands in the place
of its base64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from windshear.logs.decoding_base64 import encoded_commands, literal_base64, piped_base64
from windshear.logs.decoding_cmd import carets, carets_in_words, quotes, variables
from windshear.logs.decoding_operators import joining, replacing, turning
from windshear.logs.decoding_posix import shell_escapes
from windshear.logs.decoding_powershell import (
    back_ticks,
    characters,
    concatenation,
    environment,
    formatting,
    quotes_in_script,
    quotes_in_words,
    signs,
)

# `windows`: the command line of a process. `script`: the text of a PowerShell script. `posix`: arguments joined with
# blanks.
CommandKind = Literal["windows", "script", "posix"]

_Step = tuple[str, Callable[[str], str]]
_WORDS: dict[CommandKind, tuple[_Step, ...]] = {  # what splits words, undone once
    "windows": (("signs", signs), ("carets", carets_in_words), ("carets", carets), ("quotes", quotes)),
    "script": (("signs", signs),),
    "posix": (("shell escapes", shell_escapes),),
}
_CMD: tuple[_Step, ...] = (("variables", variables), ("carets", carets))
_BASE64: tuple[_Step, ...] = (("base64", encoded_commands), ("base64", literal_base64))
_POWERSHELL: tuple[_Step, ...] = (
    ("back-ticks", back_ticks),
    ("characters", characters),
    ("concatenation", concatenation),
    ("format", formatting),
    ("reversal", turning),
    ("replacement", replacing),
    ("joining", joining),
    ("variables", environment),
)
_LAYERS: dict[CommandKind, tuple[_Step, ...]] = {  # what may stand one in the other
    "windows": (("variables", variables), *_BASE64, ("quotes", quotes_in_words), *_POWERSHELL),
    "script": (("quotes", quotes_in_script), *_POWERSHELL, *_BASE64, *_CMD),
    "posix": (("base64", piped_base64), ("base64", encoded_commands)),
}
MOST_LAYERS = 6
MOST_SIGNS = 1 << 17


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text that was decoded, and the names of what was undone, in the order in which it was first done."""

    text: str
    steps: tuple[str, ...] = ()


def decode(text: str, kind: CommandKind) -> Decoded:
    """Return the plain text of a command; longer texts than 128 Ki signs stay as they are.

    >>> decode("powershell -e QwBvAG4AYABuAGUAYwB0AC0ATQBnAEcAcgBhAHAAaAA=", "windows").steps
    ('base64', 'back-ticks')
    >>> decode("c^md /c a^z login", "windows")
    Decoded(text='cmd /c az login', steps=('carets',))
    """
    if len(text) > MOST_SIGNS:
        return Decoded(text)
    plain, done = _taken(text, _WORDS[kind])
    for _ in range(MOST_LAYERS):
        plain, more = _taken(plain, _LAYERS[kind])
        if "base64" in more and kind == "windows":  # what was inside is a script, which may call anything
            plain, inner = _taken(plain, _CMD)
            more += inner
        done += more
        if not more:
            break
    return Decoded(plain, tuple(dict.fromkeys(done)))


def _taken(text: str, steps: tuple[_Step, ...]) -> tuple[str, list[str]]:
    done: list[str] = []
    for name, step in steps:
        result = step(text)
        if result != text and len(result) <= MOST_SIGNS:
            text = result
            done.append(name)
    return text, done
