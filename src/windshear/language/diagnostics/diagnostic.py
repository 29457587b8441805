"""Diagnostics: what is wrong with a rule, as values.

A `Mistake` declares one kind once: code, slug, title and the row of the language reference it enforces. A
`Diagnostic` is one occurrence with its place. They are collected and sorted, never raised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from windshear.language.source import Span

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One kind of mistake.

    code: `E1xx` syntax, `E2xx` names, `E3xx` types, `E4xx` sections, `E5xx` planning, `W…` warnings, `N…` notes.
    slug: reads after "allow", e.g. `unknown-field`.
    reference: the compile error of the language reference it corresponds to (`C1` … `C28`), or "".
    explanation: what the rule of the language is and how to mend it, for the generated page.
    """

    code: str
    slug: str
    severity: Severity
    reference: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place with a few words."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A patch that would mend the mistake: replace the span by the text."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake found in one rule.

    message: lower case, no full stop, names in backticks, found and expected. label: the few words under the caret.
    help: one line that says what to do.
    """

    mistake: Mistake
    message: str
    span: Span
    label: str = ""
    help: str = ""
    labels: tuple[Label, ...] = ()
    suggestion: Suggestion | None = None

    @property
    def is_error(self) -> bool:
        """Whether the rule cannot run because of it."""
        return self.mistake.severity == "error"
