"""What every rule of the content must have, whatever it detects."""

from __future__ import annotations

import re

import pytest

from windshear.language.check.checker import Mode
from windshear.language.front import compile_source
from windshear.language.lint.run import lint_files
from windshear.language.lint.settings import LintSettings
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.packs.pack import ContentRule, builtin_packs
from windshear.packs.tables import load_with_tables
from windshear.ruletest.reading import load_tests

PACKS = builtin_packs()
RULES = [rule for pack in PACKS for rule in pack.rules]
COMPARISON = [rule for pack in PACKS for rule in pack.comparison]
EVERY_RULE = pytest.mark.parametrize("rule", [*RULES, *COMPARISON], ids=lambda rule: rule.name)
PACK_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)

META = (
    "author",
    "description",
    "severity",
    "confidence",
    "mitre_attack_tactic",
    "mitre_attack_technique",
    "mitre_attack_version",
    "data_source",
    "false_positives",
    "known_gaps",
    "reference",
    "version",
)

# The mapping that public rules read puts the kind of an AWS identity into a deprecated field. That one event may stand
# for two placeholders is a note for authors: rules that mean it say why beside the line, and the lints ask for that.
_ACCEPTED = {"deprecated-field", "self-pair"}


def _compiled(rule: ContentRule, mode: Mode = Mode.COMPAT) -> CheckedRule:
    compiled = compile_source(Source(str(rule.rule), rule.rule.read_text(encoding="utf-8")), mode)
    assert not compiled.is_broken, [diagnostic.message for diagnostic in compiled.diagnostics]
    assert len(compiled.rules) == 1
    return compiled.rules[0]


def test_there_is_content() -> None:
    """The population tests have something to look at."""
    assert len(RULES) >= 5
    assert [rule.name for rule in COMPARISON] == ["three_pattern_comparison"]


@EVERY_RULE
def test_folder_carries_the_name_of_the_rule(rule: ContentRule) -> None:
    """The folder of a rule is named like the rule."""
    assert _compiled(rule).name == rule.name


@PACK_RULE
def test_rule_is_accepted_in_both_modes_without_warnings(rule: ContentRule) -> None:
    """A rule of the pack would be taken by the service as it is."""
    for mode in (Mode.COMPAT, Mode.STRICT):
        _compiled(rule, mode)
        text = rule.rule.read_text(encoding="utf-8")
        found = {d.mistake.slug for d in compile_source(Source(str(rule.rule), text), mode).diagnostics}
        assert found <= _ACCEPTED


@pytest.mark.parametrize("rule", COMPARISON, ids=lambda rule: rule.name)
def test_comparison_rule_is_refused_in_strict_mode_with_a_way_out(rule: ContentRule) -> None:
    """The service would refuse the comparison rule; the diagnostic says how to split it."""
    compiled = compile_source(Source("rule.yaral", rule.rule.read_text(encoding="utf-8")), Mode.STRICT)
    assert compiled.is_broken
    helps = [diagnostic.help for diagnostic in compiled.diagnostics if diagnostic.help]
    assert any("split it into 3 rules" in text for text in helps)


@EVERY_RULE
def test_meta_is_complete(rule: ContentRule) -> None:
    """A rule says what it is, what it needs, what disturbs it and what it cannot see."""
    meta = _compiled(rule).meta_values
    assert [key for key in META if not meta.get(key)] == []
    assert meta["author"] == "Windshear"
    assert meta["severity"] in ("Critical", "High", "Medium", "Low", "Informational")
    assert meta["confidence"] in ("High", "Medium", "Low")


@EVERY_RULE
def test_technique_ids_are_well_formed_and_versioned(rule: ContentRule) -> None:
    """Techniques are ids of a stated version of ATT&CK, and one of them is what the pack is about."""
    meta = _compiled(rule).meta_values
    techniques = meta["mitre_attack_technique"].split(", ")
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for technique in techniques)
    assert "T1021.007" in techniques
    assert re.fullmatch(r"\d+\.\d+", meta["mitre_attack_version"])
    assert meta["reference"].startswith("https://attack.mitre.org/")


def test_lint_finds_nothing() -> None:
    """Rules have no finding of the lints but those they give reasons for; risk scores agree with severities."""
    loaded, _ = load_with_tables([rule.rule for rule in RULES])
    found = [
        f"{file.compiled.source.name}: {one.lint.code}: {one.finding.message}"
        for file in lint_files(loaded.files, lambda _: LintSettings())
        for one in file.findings
    ]
    assert found == []


@EVERY_RULE
def test_tests_show_attacks_evasions_and_silence(rule: ContentRule) -> None:
    """Beside every rule there is an attack, two evasions, two benign inputs and a gap that is known."""
    kinds = [one.test.kind for one in load_tests(rule.tests).tests]
    assert kinds.count("attack") >= 1
    assert kinds.count("evasion") >= 2
    assert kinds.count("benign") >= 2
    assert kinds.count("gap") >= 1


@EVERY_RULE
def test_comparison_rule_is_not_run_by_default(rule: ContentRule) -> None:
    """Only rules of the pack run without being asked for."""
    by_default = {path for pack in PACKS for path in pack.rule_files}
    assert (rule.rule in by_default) == (rule in RULES)
