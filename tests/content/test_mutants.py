"""The tests beside the built-in rules notice every change of a clause."""

from __future__ import annotations

from tools import mutants

RULES = mutants.every_rule()
TRIED_ANEW = 2  # rules whose mutants are tried here; which ones changes with the rules and their tests


def test_mutants_of_every_rule_were_tried_as_it_is() -> None:
    """What is kept is about the rules and tests as they are: otherwise run `make mutants`."""
    assert [rule.name for rule in mutants.stale(RULES, mutants.kept())] == []
    assert mutants.kept().keys() == {rule.name for rule in RULES}


def test_no_mutant_survives() -> None:
    """Every mutant of every rule is caught by a test or justified, and no justification is idle."""
    entries = mutants.kept()
    assert {name: entry["survived"] for name, entry in entries.items() if entry["survived"]} == {}
    assert {name: entry["notes"] for name, entry in entries.items() if entry["notes"]} == {}
    assert [name for name, entry in entries.items() if entry["caught"] <= 5] == []


def test_what_is_kept_comes_out_again() -> None:
    """The mutants of some rules are tried once more, with the same result."""
    entries = mutants.kept()
    small = sorted(RULES, key=lambda rule: rule.tests.stat().st_size)[: len(RULES) // 2]
    for rule in sorted(small, key=mutants.digest)[:TRIED_ANEW]:
        assert mutants.tried(rule) == entries[rule.name]
