"""Every lint: its bad example has this one finding, its good example none, its fix mends it."""

from __future__ import annotations

import re

import pytest

from tests.language.lint.linting import codes, compiled, lint, settings_of
from tools.meaning import differences
from windshear.language.diagnostics.catalogue import all_mistakes
from windshear.language.front import compile_source
from windshear.language.lint.catalogue import CATEGORIES, all_lints
from windshear.language.lint.examples import example_rule
from windshear.language.lint.fixing import fix_file
from windshear.language.lint.lint import Lint
from windshear.language.lint.run import lint_files
from windshear.language.lint.settings import LintSettings, Tenant

# What one rule alone cannot show; each has a test of its own below.
WITHOUT_EXAMPLE = {"over-quota", "file-and-rule-name", "rule-name-twice"}
EXAMPLES = [lint for lint in all_lints() if lint.bad]
EXAMPLE = pytest.mark.parametrize("example", EXAMPLES, ids=lambda lint: lint.name)
FIXABLE = pytest.mark.parametrize("example", [lint for lint in EXAMPLES if lint.fix], ids=lambda lint: lint.name)


def test_there_are_many_lints() -> None:
    """At least forty lints, of every category, and each shows itself by an example unless one rule cannot."""
    assert len(all_lints()) >= 40
    assert {lint.category for lint in all_lints()} == set(CATEGORIES)
    assert {lint.name for lint in all_lints() if not lint.bad} == WITHOUT_EXAMPLE


def test_codes_and_names_are_unique_and_no_diagnostics() -> None:
    """No two lints share a code or a name, and none has one of a diagnostic."""
    words = [word for lint in all_lints() for word in (lint.code, lint.name)]
    words += [word for mistake in all_mistakes() for word in (mistake.code, mistake.slug)]
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"W5\d\d", lint.code) and re.fullmatch(r"[a-z0-9-]+", lint.name) for lint in all_lints())


@pytest.mark.parametrize("example", all_lints(), ids=lambda lint: lint.name)
def test_texts_read_as_sentences(example: Lint) -> None:
    """The title has no full stop, the reason ends with one, and the name fits a comment."""
    assert not example.title.endswith(".")
    assert example.why.endswith(".")
    assert len(example.name) <= 30


@EXAMPLE
def test_bad_example_shows_the_lint_alone(example: Lint) -> None:
    """The bad example has findings of this lint and nothing else is said about it."""
    text = example_rule(example.bad)
    assert compiled(text).diagnostics == ()
    assert set(codes(text, settings_of(example))) == {example.code}


@EXAMPLE
def test_good_example_is_clean(example: Lint) -> None:
    """Nothing is said about the good example, by any lint or by the checker."""
    text = example_rule(example.good)
    assert compiled(text).diagnostics == ()
    assert codes(text, settings_of(example)) == []


@EXAMPLE
def test_finding_says_what_to_do(example: Lint) -> None:
    """A finding is a lower-case sentence without a full stop, at a place within the rule, with advice or a reason."""
    text = example_rule(example.bad)
    for found in lint(text, settings_of(example)).findings:
        assert not found.finding.message.endswith(".")
        assert not found.finding.message[0].isupper()
        assert 0 <= found.span.start < found.span.end <= len(text)
        assert bool(found.finding.fix) <= (example.fix is not None)


@FIXABLE
def test_fix_mends_the_bad_example(example: Lint) -> None:
    """After the fix the rule still compiles and the lint is silent; a safe fix keeps the meaning."""
    file = compiled(example_rule(example.bad))
    kinds = (example.fix,) if example.fix else ()
    fixed = fix_file(file, LintSettings(), kinds, compile_source)
    after = compiled(fixed.text)
    assert [found.lint for found in fixed.applied][:1] == [example]
    assert codes(fixed.text) == []
    if example.fix == "safe":
        assert list(differences(file.rules[0], after.rules[0])) == []
    else:
        assert list(differences(file.rules[0], after.rules[0])) != []


def test_name_of_the_file() -> None:
    """A file carries the name of its rule, or of the folder if it is the rule of a folder."""
    text = example_rule(EXAMPLES[0].good, "some_rule")
    assert codes(text, name="rules/some_rule.yaral") == []
    assert codes(text, name="rules/some_rule/rule.yaral") == []
    assert codes(text, name="<stdin>") == []
    assert codes(text, name="rules/other.yaral") == ["W570"]
    assert codes(text, name="rules/other/rule.yaral") == ["W570"]


def test_name_of_two_rules() -> None:
    """The second of two rules with one name is told, with the place of the first."""
    text = example_rule(EXAMPLES[0].good)
    files = [compiled(text, name) for name in ("a/example.yaral", "b/example.yaral")]
    first, second = lint_files(files, lambda _: LintSettings())
    assert first.findings == ()
    assert [found.lint.code for found in second.findings] == ["W571"]
    assert "a/example.yaral:1" in second.findings[0].finding.message


@pytest.mark.parametrize(("number", "expected"), [(75, []), (76, ["W554"])])
def test_quota_of_multi_event_rules(number: int, expected: list[str]) -> None:
    """The 76th multi-event rule is one too many for the Standard edition; nothing is said without an edition."""
    body = next(lint for lint in all_lints() if lint.code == "W514").good
    text = "\n".join(example_rule(body, f"rule_{count}") for count in range(number))
    settings = LintSettings(select=("over-quota",), tenant=Tenant(edition="standard"))
    found = lint(text, settings, "<all>").findings
    assert [item.lint.code for item in found] == expected
    assert [item.rule for item in found] == ["rule_75"] * len(expected)
    assert codes(text, LintSettings(select=("over-quota",)), "<all>") == []
