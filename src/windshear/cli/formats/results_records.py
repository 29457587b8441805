"""Results of rule tests for machines: JSON, JUnit XML."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from windshear.cli.formats.junit import Case, Suite, junit_xml
from windshear.cli.formats.results_lines import details, headline
from windshear.language.diagnostics.render import to_json
from windshear.ruletest.results import Report, RuleResult, Verdict


def results_json(report: Report) -> str:
    """Return a report as one JSON object."""
    diagnostics = [
        {"file": file.source.name, **to_json(file.source, found)}
        for file in report.broken
        for found in file.diagnostics
        if found.is_error
    ]
    whole = {
        "tests": sum(1 for _ in report.tests),
        "passed": report.count("passed"),
        "failed": report.count("failed"),
        "errors": report.count("error"),
        "withoutTests": [rule.rule for rule in report.untested],
        "seconds": round(report.seconds, 3),
        "rules": [
            {"rule": rule.rule, "file": str(rule.file), "tests": [_test(test) for test in rule.tests]}
            for rule in report.rules
        ],
        "brokenRules": diagnostics,
        "problems": list(report.problems),
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"


def _test(test: Verdict) -> dict[str, object]:
    found: dict[str, object] = {
        "name": test.name,
        "kind": test.kind,
        "status": test.status,
        "file": str(test.file),
        "line": test.line,
    }
    if test.problem:
        found["problem"] = test.problem
    if test.differences:
        found["differences"] = [
            {"what": one.what, "expected": one.expected, "found": one.found} for one in test.differences
        ]
    if test.explanation is not None:
        found["reason"] = test.explanation.reason
    return found


def results_junit(report: Report, *, requires_tests: bool) -> str:
    """Return a report as JUnit XML: a suite per rule, and one for files that cannot be used."""
    suites = [
        Suite(rule.rule, str(rule.file), list(_cases(rule, requires_tests=requires_tests))) for rule in report.rules
    ]
    broken = [
        Case(
            str(found.span.start), file.source.name, file.source.position(found.span.start).line, "error", found.message
        )
        for file in report.broken
        for found in file.diagnostics
        if found.is_error
    ]
    problems = [Case("tests file", problem.partition(":")[0], 1, "error", problem) for problem in report.problems]
    if broken:
        suites.append(Suite("rules that cannot be loaded", "", broken))
    if problems:
        suites.append(Suite("tests files with mistakes", "", problems))
    return junit_xml("windshear test", suites, report.seconds)


def _cases(rule: RuleResult, *, requires_tests: bool) -> Iterator[Case]:
    if not rule.tests:
        message = "the rule has no tests"
        yield Case("has tests", str(rule.file), 1, "failure" if requires_tests else "skipped", message)
    for test in rule.tests:
        if test.status == "passed":
            yield Case(test.name, str(test.file), test.line, "passed")
        else:
            outcome = "failure" if test.status == "failed" else "error"
            text = "\n".join(details(test))
            yield Case(test.name, str(test.file), test.line, outcome, headline(test), text)
