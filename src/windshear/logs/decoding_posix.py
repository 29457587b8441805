"""What a POSIX shell makes of the command that it is given with `-c`."""

from __future__ import annotations

import re

_SHELL = re.compile(r"""(?:^|[\s/'"])(?:ba|da|z|k|a)?sh['"]?\s+(?:-\w+\s+)*-\w*c\s""")
_SEPARATOR = re.compile(r"\$\{IFS\}|\$IFS(?:\$9)?\b")
_BACKSLASH = re.compile(r"(?:(?<=[\s\w;&|(])|^)\\(?=[A-Za-z])")
_EMPTY_QUOTES = re.compile(r"""(?<=\w)(?:''|"")+(?=\w)""")
_QUOTED_END = re.compile(r"""(?<=\w)(['"])([\w.\-/]+)\1""")
_QUOTED_BEGINNING = re.compile(r"""(?:(?<=[\s;&|(])|^)(['"])([\w.\-/]+)\1(?=\w)""")
_CODED = re.compile(r"\$'((?:[^'\\]|\\.)*)'")
_CODE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|([\\'\"]))")


def shell_escapes(text: str) -> str:
    r"""Undo what splits the words of a command given to a shell.

    >>> shell_escapes(r"bash -c a\z lo''gin && g'cloud' auth${IFS}login")
    'bash -c az login && gcloud auth login'
    >>> shell_escapes(r"sh -c $'\x61z' login"), shell_escapes(r"grep a\z file")
    ('sh -c az login', 'grep a\\z file')
    """
    called = _SHELL.search(text)
    if not called:
        return text
    before, command = text[: called.end()], text[called.end() :]
    command = _CODED.sub(lambda found: _CODE.sub(_sign, found[1]), command)
    command = _SEPARATOR.sub(" ", command)
    for pattern, kept in ((_BACKSLASH, ""), (_EMPTY_QUOTES, ""), (_QUOTED_END, r"\2"), (_QUOTED_BEGINNING, r"\2")):
        command = pattern.sub(kept, command)
    return before + command


def _sign(found: re.Match[str]) -> str:
    if found[3]:
        return found[3]
    code = int(found[1], 16) if found[1] else int(found[2], 8)
    return chr(code) if 0x20 <= code < 0x7F else found[0]
