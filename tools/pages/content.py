"""Content: the built-in rules, what each needs and what it was tested with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.pages.markdown import code, page, table
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.packs.pack import ContentRule, Pack, builtin_packs
from windshear.ruletest.reading import load_tests
from windshear.ruletest.tests_file import Kind

_ROOT = Path(__file__).parents[2]
_KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("attack", "attack", "attacks"),
    ("evasion", "evasion", "evasions"),
    ("benign", "benign", "benign"),
    ("gap", "known gap", "known gaps"),
    ("false_positive", "known false positive", "known false positives"),
)


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/content.md": _page()}


def _page() -> str:
    return page(
        "Built-in rules",
        "Rules that come with Windshear. `windshear scan` without `--rules` and `--pack` runs all of them. Each has a "
        "guide beside it that says what it sees, what disturbs it, what gets past it and what to do first.",
        *(part for pack in builtin_packs() for part in _pack(pack)),
    )


def _pack(pack: Pack) -> Iterator[str]:
    yield f"## {pack.name}"
    yield _overview(pack.rules)
    for rule in pack.rules:
        yield from _rule(rule)
    if pack.posture:
        yield "## Posture"
        yield "Checks of `windshear posture`: facts to put right. They are no alerts, and a scan does not run them."
        for rule in pack.posture:
            yield from _rule(rule)
    if pack.comparison:
        yield "## Comparison"
        yield (
            "Rules to look at beside the others, in the folder `comparison` of the pack. They run only when they are "
            "named with `--rules`."
        )
        for rule in pack.comparison:
            yield from _rule(rule)


def _overview(rules: Iterable[ContentRule]) -> str:
    rows = [
        (f"[{rule.name}](#{rule.name})", meta["description"], meta["severity"], meta["mitre_attack_technique"])
        for rule, meta in ((rule, _meta(rule)) for rule in rules)
    ]
    return table(("Rule", "Finds", "Severity", "ATT&CK"), rows)


def _rule(rule: ContentRule) -> Iterator[str]:
    meta = _meta(rule)
    yield f"### {rule.name}"
    place = rule.folder.relative_to(_ROOT).as_posix()
    yield f"{meta['description']}. [Guide](../../{place}/README.md) · [rule](../../{place}/rule.yaral)"
    outcomes = _outcomes(rule)
    yield table(
        (f"ATT&CK {meta['mitre_attack_version']}", f"{meta['mitre_attack_technique']} ({meta['mitre_attack_tactic']})"),
        (
            ("Severity, confidence", f"{meta['severity']}, {meta['confidence']}"),
            ("Data", meta["data_source"]),
            ("False positives", meta["false_positives"]),
            ("Known gaps", meta["known_gaps"]),
            *([("Outcomes", ", ".join(code(name) for name in outcomes))] if outcomes else ()),
            ("Tests", _tests(rule)),
        ),
    )


def _tests(rule: ContentRule) -> str:
    kinds = Counter(one.test.kind for one in load_tests(rule.tests).tests)
    parts = [f"{kinds[kind]} {one if kinds[kind] == 1 else more}" for kind, one, more in _KINDS if kinds[kind]]
    return f"{kinds.total()}: {', '.join(parts)}"


def _meta(rule: ContentRule) -> dict[str, str]:
    return _compiled(rule).meta_values


def _outcomes(rule: ContentRule) -> list[str]:
    return [outcome.name for outcome in _compiled(rule).outcomes]


def _compiled(rule: ContentRule) -> CheckedRule:
    return compile_source(Source(rule.name, rule.rule.read_text(encoding="utf-8"))).rules[0]
