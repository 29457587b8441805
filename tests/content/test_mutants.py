"""The tests beside the built-in rules notice every change of a clause."""

from __future__ import annotations

from tools import mutants

RULES = mutants.every_rule()
TRIED_ANEW = 1


def test_no_mutant_survived() -> None:
    """The mutants of every rule were tried on its present text and tests: each was caught or is justified."""
    entries = mutants.kept()
    assert entries.keys() == {rule.name for rule in RULES}
    assert [rule.name for rule in mutants.stale(RULES, entries)] == [], "make mutants"
    assert {name: entry["survived"] for name, entry in entries.items() if entry["survived"]} == {}
    assert {name: entry["notes"] for name, entry in entries.items() if entry["notes"]} == {}
    assert [name for name, entry in entries.items() if entry["caught"] <= 5] == []


def test_no_mutant_of_some_rules_survives() -> None:
    """The mutants of some rules are tried here: which ones changes with the rules and their tests."""
    small = sorted(RULES, key=lambda rule: rule.tests.stat().st_size)[: len(RULES) // 4]
    for rule in sorted(small, key=mutants.digest)[:TRIED_ANEW]:
        result = mutants.tried(rule)
        assert (rule.name, result["survived"], result["notes"]) == (rule.name, [], [])
        assert result["caught"] > 5
