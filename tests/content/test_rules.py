"""The tests beside the built-in rules, run as `windshear test` runs them."""

from __future__ import annotations

import pytest

from windshear.cli.formats.results_lines import details
from windshear.engine.scan import Settings
from windshear.packs.pack import builtin_packs
from windshear.ruletest.results import RuleResult, Verdict
from windshear.ruletest.running import Run, run_suites
from windshear.ruletest.suites import find_suites

SUITES = find_suites([pack.folder for pack in builtin_packs()])
NAMES = [(suite.rule, read.test.name) for suite in SUITES.suites for _, read in suite.tests]


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, str], Verdict]:
    """Run all tests together, once."""
    return _by_name(run_suites(SUITES.suites))


def _by_name(rules: list[RuleResult]) -> dict[tuple[str, str], Verdict]:
    return {(rule.rule, test.name): test for rule in rules for test in rule.tests}


def test_every_file_can_be_used() -> None:
    """No rule is broken, no tests file has a mistake, and every rule has tests."""
    assert not SUITES.problems
    assert not SUITES.broken
    assert all(suite.tests for suite in SUITES.suites)


@pytest.mark.parametrize("name", NAMES, ids=": ".join)
def test_rule_does_what_its_test_expects(results: dict[tuple[str, str], Verdict], name: tuple[str, str]) -> None:
    """A rule gives the detections that a test beside it expects."""
    result = results[name]
    assert result.status == "passed", "\n".join(details(result))


def test_sift_loses_nothing_of_a_rule() -> None:
    """The tests pass as well where every event of a test is a candidate."""
    settings = Settings(uses_sift=False, shows_samples=False)
    results = _by_name(run_suites(SUITES.suites, Run(settings=settings, explains=False)))
    assert {result.status for result in results.values()} == {"passed"}
