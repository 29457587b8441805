"""Where a phase puts the mistakes it finds: a list that stays bounded, whatever the input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from windshear.language.diagnostics.diagnostic import Diagnostic, Label, Mistake, Suggestion
from windshear.language.diagnostics.syntax import MORE_MISTAKES
from windshear.language.source import Span

MAX_DIAGNOSTICS: Final = 100


@dataclass(slots=True)
class Collector:
    """Diagnostics in the order in which they were found; at most one per place, and `MAX_DIAGNOSTICS` in all."""

    _found: dict[int, Diagnostic] = field(default_factory=dict)

    def add(
        self,
        mistake: Mistake,
        message: str,
        span: Span,
        *,
        label: str = "",
        help: str = "",  # noqa: A002 (the field of Diagnostic)
        labels: tuple[Label, ...] = (),
        suggestion: Suggestion | None = None,
    ) -> None:
        """Keep a mistake, unless one at the same place is known: the first says it, the second is its consequence."""
        if span.start in self._found:
            return
        if len(self._found) == MAX_DIAGNOSTICS:
            mistake, message = MORE_MISTAKES, "the file holds more mistakes than are shown"
            label, help, labels, suggestion = "", "mend the first ones and try again", (), None  # noqa: A001
        elif len(self._found) > MAX_DIAGNOSTICS:
            return
        self._found[span.start] = Diagnostic(mistake, message, span, label, help, labels, suggestion)

    def all(self) -> tuple[Diagnostic, ...]:
        """Return what was found, in the order of the text."""
        return tuple(self._found[start] for start in sorted(self._found))
