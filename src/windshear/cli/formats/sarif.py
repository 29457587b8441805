"""SARIF 2.1.0, the OASIS format for results of static analysis, which code hosts and editors read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import quote

from windshear.cli.formats.reports import Report
from windshear.language.diagnostics.diagnostic import Mistake
from windshear.language.lint.catalogue import lookup
from windshear.language.source import Source, Span

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "windshear/v1"

Json = dict[str, object]


def sarif(reports: Sequence[Report], command: str) -> str:
    """Return a SARIF log with one run; `command` names the command that made the reports."""
    mistakes = {report.diagnostic.mistake.code: report.diagnostic.mistake for report in reports}
    index = {code: number for number, code in enumerate(sorted(mistakes))}
    run: Json = {
        "tool": {
            "driver": {
                "name": "windshear",
                "semanticVersion": version("windshear"),
                "rules": [_rule(mistakes[code]) for code in index],
            }
        },
        "automationDetails": {"id": f"windshear/{command}/"},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(reports, index)),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def artifact_uri(name: str) -> str:
    """Return a file name as a URI: relative ones stay relative, so that a log means the same elsewhere.

    >>> artifact_uri("rules/a b.yaral")
    'rules/a%20b.yaral'
    """
    path = Path(name)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return path.as_uri()
    return quote(path.as_posix(), safe="/")


def _rule(mistake: Mistake) -> Json:
    lint = lookup(mistake.code)
    rule: Json = {
        "id": mistake.code,
        "name": mistake.slug,
        "shortDescription": {"text": lint.title if lint else mistake.slug.replace("-", " ")},
        "fullDescription": {"text": mistake.explanation},
        "help": {"text": mistake.explanation},
        "defaultConfiguration": {"level": lint.severity if lint else mistake.severity},
    }
    if lint is not None:
        rule["properties"] = {"tags": [lint.category]}
    return rule


def _results(reports: Iterable[Report], index: Mapping[str, int]) -> Iterable[Json]:
    seen: dict[tuple[str, str, str], int] = {}
    for report in reports:
        found = report.diagnostic
        place = (report.source.name, found.mistake.code, report.fingerprint)
        seen[place] = seen.get(place, 0) + 1
        result: Json = {
            "ruleId": found.mistake.code,
            "ruleIndex": index[found.mistake.code],
            "level": found.mistake.severity,
            "message": {"text": f"{found.message}\n{found.help}".rstrip()},
            "locations": [_location(report.source, found.span)],
            "partialFingerprints": {FINGERPRINT: f"{report.fingerprint}:{seen[place]}"},
        }
        if report.rule:
            result["properties"] = {"rule": report.rule}
        if found.labels:
            result["relatedLocations"] = [
                {"id": number, **_location(report.source, label.span), "message": {"text": label.text}}
                for number, label in enumerate(found.labels, start=1)
            ]
        if report.edits:
            result["fixes"] = [_fix(report)]
        yield result


def _location(source: Source, span: Span) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": artifact_uri(source.name)},
            "region": _region(source, span),
        }
    }


def _region(source: Source, span: Span) -> Json:
    start, end = source.position(span.start), source.position(span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _fix(report: Report) -> Json:
    return {
        "description": {"text": report.diagnostic.help or "apply the suggestion"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": artifact_uri(report.source.name)},
                "replacements": [
                    {
                        "deletedRegion": _region(report.source, edit.span),
                        "insertedContent": {"text": edit.replacement},
                    }
                    for edit in report.edits
                ],
            }
        ],
    }
