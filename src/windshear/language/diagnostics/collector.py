"""Where a phase puts the mistakes it finds: a list that stays bounded, whatever the input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.diagnostics.syntax import MORE_MISTAKES
from windshear.language.source import Span

MAX_DIAGNOSTICS: Final = 100


@dataclass(slots=True)
class Collector:
    """Diagnostics in the order in which they were found; at most one per place, and `MAX_DIAGNOSTICS` in all."""

    _found: dict[int, Diagnostic] = field(default_factory=dict)

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a mistake, unless one at the same place is known: the first says it, the second is its consequence."""
        start = diagnostic.span.start
        if start in self._found or len(self._found) > MAX_DIAGNOSTICS:
            return
        self._found[start] = diagnostic if len(self._found) < MAX_DIAGNOSTICS else _more_mistakes(diagnostic.span)

    def replace(self, diagnostic: Diagnostic) -> None:
        """Keep a mistake that says more exactly what is wrong than the one known at its place, if one is kept there."""
        if diagnostic.span.start in self._found and len(self._found) <= MAX_DIAGNOSTICS:
            self._found[diagnostic.span.start] = diagnostic

    def all(self) -> tuple[Diagnostic, ...]:
        """Return what was found, in the order of the text."""
        return tuple(self._found[start] for start in sorted(self._found))


def _more_mistakes(span: Span) -> Diagnostic:
    return Diagnostic(
        MORE_MISTAKES,
        "the file holds more mistakes than are shown",
        span,
        help="mend the first ones and try again",
    )
