"""Baselines: the findings that a team knows and has not dealt with yet, so that only new ones are told.

A finding is known again by its rule, its lint and the words it is about, not by its line: a rule may move and grow.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from windshear.language.lint.run import Found, LintedFile
from windshear.language.source import Source

Known = Counter[tuple[str, str, str]]  # rule, name of the lint, fingerprint


@dataclass(frozen=True, slots=True)
class Compared:
    """Files without the findings that were known; how many these were; and what of the baseline is there no more."""

    files: tuple[LintedFile, ...]
    known: int
    gone: Known


def fingerprint(found: Found, source: Source) -> str:
    """Return what tells a finding from others of its lint in its rule: the words it is about, blanks aside."""
    words = "".join(source.text[found.span.start : found.span.end].split())
    return hashlib.sha256(f"{found.lint.name}\0{words}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def key(found: Found, source: Source) -> tuple[str, str, str]:
    """Return by what a baseline knows a finding."""
    return (found.rule, found.lint.name, fingerprint(found, source))


def baseline_of(files: Iterable[LintedFile]) -> Known:
    """Return the baseline that knows every finding of some files."""
    return Counter(key(found, file.compiled.source) for file in files for found in file.findings)


def without_known(files: Iterable[LintedFile], known: Known) -> Compared:
    """Take away findings that a baseline knows, each as often as it knows it."""
    left = Counter(known)
    kept = []
    for file in files:
        new = []
        for found in file.findings:
            place = key(found, file.compiled.source)
            if left[place] > 0:
                left[place] -= 1
            else:
                new.append(found)
        kept.append(replace(file, findings=tuple(new)))
    gone = +left
    return Compared(tuple(kept), known.total() - gone.total(), gone)
