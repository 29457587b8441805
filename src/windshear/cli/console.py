"""Where the command line talks: results to standard output, everything else to standard error.

Log records, rules and file names are written by strangers: whatever is printed of them goes through `printable`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from enum import IntEnum

from rich.console import Console
from rich.text import Text

_PLAIN_WIDTH = 100  # columns of a table that goes to a pipe or a file


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    FINDINGS = 1
    BROKEN_RULE = 2
    BAD_INPUT = 3
    INTERRUPTED = 130


class ReaderGoneError(Exception):
    """Whoever read our output went away, as `head` does: there is nobody left to write for."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise ReaderGoneError


def _width(*, is_terminal: bool) -> int | None:
    return None if is_terminal or os.environ.get("COLUMNS", "").isdigit() else _PLAIN_WIDTH


out = _Console(highlight=False, width=_width(is_terminal=sys.stdout.isatty()))
err = _Console(stderr=True, highlight=False)


def is_coloured(console: Console) -> bool:
    """Tell whether text for a console may have colours: it is a terminal, and nobody asked for none."""
    return console.is_terminal and not console.no_color


def write(text: str) -> None:
    """Write result text to standard output as it is, without markup."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError as error:
        raise ReaderGoneError from error


def tell(message: str, *, style: str = "", lead: str = "") -> None:
    """Say something to the person: on standard error, safe to print, with a coloured lead such as `error`."""
    text = Text.assemble((lead, style), ": " if lead else "", printable(message))
    err.print(text if lead else Text(printable(message), style), soft_wrap=not err.is_terminal)


def printable(text: str) -> str:
    r"""Return text that cannot steer a terminal: what is not printable is escaped.

    >>> printable("a\x1b[31m\tb")
    'a\\x1b[31m\\tb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "file"), count(1200, "file"), count(0, "entity")
    ('1 file', '1,200 files', '0 entities')
    """
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of a noun.

    >>> plural("entity"), plural("day")
    ('entities', 'days')
    """
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"


def some(names: Iterable[str], limit: int) -> str:
    """Return the first names of many, each once, and how many more there are.

    >>> some(["a", "b", "a", "c"], 2)
    'a, b and 1 more'
    """
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - limit:,} more" if len(unique) > limit else ""
    return ", ".join(unique[:limit]) + more


def worst(*codes: Exit) -> Exit:
    """Return the code that wins when several apply: 3, then 2, then 1.

    >>> worst(Exit.FINDINGS, Exit.BROKEN_RULE).name
    'BROKEN_RULE'
    """
    return max(codes, default=Exit.OK)
