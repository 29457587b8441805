"""GitHub: annotations of a workflow run, and the summary of a step in Markdown."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from windshear.cli.console import count, printable, tell
from windshear.cli.formats.reports import Report
from windshear.language.diagnostics.diagnostic import Severity

_LEVELS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "notice"}
_MOST_ROWS: Final = 200  # of a summary, which GitHub cuts at 1 MiB
_SUMMARY_FILE: Final = "GITHUB_STEP_SUMMARY"


def annotation_lines(reports: Sequence[Report]) -> Iterator[str]:
    """Yield one workflow command per report. GitHub shows the first ten of each level; the summary has all."""
    order = list(_LEVELS)
    for report in sorted(reports, key=lambda report: order.index(report.diagnostic.mistake.severity)):
        found = report.diagnostic
        start, end = report.source.position(found.span.start), report.source.position(found.span.end)
        properties: dict[str, object] = {"file": report.source.name, "line": start.line, "endLine": end.line}
        if start.line == end.line:
            properties |= {"col": start.column, "endColumn": end.column}
        properties["title"] = f"{found.mistake.code} {found.mistake.slug}"
        advice = f"\nhelp: {found.help}" if found.help else ""
        yield annotation(_LEVELS[found.mistake.severity], properties, found.message + advice)


def annotation(level: str, properties: Mapping[str, object], message: str) -> str:
    """Return one workflow command; the level is `error`, `warning` or `notice`."""
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {written}::{_data(message)}\n"


def summary(reports: Sequence[Report], command: str, files: int) -> str:
    """Return what a run found as Markdown: how many of each kind, then each with its place."""
    lines = [f"## windshear {command}", ""]
    if not reports:
        return "\n".join([*lines, f"Nothing found in {count(files, 'file')}.", ""])
    severities = Counter(report.diagnostic.mistake.severity for report in reports)
    counted = ", ".join(count(severities[name], name) for name in _LEVELS if severities[name])
    lines += [f"**{counted}** in {count(files, 'file')}.", "", "| Where | Severity | What |", "| --- | --- | --- |"]
    lines += [_row(report) for report in reports[:_MOST_ROWS]]
    if len(reports) > _MOST_ROWS:
        lines += ["", f"… and {len(reports) - _MOST_ROWS:,} more."]
    return "\n".join([*lines, ""])


def write_step_summary(text: str) -> None:
    """Add Markdown to the summary of the running step, if this is a step of a GitHub workflow."""
    path = os.environ.get(_SUMMARY_FILE, "")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError as error:
        tell(f"the step summary `{path}` cannot be written: {error.strerror}", style="yellow", lead="warning")


def _row(report: Report) -> str:
    found = report.diagnostic
    line = report.source.position(found.span.start).line
    where = cell(f"{report.source.name}:{line}")
    return f"| {where} | {found.mistake.severity} | `{found.mistake.code}` {cell(found.message)} |"


def cell(text: str) -> str:
    """Return text that means nothing to Markdown inside a table."""
    shown = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return shown.replace("[", "\\[").replace("*", "\\*").replace("_", "\\_") if "`" not in shown else shown


def _data(text: str) -> str:
    return _clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _clean(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))
