"""The tests beside the built-in rules, run as `windshear test` runs them."""

from __future__ import annotations

import pytest

from windshear.cli.formats.results_lines import details
from windshear.engine.scan import Settings
from windshear.packs.pack import builtin_packs
from windshear.ruletest.running import Run, run_suites
from windshear.ruletest.suites import find_suites

SUITES = find_suites([pack.folder for pack in builtin_packs()])


def test_every_file_can_be_used() -> None:
    """No rule is broken, no tests file has a mistake, and every rule has tests."""
    assert not SUITES.problems
    assert not SUITES.broken
    assert all(suite.tests for suite in SUITES.suites)


@pytest.mark.parametrize("uses_sift", [True, False], ids=["with sift", "without sift"])
def test_rules_do_what_their_tests_expect(uses_sift: bool) -> None:
    """All tests beside the rules pass, also where every event of a test is a candidate; they share one run.

    One test for all of them: a run of many tests costs little more than one of few.
    """
    run = Run(settings=Settings(uses_sift=uses_sift, shows_samples=False), explains=uses_sift)
    results = run_suites(SUITES.suites, run)
    assert sum(len(rule.tests) for rule in results) > 500
    wrong = [(rule.rule, test) for rule in results for test in rule.tests if test.status != "passed"]
    assert wrong == [], "\n\n".join(f"{name}: {test.name}\n" + "\n".join(details(test)) for name, test in wrong[:5])
