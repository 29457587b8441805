"""What `check` and `lint` report, in one shape for all machine formats."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.front import Compiled
from windshear.language.lint.lint import Edit
from windshear.language.source import Source


@dataclass(frozen=True, slots=True)
class Report:
    """One diagnostic or finding.

    fingerprint: what tells it from others, wherever it moves. rule: whose it is; empty if that is not known.
    category: of a lint; empty for diagnostics. edits: what would mend it.
    """

    source: Source
    diagnostic: Diagnostic
    fingerprint: str
    rule: str = ""
    category: str = ""
    edits: tuple[Edit, ...] = ()


def diagnostic_report(source: Source, diagnostic: Diagnostic, rule: str = "") -> Report:
    """Return the report of a diagnostic."""
    words = "".join(source.text[diagnostic.span.start : diagnostic.span.end].split())
    kept = f"{diagnostic.mistake.slug}\0{words}".encode("utf-8", "surrogatepass")
    suggestion = diagnostic.suggestion
    edits = (Edit(suggestion.span, suggestion.replacement),) if suggestion else ()
    return Report(source, diagnostic, hashlib.sha256(kept).hexdigest()[:16], rule, edits=edits)


def diagnostic_reports(files: Iterable[Compiled]) -> Sequence[Report]:
    """Return the reports of all diagnostics of some files."""
    return [
        diagnostic_report(file.source, found, _rule_around(file, found)) for file in files for found in file.diagnostics
    ]


def _rule_around(file: Compiled, found: Diagnostic) -> str:
    return next((t.name for t in file.trees if t.span.start <= found.span.start <= t.span.end), "")
