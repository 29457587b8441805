"""The runner's verdicts, on engines that are one line long."""

from __future__ import annotations

import pytest

from windshear.conformance.case import Case
from windshear.conformance.cases import read_cases
from windshear.conformance.compare import FoundDetection
from windshear.conformance.runner import Detections, Unsupported, run_case, run_cases, run_file, summary
from windshear.language.rule import CheckedRule

GOOD = '$e.principal.hostname = "x"'
ONE = GOOD + '\n    "a" = "a"'
SEVERAL = '$e.principal.hostnme = "x"\n    "a" = "a"'
NO_ENGINE_YET = "$e.metadata.event_type > $e.principal.hostname"
NOTHING = '{"detections": []}'


def case(events: str, expected: str) -> Case:
    """Return a case with these events and this expectation."""
    return read_cases("x.md", f"## XX: s\n### XX-1 t\n{rule(events)}Expected:\n```json\n{expected}\n```\n").cases[0]


def rule(events: str) -> str:
    """Return a fenced rule with the given events section."""
    return f'```yaral\nrule t {{\n  meta:\n    a = "b"\n  events:\n    {events}\n  condition:\n    $e\n}}\n```\n'


def finds_nothing(_rule: CheckedRule, _case: Case) -> Detections:
    """Return no detection."""
    return Detections(())


def finds_one(_rule: CheckedRule, _case: Case) -> Detections:
    """Return one empty detection."""
    return Detections((FoundDetection({}, {}, {}, 0, 0, 0, 15),))


def lacks_all(_rule: CheckedRule, _case: Case) -> Unsupported:
    """Refuse every rule."""
    return Unsupported("everything")


def test_passed_and_failed() -> None:
    """A case passes if and only if nothing differs."""
    assert run_case(case(GOOD, NOTHING), finds_nothing).status == "passed"
    failed = run_case(case(GOOD, NOTHING), finds_one)
    assert (failed.status, failed.details) == (
        "failed",
        ("unexpected: 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z",),
    )


def test_skipped_by_the_engine() -> None:
    """An engine that lacks a feature says which."""
    result = run_case(case(GOOD, NOTHING), lacks_all)
    assert (result.status, result.details) == ("skipped", ("not yet supported: everything",))


def test_skipped_by_the_front_end() -> None:
    """A rule that is right but cannot be planned is skipped, not failed."""
    result = run_case(case(NO_ENGINE_YET, NOTHING), finds_nothing)
    assert result.status == "skipped"
    assert all(detail.startswith("not yet supported: ") for detail in result.details)


def test_compile_errors() -> None:
    """Every error must carry the expected reference."""
    verdicts = [
        run_case(case(events, f'{{"compile_error": "{reference}"}}'), finds_nothing)
        for events, reference in ((ONE, "C7"), (ONE, "C4"), (SEVERAL, "C4"), (GOOD, "C7"))
    ]
    assert [verdict.status for verdict in verdicts] == ["passed", "failed", "failed", "failed"]
    assert verdicts[1].details[0] == "expected compile error C4"
    assert "C7" in verdicts[1].details[1]
    assert len(verdicts[2].details) > len(verdicts[1].details)
    assert verdicts[3].details == ("expected compile error C7, but the rule compiles",)


def test_unexpected_compile_error_fails() -> None:
    """A rule that should run and does not compile is a failure that names the mistake."""
    result = run_case(case('$e.principal.hostnme = "x"', NOTHING), finds_nothing)
    assert result.status == "failed"
    assert "unknown-field (C4)" in result.details[0]


def test_several_rules_in_a_case_fail() -> None:
    """A case has one rule."""
    doubled = rule(GOOD).replace("}\n```", "}\n" + rule(GOOD).removeprefix("```yaral\n"))
    text = f"## XX: s\n### XX-1 t\n{doubled}Expected:\n```json\n{NOTHING}\n```\n"
    assert run_cases(read_cases("x.md", text).cases, finds_nothing)[0].status == "failed"


def test_a_file_with_vectors_and_its_summary() -> None:
    """Vectors run like cases; the summary counts."""
    text = (
        f"## XX: s\n### XX-1 t\n{rule(GOOD)}Expected:\n```json\n{NOTHING}\n```\n## FN: v\n"
        '```jsonl\n{"call": "math.abs(1)", "result": 1}\n{"call": "window.median over rows 2, 4", "result": 2}\n```\n'
    )
    results = run_file(read_cases("x.md", text), finds_nothing)
    assert [(result.id, result.status) for result in results] == [
        ("XX-1", "passed"),
        ("FN math.abs(1)", "failed"),
        ("FN window.median over rows 2, 4", "failed"),
    ]
    assert summary(results) == "1 passed, 2 failed, 0 skipped"


@pytest.mark.parametrize("count", [0, 2])
def test_summary_counts_every_status(count: int) -> None:
    """All three numbers are always there."""
    results = run_cases([case(GOOD, NOTHING)] * count, finds_nothing)
    assert summary(results) == f"{count} passed, 0 failed, 0 skipped"
