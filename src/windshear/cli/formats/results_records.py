"""Results of rule tests for machines: JSON, JUnit XML, annotations and the step summary of GitHub."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from windshear.cli.formats.github import annotation, cell
from windshear.cli.formats.junit import Case, Outcome, Suite, junit_xml
from windshear.cli.formats.results_lines import details, headline, summary
from windshear.language.diagnostics.render import to_json
from windshear.ruletest.results import Report, RuleResult, Verdict

_MOST_ROWS = 200  # of a summary, which GitHub cuts at 1 MiB


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
            outcome: Outcome = "failure" if test.status == "failed" else "error"
            text = "\n".join(details(test))
            yield Case(test.name, str(test.file), test.line, outcome, headline(test), text)


def results_annotations(report: Report, *, requires_tests: bool) -> Iterator[str]:
    """Yield one workflow command for each test that did not pass and each file that cannot be used."""
    for rule in report.rules:
        if not rule.tests:
            level = "error" if requires_tests else "notice"
            yield annotation(level, {"file": rule.file, "line": 1, "title": rule.rule}, "the rule has no tests")
        for test in rule.tests:
            if test.status != "passed":
                place = {"file": test.file, "line": test.line, "title": f"{rule.rule}: {test.name}"}
                yield annotation("error", place, "\n".join(details(test)))
    for problem in report.problems:
        file, line, message = [*problem.split(":", 2), "", ""][:3]
        is_placed = line.isdigit()
        place = {"file": file, "line": line} if is_placed else {}
        yield annotation("error", place, message.strip() if is_placed else problem)
    for broken in report.broken:
        for found in broken.diagnostics:
            if found.is_error:
                start = broken.source.position(found.span.start)
                yield annotation("error", {"file": broken.source.name, "line": start.line}, found.message)


def results_summary(report: Report) -> str:
    """Return what a run found as Markdown: a row for each rule that did not pass."""
    lines = ["## windshear test", "", f"**{summary(report)}**", ""]
    wrong = [rule for rule in report.rules if not rule.is_passed]
    if wrong:
        lines += ["| Rule | Test | What |", "| --- | --- | --- |"]
    for rule in wrong[:_MOST_ROWS]:
        failed = [test for test in rule.tests if test.status != "passed"]
        lines += [f"| {cell(rule.rule)} | {cell(test.name)} | {cell(headline(test))} |" for test in failed]
        if not rule.tests:
            lines.append(f"| {cell(rule.rule)} | | no tests |")
    if len(wrong) > _MOST_ROWS:
        lines += ["", f"… and {len(wrong) - _MOST_ROWS:,} more rules."]
    return "\n".join([*lines, *(f"* {cell(problem)}" for problem in report.problems), ""])
