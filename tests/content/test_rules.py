"""The tests beside the built-in rules, run as `windshear test` runs them."""

from __future__ import annotations

import zlib
from functools import cache

import pytest

from windshear.cli.formats.results_lines import details
from windshear.engine.scan import Settings
from windshear.packs.pack import builtin_packs
from windshear.ruletest.running import Run, run_suites
from windshear.ruletest.suites import Suites, find_suites

PARTS = 4


@cache
def suites() -> Suites:
    """Return the suites of all packs: reading them takes seconds, which a process without these tests can spare."""
    return find_suites([pack.folder for pack in builtin_packs()])


def test_every_file_can_be_used() -> None:
    """No rule is broken, no tests file has a mistake, and every rule has tests."""
    assert not suites().problems
    assert not suites().broken
    assert all(suite.tests for suite in suites().suites)


@pytest.mark.parametrize("uses_sift", [True, False], ids=["with sift", "without sift"])
def test_rules_do_what_their_tests_expect(uses_sift: bool) -> None:
    """All tests beside the rules pass; those of some rules also where every event of a test is a candidate.

    They share one run: many tests cost little more than few. Which rules run without sift changes with their texts.
    """
    every = suites().suites
    chosen = [suite for suite in every if uses_sift or zlib.crc32(suite.file.source.text.encode()) % PARTS == 0]
    run = Run(settings=Settings(uses_sift=uses_sift, shows_samples=False), explains=uses_sift)
    results = run_suites(chosen, run)
    assert sum(len(rule.tests) for rule in results) > 1000 / (1 if uses_sift else 2 * PARTS)
    wrong = [(rule.rule, test) for rule in results for test in rule.tests if test.status != "passed"]
    assert wrong == [], "\n\n".join(f"{name}: {test.name}\n" + "\n".join(details(test)) for name, test in wrong[:5])
