"""RE2 patterns: the one place that compiles them. Python's own `re` never sees a pattern of a rule."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import re2


@dataclass(frozen=True, slots=True)
class Pattern:
    """What RE2 says about a pattern: its number of groups, or why it refuses it ("" if it does not)."""

    groups: int
    problem: str


@functools.lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> Pattern:
    """Compile a pattern with RE2.

    >>> compile_pattern("a(b)c(?:d)").groups
    1
    >>> compile_pattern("a(?=b)").problem
    'invalid perl operator: (?='
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return Pattern(re2.compile(pattern, options=options).groups, "")
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        return Pattern(0, text or "it cannot be compiled")
    except UnicodeEncodeError:
        return Pattern(0, "it holds half of a surrogate pair")


def finds(pattern: str, text: str, *, is_nocase: bool = False) -> bool:
    """Tell whether a valid pattern matches somewhere in a text.

    >>> finds("b", "ABC", is_nocase=True), finds("b", "ABC")
    (True, False)
    """
    return _searcher(pattern, is_nocase=is_nocase)(text) is not None


@functools.lru_cache(maxsize=4096)
def _searcher(pattern: str, *, is_nocase: bool) -> Callable[[str], object]:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not is_nocase
    search: Callable[[str], object] = re2.compile(pattern, options=options).search
    return search
