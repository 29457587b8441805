"""What holds for the rules of the built-in pack together: words, tables and tests, and that no rule is missing."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from tests.content.test_population import META
from tools.pages import behaviours as coverage
from windshear.cli.formats.names import severity_rank
from windshear.logs.catalogue import log_types
from windshear.packs.pack import ContentRule, builtin_packs
from windshear.packs.tables import shipped_tables
from windshear.ruletest.reading import load_tests

PACK = builtin_packs()[0]
FACTS = {facts.name: facts for facts in coverage.facts_of((*PACK.rules, *PACK.posture))}
STAGES = {stage for some in coverage.STAGES.values() for stage in some} | {"posture"}
BEHAVIOURS = coverage.catalogue(PACK)
RULES = (*PACK.rules, *PACK.posture)
KEYS = (*META, "behaviours", "stage", "log_types")
MOST_OUTCOMES = 20  # what the language allows
CLOUDS = ("Azure, Microsoft 365", "AWS", "Google")
# Where a platform has such a stage at all; the rest of the matrix may be empty.
NEEDED = {
    ("On the endpoint", "Endpoint"),
    ("Federation", "Endpoint"),
    *itertools.product(("Access", "Tokens and workloads", "Follow-up", "Federation", "Chains"), CLOUDS),
    *itertools.product(("Access", "Federation", "Tokens and workloads", "Follow-up", "Chains"), ("Okta, AD FS",)),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_says_what_it_is(rule: ContentRule) -> None:
    """Each rule has the same entries in its meta section, with words that exist."""
    meta = FACTS[rule.name].meta
    assert [key for key in KEYS if not meta.get(key)] == []
    assert severity_rank(meta["severity"]) >= 0
    assert meta["stage"] in STAGES
    assert set(FACTS[rule.name].behaviours) <= BEHAVIOURS.keys()
    assert set(FACTS[rule.name].log_types) <= set(log_types())
    assert not meta["description"].endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_tuned_by_what_there_is(rule: ContentRule) -> None:
    """Tables and columns that rows would go to exist and are read by the rule, and the values come from it."""
    text, tables = rule.rule.read_text(), shipped_tables([rule.rule])
    for entry in filter(None, (part.strip() for part in FACTS[rule.name].meta.get("tuning", "").split(";"))):
        place, _, outcome = entry.partition("=")
        table, _, column = place.partition(".")
        assert column in tables[table].columns
        assert f"%{table}.{column}" in text or table in ("site_egress", "person_aliases"), "the rule does not read it"
        assert re.search(rf"\${outcome}\b(?!\.)", text), f"there is no variable ${outcome}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_tells_what_an_analyst_needs(rule: ContentRule) -> None:
    """A score whose parts are seen, the cloud, and a sentence; no more variables than the language allows."""
    checked = coverage.compiled(rule)
    names = {outcome.name for outcome in checked.outcomes}
    assert len(names) <= MOST_OUTCOMES
    assert {"risk_score", "explanation"} <= names
    assert (
        any(name.startswith("risk_") and name != "risk_score" for name in names)
        or FACTS[rule.name].meta["stage"] == "posture"
    )
    if FACTS[rule.name].meta["stage"] != "posture":
        assert "cloud" in names or "clouds" in names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_tested_from_all_sides(rule: ContentRule) -> None:
    """At least two attacks, two evasions and two benign twins; false positives that are documented are shown."""
    kinds = FACTS[rule.name].kinds
    posture = FACTS[rule.name].meta["stage"] == "posture"
    assert kinds.get("attack", 0) + kinds.get("false_positive", 0) >= 2
    assert posture or kinds.get("evasion", 0) >= 2
    assert kinds.get("benign", 0) >= 2


@pytest.mark.parametrize("behaviour", sorted(BEHAVIOURS))
def test_behaviour_has_rules_with_tests(behaviour: str) -> None:
    """Each behaviour has a rule, and an attack, an evasion and a benign test among its rules."""
    rules = coverage.by_behaviour(FACTS.values()).get(behaviour, [])
    assert rules, "no rule claims it"
    kinds = {kind for rule in rules for kind, number in rule.kinds.items() if number}
    assert {"attack", "benign"} <= kinds
    assert "evasion" in kinds or behaviour == "B46"


def test_no_statement_is_without_an_answer() -> None:
    """Whatever published pages ask for has behaviours, and these have rules."""
    claims = coverage.by_behaviour(FACTS.values())
    said = coverage.statements(PACK)
    assert len(said) > 25
    unanswered = [
        one["said"] for one in said if not one["behaviours"] or any(not claims.get(b) for b in one["behaviours"])
    ]
    assert unanswered == []


def test_stages_and_platforms_have_rules() -> None:
    """Each platform has rules for each stage that it knows."""
    cells = coverage.matrix(coverage.facts_of(PACK.rules))
    assert sorted(cell for cell in NEEDED if not cells[cell]) == []


def test_every_log_type_of_a_behaviour_is_read_by_one_of_its_rules() -> None:
    """A behaviour is not said to be shown by a log that none of its rules reads."""
    claims = coverage.by_behaviour(FACTS.values())
    unread = [
        f"{behaviour}: {log_type}"
        for behaviour, said in BEHAVIOURS.items()
        for log_type in said["shown_by"]
        if log_type != "AZURE_AD_CONTEXT" and not any(log_type in rule.log_types for rule in claims.get(behaviour, []))
    ]
    assert unread == []


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.name)
def test_no_test_repeats_a_whole_record(rule: ContentRule) -> None:
    """Tests files can be read: records that are alike come from templates."""
    assert rule.tests.stat().st_size < 120_000
    assert load_tests(rule.tests).tests
    assert Path(rule.guide).stat().st_size > 600
