"""What is taken from rules for ATT&CK, however they write it."""

from __future__ import annotations

import pytest

from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.packs.attack import attack_tags, navigator_layer


def rule(meta: str, outcome: str = "", name: str = "r") -> CheckedRule:
    """Return a rule with some entries of its metadata and some outcomes."""
    events = '$e.metadata.event_type = "USER_LOGIN"'
    text = f'rule {name} {{ meta: author = "A" {meta} events: {events} {outcome} condition: $e }}'
    (found,) = compile_source(Source("", text)).rules
    return found


@pytest.mark.parametrize(
    ("meta", "techniques", "tactics"),
    [
        ('mitre_attack_technique = "T1021.007, T1078.004"', ("T1021.007", "T1078.004"), ()),
        ('mitre_attack_url = "https://attack.mitre.org/techniques/T1136/003/"', ("T1136.003",), ()),
        ('reference = "https://attack.mitre.org/techniques/T1580"', ("T1580",), ()),
        ('technique = "t1059 (Command and Scripting Interpreter)"', ("T1059",), ()),
        ('mitre_attack_technique = "T1078" mitre_attack_url = "T1078.004"', ("T1078.004",), ()),
        ('description = "after T1078 we saw", hash = "aT10781"'.replace(",", ""), (), ()),
        ('mitre_attack_technique = "Valid Accounts"', (), ()),
        ('mitre_attack_tactic = "lateral movement, Initial-Access"', (), ("Lateral Movement", "Initial Access")),
        ('tactic = "TA0008 TA0001"', (), ("Lateral Movement", "Initial Access")),
        ('mitre_attack_tactic = "Stealth"', (), ("Stealth",)),
        ('mitre_attack_tactic = "Command & Control"', (), ("Command & Control",)),
    ],
)
def test_tags(meta: str, techniques: tuple[str, ...], tactics: tuple[str, ...]) -> None:
    """Ids are found in entries about ATT&CK, tactics by name or id; a finer technique stands for its parent."""
    tags = attack_tags(rule(meta))
    assert (tags.techniques, tags.tactics) == (techniques, tactics)


def test_outcomes_count_as_well() -> None:
    """Many public rules say it in outcomes that are plain texts."""
    tags = attack_tags(rule("", 'outcome: $mitre_attack_technique_id = "T1562.008" $mitre_attack_tactic = "Impact"'))
    assert (tags.techniques, tags.tactics) == (("T1562.008",), ("Impact",))


def test_the_layer_counts_rules() -> None:
    """The score of a technique is the number of rules that name it."""
    rules = [rule('technique = "T1021.007"', name="b"), rule('technique = "T1021.007, T1110"', name="a")]
    layer = navigator_layer(rules, "mine")
    assert layer["name"] == "mine"
    assert layer["domain"] == "enterprise-attack"
    techniques = layer["techniques"]
    assert isinstance(techniques, list)
    assert [(one["techniqueID"], one["score"], one["comment"]) for one in techniques] == [
        ("T1021.007", 2, "a\nb"),
        ("T1110", 1, "a"),
    ]
