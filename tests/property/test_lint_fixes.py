"""Linting raises on no rule, and safe fixes never change what a rule means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.property.rules import RuleParts, rules
from tools.corpus_lint import changes
from tools.meaning import differences
from windshear.conformance.cases import read_cases
from windshear.language.front import compile_source
from windshear.language.lint.run import lint_files
from windshear.language.lint.settings import LintSettings
from windshear.language.source import Source
from windshear.packs.pack import builtin_packs

TESTS = Path(__file__).parents[1]
PAGES = sorted((TESTS / "conformance").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_rules_of_the_conformance_cases(page: Path) -> None:
    """Every rule of the semantics cases keeps its meaning."""
    for case in read_cases(page.name, page.read_text(encoding="utf-8")).cases:
        text = getattr(case, "rule", None)
        if text:
            assert list(changes(compile_source(Source(case.id, text)))) == []


def test_rules_of_the_checker_and_the_packs() -> None:
    """So does every rule that shows a mistake, as far as it runs, and every built-in one."""
    paths = [*(TESTS / "language").rglob("*.yaral"), *(TESTS / "cases").rglob("*.yaral")]
    paths += [path for pack in builtin_packs() for path in pack.rule_files]
    assert len(paths) > 100
    for path in paths:
        assert list(changes(compile_source(Source(path.name, path.read_text(encoding="utf-8"))))) == []


@given(rules())
@settings(max_examples=60, deadline=None)
def test_generated_rules(parts: RuleParts) -> None:
    """Rules of every shape are linted without a crash, and fixed without a change of meaning."""
    file = compile_source(Source("generated", parts.text("r0")))
    lint_files([file], lambda _: LintSettings())
    assert list(changes(file)) == []


FRAME = 'rule r {{ meta: author = "us" events: $e.metadata.event_type = "USER_LOGIN" {} condition: $e }}'


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("re.regex($e.target.url, `.*a`)", "re.regex($e.target.url, `a`)", True),
        ("re.regex($e.target.url, `^.*a`)", "re.regex($e.target.url, `a`)", False),
        ("re.regex($e.target.url, `^a$`)", '$e.target.url = "a"', True),
        ("re.regex($e.target.url, `^a$`) nocase", '$e.target.url = "a" nocase', True),
        ("re.regex($e.target.url, `^a`)", '$e.target.url = "a"', False),
        ("re.regex($e.target.url, `a.b`)", 'strings.contains($e.target.url, "a.b")', False),
        ("re.regex($e.target.url, `a`)", 'strings.contains($e.target.hostname, "a")', False),
        ("re.regex($e.target.url, `a`)", "re.regex($e.target.url, `a`) nocase", False),
        ('not $e.target.url != "a"', '$e.target.url = "a"', True),
        ('not any $e.target.ip != "192.0.2.1"', 'any $e.target.ip = "192.0.2.1"', False),
        ("$e.target.port = 1", "$e.target.port = 2", False),
        ("$e.target.port = 1 $e.target.url = `a`", "$e.target.port = 1", False),
        ('net.ip_in_range_cidr($e.target.ip, "10.1.0.0/8")', 'net.ip_in_range_cidr($e.target.ip, "10.0.0.0/8")', True),
        (
            'net.ip_in_range_cidr($e.target.ip, "10.1.0.0/16")',
            'net.ip_in_range_cidr($e.target.ip, "10.0.0.0/16")',
            False,
        ),
    ],
)
def test_the_comparison_tells_meanings_apart(one: str, other: str, *, is_same: bool) -> None:
    """What judges the fixes sees a change where there is one."""
    before, after = (compile_source(Source("x", FRAME.format(line))).rules[0] for line in (one, other))
    assert (list(differences(before, after)) == []) == is_same
