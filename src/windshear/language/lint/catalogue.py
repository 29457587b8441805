"""All lints in one place: what runs, what documentation is generated from, and how a word finds one."""

from __future__ import annotations

from functools import lru_cache

from windshear.language.diagnostics.catalogue import lookup as lookup_mistake
from windshear.language.diagnostics.diagnostic import Severity
from windshear.language.lint.lint import Lint
from windshear.language.lint.lints import (
    absent,
    cost,
    logic,
    metadata,
    patterns,
    repeated,
    results,
    style,
    suppressions,
    tenant,
    texts,
)
from windshear.language.lint.settings import LintSettings

CATEGORIES = {
    "correctness": "The rule may not find what it is for, or find what it is not for.",
    "cost": "The rule costs more than it must.",
    "tenant": "The rule may not run, or not for long, in the tenant that it is for.",
    "metadata": "The rule says too little, or something wrong, about itself.",
    "style": "The rule reads worse than it must.",
}
_MODULES = (absent, repeated, results, logic, patterns, texts, cost, tenant, metadata, style, suppressions)


@lru_cache(maxsize=1)
def all_lints() -> tuple[Lint, ...]:
    """Return every lint there is, by code."""
    return tuple(sorted((lint for module in _MODULES for lint in module.LINTS), key=lambda lint: lint.code))


def lookup(code_or_name: str) -> Lint | None:
    """Return the lint with this code (in any case) or name.

    >>> lookup("w501").name
    'plain-not-equal-on-repeated'
    """
    for lint in all_lints():
        if code_or_name.upper() == lint.code or code_or_name == lint.name:
            return lint
    return None


def is_selector(word: str) -> bool:
    """Whether a word selects something: `all`, a category, a name, a code, the beginning of codes, or a diagnostic.

    >>> is_selector("W5"), is_selector("cost"), is_selector("costs")
    (True, True, False)
    """
    return any(_matches(word, lint) for lint in all_lints()) or lookup_mistake(word) is not None


@lru_cache(maxsize=64)
def selected(settings: LintSettings) -> tuple[tuple[Lint, Severity], ...]:
    """Return the lints that are on, each with its severity.

    The word that says most of a lint decides: its code or name before the longer beginning of its code, before its
    category, before `all`. Of equal ones `ignore` wins.
    """
    found = []
    for lint in all_lints():
        wanted = max((_weight(word, lint) for word in settings.select), default=0 if settings.select else 1)
        refused = max((_weight(word, lint) for word in settings.ignore), default=0)
        if wanted > refused:
            found.append((lint, _severity(lint, settings)))
    return tuple(found)


def _severity(lint: Lint, settings: LintSettings) -> Severity:
    known = dict(settings.severities)
    return known.get(lint.name) or known.get(lint.code) or lint.severity


def _matches(word: str, lint: Lint) -> bool:
    return _weight(word, lint) > 0


def _weight(word: str, lint: Lint) -> int:
    """Return how exactly a word names a lint; 0 if it does not."""
    if word == lint.name or word.upper() == lint.code:
        return 100
    if word == "all":
        return 1
    if word == lint.category:
        return 2
    return 2 + len(word) if len(word) > 1 and lint.code.startswith(word.upper()) else 0
