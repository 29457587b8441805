"""How `lint` shows what it found, in each of its formats."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from windshear.cli.console import count, is_coloured, out, write
from windshear.cli.formats.github import annotation_lines, summary
from windshear.cli.formats.names import LintFormat
from windshear.cli.formats.reports import Report, diagnostic_reports
from windshear.cli.formats.sarif import sarif
from windshear.language.diagnostics.render import render_text, to_json
from windshear.language.lint.baseline import fingerprint
from windshear.language.lint.run import LintedFile

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "cyan"}


def reports_of(files: Sequence[LintedFile]) -> list[Report]:
    """Return diagnostics and findings of all files, in the order of files and of their text."""
    reports: list[Report] = []
    for file in files:
        source = file.compiled.source
        found = list(diagnostic_reports([file.compiled]))
        found += [
            Report(source, item.diagnostic, fingerprint(item, source), item.rule, item.lint.category, item.finding.fix)
            for item in file.findings
        ]
        reports += sorted(found, key=lambda report: (report.diagnostic.span, report.diagnostic.mistake.code))
    return reports


def show(reports: Sequence[Report], form: LintFormat, files: int, limit: int) -> None:
    """Write reports to standard output; as text at most `limit` of them in full (0: all)."""
    match form:
        case LintFormat.TEXT:
            _show_text(reports, limit)
        case LintFormat.JSON:
            for line in _json_lines(reports):
                write(line)
        case LintFormat.SARIF:
            write(sarif(reports, "lint"))
        case LintFormat.GITHUB:
            for line in annotation_lines(reports):
                write(line)
        case LintFormat.MARKDOWN:
            write(summary(reports, "lint", files))


def _show_text(reports: Sequence[Report], limit: int) -> None:
    shown = reports[:limit] if limit else reports
    for report in shown:
        write(render_text(report.source, [report.diagnostic], color=is_coloured(out)) + "\n")
    if len(shown) < len(reports):
        write(f"… and {len(reports) - len(shown):,} more; `--limit 0` shows all of them.\n\n")
    if len({report.diagnostic.mistake.code for report in reports}) > 1:
        _print_counts(reports)


def _print_counts(reports: Sequence[Report]) -> None:
    """Print how often each kind was found, the worst first."""
    counts = Counter(report.diagnostic.mistake for report in reports)
    fixable = Counter(report.diagnostic.mistake for report in reports if report.edits and report.category)
    order = list(_STYLES)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("FOUND", justify="right")
    for heading in ("CODE", "NAME", "SEVERITY", "FIX"):
        table.add_column(heading, no_wrap=True)
    for mistake, number in sorted(counts.items(), key=lambda item: (order.index(item[0].severity), -item[1])):
        severity = Text(mistake.severity, _STYLES[mistake.severity])
        table.add_row(
            f"{number:,}", mistake.code, mistake.slug, severity, f"{fixable[mistake]:,}" * bool(fixable[mistake])
        )
    out.print(table)


def _json_lines(reports: Sequence[Report]) -> Iterator[str]:
    for report in reports:
        found = {
            "file": report.source.name,
            "rule": report.rule,
            "category": report.category,
            "fingerprint": report.fingerprint,
            **to_json(report.source, report.diagnostic),
        }
        found["fix"] = [
            {"start": edit.span.start, "end": edit.span.end, "replacement": edit.replacement} for edit in report.edits
        ]
        yield json.dumps(found) + "\n"


def counted(reports: Sequence[Report], files: int) -> str:
    """Return one line with the counts.

    >>> counted([], 2)
    'nothing found in 2 files'
    """
    severities = Counter(report.diagnostic.mistake.severity for report in reports)
    parts = [count(severities[name], name) for name in ("error", "warning", "note") if severities[name]]
    return f"{', '.join(parts) or 'nothing found'} in {count(files, 'file')}"
