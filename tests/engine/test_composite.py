"""Who reads whose detections: order of settling, cycles, and what none of two rules sees of the other."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from windshear.context.context import Context
from windshear.context.lists import ReferenceList
from windshear.engine.composite import Composition, compose
from windshear.engine.cycles import knots
from windshear.engine.plan import build_plans, lists_of
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source

Rules = Mapping[str, str]  # name -> its filters on `$d.detection`; none: the rule reads events
Waits = Mapping[str, str]  # name -> the rules whose detections it sees

_CONTEXT = Context(lists={"named": ReferenceList("named", None, ("base", "c"))})
_BY_NAME = "$d.detection.detection.rule_name"


def composition(rules: Rules) -> Composition:
    """Compile and compose rules; the meta section of each has its name as `stage`."""
    return compose(build_plans([checked(name, filters) for name, filters in rules.items()], lists_of(_CONTEXT)))


def checked(name: str, filters: str) -> CheckedRule:
    """Compile one rule."""
    if filters:
        events = f'{filters}\n    $d.detection.detection.outcomes["k"] = $k'
        parts = f"events:\n    {events}\n  match:\n    $k over 1h\n  condition:\n    $d"
    else:
        parts = 'events:\n    $e.principal.hostname = "x"\n  condition:\n    $e'
    text = f'rule {name} {{\n  meta:\n    stage = "{name}"\n  {parts}\n}}\n'
    compiled = compile_source(Source(name, text))
    assert not compiled.is_broken, compiled.diagnostics
    return compiled.rules[0]


def named(*names: str) -> str:
    """Filter detections by the names of rules."""
    return " or ".join(f'{_BY_NAME} = "{name}"' for name in names)


ANY = "$d.detection.detection.risk_score > 50"

# title -> rules, what each sees, and the cycles in which some are.
CASES: Mapping[str, tuple[Rules, Waits, Mapping[str, str]]] = {
    "a name": ({"c": named("base"), "base": "", "other": ""}, {"c": "base"}, {}),
    "several names": ({"c": named("base", "other"), "base": "", "other": ""}, {"c": "base other"}, {}),
    "a name in other letters": ({"c": f'{_BY_NAME} = "BASE" nocase', "base": ""}, {"c": "base"}, {}),
    "a pattern": ({"c": f"{_BY_NAME} = /^ba/", "base": "", "other": ""}, {"c": "base"}, {}),
    "a list": ({"d": f"{_BY_NAME} in %named", "c": ANY, "base": ""}, {"d": "base c", "c": "base"}, {}),
    "not a name": ({"c": f'{_BY_NAME} != "base"', "base": "", "other": ""}, {"c": "other"}, {}),
    "the id of another rule": ({"c": '$d.detection.detection.rule_id = "ru_x"', "base": ""}, {"c": ""}, {}),
    "a label": ({"c": '$d.detection.detection.rule_labels["stage"] = "base"', "base": "", "o": ""}, {"c": "base"}, {}),
    "no filter that is known beforehand": ({"c": ANY, "base": "", "other": ""}, {"c": "base other"}, {}),
    "a name or something else": ({"c": f"{named('base')} or {ANY}", "base": "", "o": ""}, {"c": "base o"}, {}),
    "a name and something else": ({"c": f"{named('base')}\n    {ANY}", "base": "", "o": ""}, {"c": "base"}, {}),
    "three levels, written upside down": (
        {"top": named("middle"), "middle": named("low"), "low": named("base"), "base": ""},
        {"top": "middle", "middle": "low", "low": "base"},
        {},
    ),
    "whoever reads all comes last": (
        {"open": ANY, "c": named("base"), "base": ""},
        {"open": "base c", "c": "base"},
        {},
    ),
    "two that read all see nothing of each other": (
        {"open": ANY, "wide": ANY, "base": ""},
        {"open": "base", "wide": "base"},
        {},
    ),
    "who names one that reads all comes after it": (
        {"c": named("open"), "open": ANY, "base": ""},
        {"c": "open", "open": "base"},
        {},
    ),
    "labels that lead on": (
        {
            "second": '$d.detection.detection.rule_labels["stage"] = "first"',
            "first": '$d.detection.detection.rule_labels["stage"] = "base"',
            "base": "",
        },
        {"second": "first", "first": "base"},
        {},
    ),
    "its own name": ({"c": named("c", "base"), "base": ""}, {"c": "base"}, {}),
    "a cycle of two": (
        {"a": named("b"), "b": named("a"), "c": named("a", "base"), "base": ""},
        {},
        {"a": "a -> b -> a", "b": "b -> a -> b"},
    ),
    "a cycle of three, and one beside it": (
        {"a": named("b"), "b": named("c"), "c": named("a"), "d": named("a")},
        {},
        {"a": "a -> b -> c -> a", "b": "b -> c -> a -> b", "c": "c -> a -> b -> c"},
    ),
}


@pytest.mark.parametrize(("rules", "waits", "cycles"), CASES.values(), ids=CASES)
def test_case(rules: Rules, waits: Waits, cycles: Mapping[str, str]) -> None:
    """Rules see what they may, come after it, and name the cycle that they are on."""
    found = composition(rules)
    assert found.cycles == cycles
    if cycles:
        with pytest.raises(ValueError, match="wait for each other"):
            _ = found.order
        return
    seen = {
        name: {read for read, by in found.readers.items() if name in by} for name, filters in rules.items() if filters
    }
    assert seen == {name: set(names.split()) for name, names in waits.items()}
    order = [plan.facts.name for plan in found.order]
    assert sorted(order) == sorted(rules)
    assert all(order.index(read) < order.index(name) for name, names in seen.items() for read in names)


def test_rules_that_nothing_feeds_are_told() -> None:
    """A detection that must be there, and that no rule makes, is a mistake of the rule set."""
    rules = {"typo": named("bsae"), "own": named("own"), "c": named("base"), "base": ""}
    assert composition(rules).unfed == ("typo", "own")


def test_a_long_chain_needs_no_recursion() -> None:
    """Ten thousand nodes in a row, and in a ring, are groups of one, and one group of all."""
    row = {str(number): [str(number + 1)] for number in range(10_000)} | {"10000": []}
    assert [len(knot) for knot in knots(row)] == [1] * 10_001
    assert [len(knot) for knot in knots(row | {"10000": ["0"]})] == [10_001]
