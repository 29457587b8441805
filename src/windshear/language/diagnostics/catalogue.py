"""All mistakes in one place: what documentation is generated from, and how `allow` and `explain` find one."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from windshear.language.diagnostics import checks, queries, running, syntax
from windshear.language.diagnostics.diagnostic import Mistake

# In the order in which a rule meets them.
_MODULES: Final[tuple[ModuleType, ...]] = (syntax, checks, queries, running)


def all_mistakes() -> tuple[Mistake, ...]:
    """Return every mistake there is, by code."""
    declared = [value for module in _MODULES for value in vars(module).values() if isinstance(value, Mistake)]
    return tuple(sorted(declared, key=lambda mistake: mistake.code))


def lookup(code_or_slug: str) -> Mistake | None:
    """Return the mistake with this code (in any case) or slug.

    >>> lookup("e401").slug
    'missing-section'
    """
    for mistake in all_mistakes():
        if code_or_slug.upper() == mistake.code or code_or_slug == mistake.slug:
            return mistake
    return None
