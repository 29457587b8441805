"""What a lint is: one declaration from which checking, fixing, the reference page and the tests come.

A lint looks at a rule that can run and says where it may not do what its author means, costs more than it must, or
lacks something. Mistakes that keep a rule from running, and warnings about the language itself, are diagnostics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.language.diagnostics.diagnostic import Label, Mistake, Severity
from windshear.language.lint.settings import Tenant
from windshear.language.lint.subject import Subject
from windshear.language.source import Span

Category = Literal["correctness", "cost", "tenant", "metadata", "style"]
FixKind = Literal["safe", "unsafe"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what stands at the span by the text."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that a lint found. message, help and labels read as those of diagnostics; fix: what would mend it."""

    message: str
    span: Span
    help: str = ""
    labels: tuple[Label, ...] = ()
    fix: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Lint:
    """One kind of finding.

    code: `W501` and on. name: reads after "ignore". why: what goes wrong, for the reference page. bad, good: rules
    without their header and usual metadata (see `examples`); the bad one has this finding alone, the good one none.
    They are empty where one rule does not show it. tenant: what the settings must say for the examples.
    check: for one rule; check_all: for all rules of a run together, whose findings belong to one of them. Neither is
    given where the run itself finds it. fix: whether fixes keep the meaning of the rule (`safe`) or change it as
    advised (`unsafe`).
    """

    code: str
    name: str
    severity: Severity
    category: Category
    title: str
    why: str
    bad: str
    good: str
    check: Callable[[Subject], Iterator[Finding]] | None = None
    check_all: Callable[[Sequence[Subject]], Iterator[tuple[Subject, Finding]]] | None = None
    fix: FixKind | None = None
    tenant: Tenant | None = None

    def mistake(self, severity: Severity | None = None) -> Mistake:
        """Return the lint as a kind of diagnostic, so that both are shown in one way."""
        return Mistake(self.code, self.name, severity or self.severity, "", self.why)
