"""The coverage of a pack: which rule finds which behaviour in which logs, how it was tested, and what gets past it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.pages.markdown import page, table
from windshear.evaluate.behaviours import claimed
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.packs.attack import navigator_layer
from windshear.packs.pack import ContentRule, Pack, builtin_packs
from windshear.packs.yaml_text import read_yaml
from windshear.ruletest.reading import load_tests

PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "Endpoint": ("WINDOWS_SYSMON", "WINEVTLOG", "POWERSHELL", "AUDITD"),
    "Azure, Microsoft 365": (
        "AZURE_AD",
        "AZURE_AD_AUDIT",
        "AZURE_ACTIVITY",
        "AZURE_AD_CONTEXT",
        "MICROSOFT_GRAPH_ACTIVITY_LOGS",
        "OFFICE_365",
    ),
    "AWS": ("AWS_CLOUDTRAIL",),
    "Google": ("GCP_CLOUDAUDIT", "WORKSPACE_ACTIVITY"),
    "Okta, AD FS": ("OKTA", "ADFS"),
}
STAGES: Mapping[str, tuple[str, ...]] = {
    "On the endpoint": ("endpoint",),
    "Access": ("access",),
    "Federation": ("federation",),
    "Tokens and workloads": ("token",),
    "Follow-up": (
        "enumeration",
        "credentials",
        "roles",
        "controls",
        "secrets",
        "compute",
        "data",
        "impact",
        "enrolment",
    ),
    "Chains": ("chain",),
}


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What the page needs of a rule."""

    name: str
    meta: Mapping[str, str]
    kinds: Mapping[str, int]  # tests by kind

    @property
    def behaviours(self) -> tuple[str, ...]:
        """The behaviours that it claims."""
        return claimed(self.meta.items())

    @property
    def log_types(self) -> tuple[str, ...]:
        """The log types that it reads, in the order of its meta section."""
        words = self.meta.get("log_types", "").replace(";", " or ").split(" or ")
        return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))

    @property
    def tests(self) -> str:
        """Its tests by kind, in few letters."""
        named = (("attack", "attack"), ("evasion", "evasion"), ("benign", "benign"), ("gap", "gap"))
        parts = [f"{self.kinds.get(kind, 0)} {word}" for kind, word in named]
        return ", ".join([*parts, f"{self.kinds.get('false_positive', 0)} false positive"])


def pages() -> dict[str, str]:
    """Return the pages, by path below docs/."""
    found: dict[str, str] = {}
    for pack in builtin_packs():
        name = pack.name.replace("_", "-")
        rules = facts_of(pack.rules)
        found[f"reference/{name}.md"] = _page(pack, rules, facts_of(pack.posture))
        layer = navigator_layer([compiled(rule) for rule in pack.rules], f"Windshear {pack.name}")
        found[f"reference/{name}-navigator.json"] = json.dumps(layer, indent=2) + "\n"
    return found


def facts_of(rules: Iterable[ContentRule]) -> list[RuleFacts]:
    """Return what the page needs of some rules."""
    return [
        RuleFacts(
            rule.name,
            compiled(rule).meta_values,
            Counter(str(one.test.kind) for one in load_tests(rule.tests).tests),
        )
        for rule in rules
    ]


def compiled(rule: ContentRule) -> CheckedRule:
    """Return a rule, compiled."""
    return compile_source(Source(rule.name, rule.rule.read_text(encoding="utf-8"))).rules[0]


def catalogue(pack: Pack) -> Mapping[str, Mapping[str, Any]]:
    """Return the behaviours of a pack."""
    behaviours: Mapping[str, Mapping[str, Any]] = _data(pack, "behaviours.yaml")["behaviours"]
    return behaviours


def statements(pack: Pack) -> Sequence[Mapping[str, Any]]:
    """Return what published pages ask for, with the behaviours that answer it."""
    statements: Sequence[Mapping[str, Any]] = _data(pack, "statements.yaml")["statements"]
    return statements


def _data(pack: Pack, name: str) -> dict[str, Any]:
    data = read_yaml((pack.folder / name).read_text(encoding="utf-8")).value
    if not isinstance(data, dict):
        raise TypeError(f"{name} holds no mapping")
    return data


def by_behaviour(rules: Iterable[RuleFacts]) -> dict[str, list[RuleFacts]]:
    """Return the rules that claim each behaviour."""
    found: dict[str, list[RuleFacts]] = defaultdict(list)
    for rule in rules:
        for behaviour in rule.behaviours:
            found[behaviour].append(rule)
    return found


def matrix(rules: Sequence[RuleFacts]) -> dict[tuple[str, str], list[RuleFacts]]:
    """Return the rules by stage and platform."""
    return {
        (stage, platform): [
            rule for rule in rules if rule.meta.get("stage") in stages and any(one in types for one in rule.log_types)
        ]
        for stage, stages in STAGES.items()
        for platform, types in PLATFORMS.items()
    }


def _page(pack: Pack, rules: Sequence[RuleFacts], posture: Sequence[RuleFacts]) -> str:
    behaviours = catalogue(pack)
    claims = by_behaviour([*rules, *posture])
    tests = sum(sum(rule.kinds.values()) for rule in rules)
    return page(
        "Coverage of T1021.007",
        f"{len(behaviours)} behaviours, {len(rules)} rules with {tests:,} tests, {len(posture)} posture checks. The "
        "rules are described in [Built-in rules](content.md). A layer for the ATT&CK Navigator lies beside this page: "
        f"[{pack.name.replace('_', '-')}-navigator.json]({pack.name.replace('_', '-')}-navigator.json).",
        "## Stages and platforms",
        "The number of rules.",
        _matrix(rules),
        "## Behaviours",
        *_behaviours(behaviours, claims),
        "## What published pages ask for",
        _statements(statements(pack), claims),
    )


def _matrix(rules: Sequence[RuleFacts]) -> str:
    cells = matrix(rules)
    return table(
        ("Stage", *PLATFORMS),
        [(stage, *(str(len(cells[stage, platform]) or "") for platform in PLATFORMS)) for stage in STAGES],
    )


def _behaviours(behaviours: Mapping[str, Mapping[str, Any]], claims: Mapping[str, list[RuleFacts]]) -> Iterator[str]:
    for id_, behaviour in behaviours.items():
        yield f"### {id_} {behaviour['name']}"
        yield f"Shown by {', '.join(behaviour['shown_by'])}. Known gap: {behaviour['gap']}"
        yield table(
            ("Rule", "Severity", "Logs", "Tests"),
            [
                (f"[{rule.name}](content.md#{rule.name})", rule.meta["severity"], ", ".join(rule.log_types), rule.tests)
                for rule in claims.get(id_, [])
            ],
        )


def _statements(said: Sequence[Mapping[str, Any]], claims: Mapping[str, list[RuleFacts]]) -> str:
    rows = []
    for one in said:
        rules = dict.fromkeys(rule.name for behaviour in one["behaviours"] for rule in claims.get(behaviour, []))
        shown = [f"[{name}](content.md#{name})" for name in list(rules)[:6]]
        more = f" and {len(rules) - len(shown)} more" if len(rules) > len(shown) else ""
        rows.append((one["source"], one["said"], ", ".join(one["behaviours"]), ", ".join(shown) + more))
    return table(("Source", "What it asks for", "Behaviours", "Rules"), rows)
