"""What rules say of ATT&CK: the techniques and tactics in their metadata, and a layer for the ATT&CK Navigator.

Rule sets write them in many ways: ids or names, lists in one text, addresses of pages. Ids are found wherever they
stand; tactics in the entries that are called so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

NO_TACTIC: Final = "no tactic named"
# The tactics of the enterprise matrix in its order, with their ids (ATT&CK v18).
TACTICS: Final[Mapping[str, str]] = {
    "Reconnaissance": "TA0043",
    "Resource Development": "TA0042",
    "Initial Access": "TA0001",
    "Execution": "TA0002",
    "Persistence": "TA0003",
    "Privilege Escalation": "TA0004",
    "Defense Evasion": "TA0005",
    "Credential Access": "TA0006",
    "Discovery": "TA0007",
    "Lateral Movement": "TA0008",
    "Collection": "TA0009",
    "Command and Control": "TA0011",
    "Exfiltration": "TA0010",
    "Impact": "TA0040",
}
_BY_ID: Final = {number: name for name, number in TACTICS.items()}
_BY_NAME: Final = {re.sub(r"[\W_]", "", name).lower(): name for name in TACTICS}
_TECHNIQUE: Final = re.compile(r"(?<![A-Za-z0-9])[Tt](\d{4})(?:[./](\d{3}))?(?!\d)")
_ABOUT_ATTACK: Final = re.compile(r"mitre|attack|att&ck|technique|tactic|reference|url", re.IGNORECASE)
_ABOUT_TACTICS: Final = re.compile(r"tactic", re.IGNORECASE)
_TACTIC_ID: Final = re.compile(r"TA\d{4}")


@dataclass(frozen=True, slots=True)
class AttackTags:
    """Technique ids (`T1021.007`) and tactic names of one rule, each once, in the order of the text."""

    techniques: tuple[str, ...]
    tactics: tuple[str, ...]


def attack_tags(rule: CheckedRule) -> AttackTags:
    """Return what a rule says of ATT&CK in its metadata and in outcomes that are plain texts."""
    entries = [(key, value) for key, value in _entries(rule) if _ABOUT_ATTACK.search(key)]
    found = [match for _, value in entries for match in _TECHNIQUE.finditer(value)]
    techniques = [f"T{match[1]}.{match[2]}" if match[2] else f"T{match[1]}" for match in found]
    named = [name for key, value in entries if _ABOUT_TACTICS.search(key) for name in _tactics(value)]
    # A rule that names a technique in full often names its parent, too: the finer one says it all.
    parents = {technique.partition(".")[0] for technique in techniques if "." in technique}
    return AttackTags(
        tuple(dict.fromkeys(technique for technique in techniques if technique not in parents)),
        tuple(dict.fromkeys(named)),
    )


def navigator_layer(rules: Iterable[CheckedRule], name: str) -> dict[str, object]:
    """Return a layer file of the ATT&CK Navigator (format 4.5): per technique the rules, their number as its score."""
    by_technique: dict[str, list[str]] = {}
    for rule in rules:
        for technique in attack_tags(rule).techniques:
            by_technique.setdefault(technique, []).append(rule.name)
    most = max(map(len, by_technique.values()), default=1)
    return {
        "name": name,
        "versions": {"attack": "18", "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": "Techniques that the rules name in their metadata; the score is the number of rules.",
        "techniques": [
            {
                "techniqueID": technique,
                "score": len(names),
                "comment": "\n".join(sorted(names)),
                "enabled": True,
                "showSubtechniques": False,
            }
            for technique, names in sorted(by_technique.items())
        ],
        "gradient": {"colors": ["#e8f1fa", "#1f5fa8"], "minValue": 0, "maxValue": most},
        "legendItems": [],
        "hideDisabled": False,
    }


def _entries(rule: CheckedRule) -> Iterable[tuple[str, str]]:
    yield from rule.meta
    for outcome in rule.outcomes:
        if isinstance(outcome.value, ex.Literal) and isinstance(outcome.value.value, str):
            yield outcome.name, outcome.value.value


def _tactics(text: str) -> Sequence[str]:
    """Return the tactics in a text that lists them by name or id; a name that ATT&CK did not have stays as it is."""
    if ids := _TACTIC_ID.findall(text):
        return [_BY_ID.get(number, number) for number in ids]
    names = [part.strip() for part in re.split(r"[,;|]", text) if part.strip()]
    return [_BY_NAME.get(re.sub(r"[\W_]", "", name).lower(), name) for name in names]
