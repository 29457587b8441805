"""All patterns of one leaf at once, over the distinct values of a batch.

RE2's own filter looks for the literals that the patterns require (one pass over a text for all of them) and then runs
RE2 for the patterns whose literals are there, so the answer is exact by definition. What a text matched is remembered
across batches, within bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import re2

from windshear.engine.sift.nodes import Pattern

_PATTERNS_PER_FILTER = 512  # RE2 refuses a set that outgrows its memory budget; a filter that it refuses is halved
_REMEMBERED_BYTES = 8_000_000  # per leaf
_ENTRY_BYTES = 150  # what a remembered text costs beside its characters
_REMEMBERED_LENGTH = 4_000  # longer texts are rarely seen twice

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Search:
    """Finds which of some patterns match; they are numbered from `first` on, and the results from 0."""

    first: int
    find: Callable[[bytes], Sequence[int] | None]


class PatternSet:
    """The patterns of one leaf, compiled when they are first needed."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self._searches: list[_Search] | None = None
        self._memory: dict[str, tuple[int, ...]] = {}
        self._remembered_bytes = 0

    def hits(self, texts: Sequence[str]) -> dict[int, Codes]:
        """Return, for every pattern number that matches something, the positions of the texts that it matches."""
        found: dict[int, list[int]] = {}
        for position, (text, remembered) in enumerate(zip(texts, map(self._memory.get, texts), strict=True)):
            for number in self._match(text) if remembered is None else remembered:
                found.setdefault(number, []).append(position)
        return {number: np.array(positions, dtype=np.int64) for number, positions in found.items()}

    def _match(self, text: str) -> tuple[int, ...]:
        if self._searches is None:
            self._searches = _compile(self._patterns)
        encoded = text.encode()
        matched = tuple(search.first + i for search in self._searches for i in search.find(encoded) or ())
        if len(text) <= _REMEMBERED_LENGTH:
            if self._remembered_bytes > _REMEMBERED_BYTES:
                self._memory.clear()
                self._remembered_bytes = 0
            self._memory[text] = matched
            self._remembered_bytes += len(text) + _ENTRY_BYTES
        return matched


def _compile(patterns: Sequence[Pattern]) -> list[_Search]:
    starts = range(0, len(patterns), _PATTERNS_PER_FILTER)
    return [search for first in starts for search in _filters(patterns[first : first + _PATTERNS_PER_FILTER], first)]


def _filters(patterns: Sequence[Pattern], first: int) -> list[_Search]:
    whole = re2.Filter()
    for pattern in patterns:
        whole.Add(pattern.text, _options(pattern))
    try:
        whole.Compile()
    except re2.error:
        if len(patterns) == 1:
            return [_without_filter(patterns[0], first)]
        half = len(patterns) // 2
        return _filters(patterns[:half], first) + _filters(patterns[half:], first + half)
    return [_Search(first, whole.Match)]


def _without_filter(pattern: Pattern, first: int) -> _Search:
    compiled = re2.compile(pattern.text, _options(pattern))
    return _Search(first, lambda text: [0] if compiled.search(text) else None)


def _options(pattern: Pattern) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not pattern.is_nocase
    return options
