"""Which known word was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

_MIN_SIMILARITY: Final = 0.6
_MAX_LENGTH: Final = 100


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like the word, if one is like it at all; the first of equals in alphabetical order.

    >>> closest("conditon", ["condition", "events"])
    'condition'
    """
    if not word or len(word) > _MAX_LENGTH:
        return None
    lowered = word.lower()
    best, best_similarity = None, _MIN_SIMILARITY
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(lowered)
    for candidate in sorted(candidates):
        matcher.set_seq1(candidate.lower())
        if matcher.real_quick_ratio() <= best_similarity or matcher.quick_ratio() <= best_similarity:
            continue
        similarity = matcher.ratio()
        if similarity > best_similarity:
            best, best_similarity = candidate, similarity
    return best
