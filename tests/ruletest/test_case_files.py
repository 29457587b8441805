"""The semantics cases as tests beside rules: all pass, and a wrong expectation is told so that one finds the cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ruletest.case_files import broken, chosen_cases, expectation, write_case
from windshear.cli.formats.results_lines import details
from windshear.ruletest.results import Verdict
from windshear.ruletest.running import Run, run_suites
from windshear.ruletest.suites import find_suites

MESSAGES = Path(__file__).parents[1] / "cases" / "ruletest" / "wrong_expectations.txt"
CASES = chosen_cases()


def _verdicts(folder: Path, *, explains: bool = False) -> dict[str, Verdict]:
    found = find_suites([folder])
    assert not found.problems
    assert not found.broken
    results = run_suites(found.suites, Run(explains=explains))
    return {result.file.parent.name: test for result in results for test in result.tests}


def _told(verdict: Verdict) -> str:
    """Return the differences, and of the explanation, which has cases of its own, the reason."""
    assert verdict.explanation is not None
    lines = list(details(replace(verdict, explanation=None)))
    return "\n".join([*lines, f"why: {verdict.explanation.reason}"]) + "\n"


def test_cases_pass_as_tests(tmp_path: Path) -> None:
    """What a case expects holds when a tests file says it."""
    assert len(CASES) >= 20
    for case in CASES:
        write_case(tmp_path, case, expectation(case))
    verdicts = _verdicts(tmp_path)
    wrong = {name: list(details(one)) for name, one in verdicts.items() if one.status != "passed"}
    assert wrong == {}
    assert len(verdicts) == len(CASES)


def test_a_wrong_expectation_names_itself_and_the_cause(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """With one thing wrong in each, every test fails, says what was expected and found, and why that was found."""
    ways = {}
    for number, case in enumerate(CASES):
        wrong, ways[case.id] = broken(expectation(case), number)
        write_case(tmp_path, case, wrong)
    verdicts = _verdicts(tmp_path, explains=True)
    assert {one.status for one in verdicts.values()} == {"failed"}
    assert len(set(ways.values())) >= 5
    text = "\n".join(
        f"== {case.id} {case.title} ({ways[case.id]} wrong)\n{_told(verdicts[case.id])}\n" for case in CASES
    )
    if request.config.getoption("--golden"):
        MESSAGES.parent.mkdir(exist_ok=True)
        MESSAGES.write_text(text, encoding="utf-8")
    assert text == MESSAGES.read_text(encoding="utf-8")
