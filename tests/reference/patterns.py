"""Patterns: RE2 searches and what the `re.*` functions need."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import re2


class Match(Protocol):
    """What is used of one match."""

    def group(self, number: int = 0) -> str | None:
        """Return the text of a group."""

    def start(self) -> int:
        """Return where the match begins."""

    def end(self) -> int:
        """Return where the match ends."""


class Pattern(Protocol):
    """What is used of a compiled pattern."""

    groups: int

    def search(self, text: str, pos: int = 0) -> Match | None:
        """Return the leftmost match at or after a position."""


@lru_cache(maxsize=4096)
def compiled(pattern: str, *, is_nocase: bool) -> Pattern:
    """Compile a pattern that the checker has already accepted."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not is_nocase
    found: Pattern = re2.compile(pattern, options)
    return found


def is_found(pattern: str, text: str, *, is_nocase: bool) -> bool:
    """Whether the pattern matches somewhere in the text."""
    return compiled(pattern, is_nocase=is_nocase).search(text) is not None


def matches(pattern: str, text: str, *, is_nocase: bool, keeps_touching: bool) -> list[Match]:
    """Return all matches from left to right, none overlapping.

    `keeps_touching`: whether an empty match directly after another match is one, too. Captures say yes, replacement
    says no, as in RE2's own functions.
    """
    found: list[Match] = []
    compiled_pattern = compiled(pattern, is_nocase=is_nocase)
    position, last_end = 0, -1
    while position <= len(text):
        match = compiled_pattern.search(text, position)
        if match is None:
            break
        if match.start() == match.end() == last_end and not keeps_touching:
            position = match.end() + 1
            continue
        found.append(match)
        last_end = match.end()
        position = match.end() + 1 if match.start() == match.end() else match.end()
    return found
