"""The tests beside the built-in rules notice every change of a clause."""

from __future__ import annotations

from windshear.packs.pack import builtin_packs
from windshear.ruletest.mutation.checking import check_mutants
from windshear.ruletest.running import Run
from windshear.ruletest.suites import find_suites


def test_no_mutant_of_a_builtin_rule_survives() -> None:
    """Every mutant of every rule is caught by a test or justified, and no justification is idle."""
    suites = find_suites([pack.folder for pack in builtin_packs()]).suites
    checked = list(check_mutants(suites, Run()))
    assert len(checked) == len(suites)
    assert [rule.problem for rule in checked if rule.problem] == []
    assert [(rule.rule, one.mutant.said) for rule in checked for one in rule.of("survived")] == []
    assert [note for rule in checked for note in rule.notes] == []
    assert all(len(rule.of("caught")) > 10 for rule in checked)
