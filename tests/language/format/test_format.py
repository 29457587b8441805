"""The formatter: what it makes of given texts, and what it never changes."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windshear.conformance.cases import read_cases
from windshear.language.check.scope import Mode
from windshear.language.diagnostics.collector import Collector
from windshear.language.format.format import WIDTH, format_source
from windshear.language.front import compile_source
from windshear.language.lint.shapes import rule_shape
from windshear.language.source import Source
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax.lexer import lex
from windshear.packs.pack import builtin_packs

CASES = sorted(Path(__file__).parent.glob("cases/*.before.yaral"))
CONFORMANCE = Path(__file__).parents[2] / "conformance"
RULE = 'rule r {\n  meta:\n    a = "x" // y\n  events:\n    $e.metadata.id = "1"\n  condition:\n    $e\n}\n'
_MAY_BREAK = (",", "(", "[", "and", "or", ":", "{", "+")
_COMMENTS = (kinds.LINE_COMMENT, kinds.BLOCK_COMMENT)


@cache
def formatted(text: str) -> str:
    """Return the formatted text of a rule file without mistakes."""
    result = format_source(Source("a.yaral", text))
    assert result.text is not None, result.diagnostics
    return result.text


@cache
def readable_rules() -> list[str]:
    """Return the texts of all rules of this project that have no syntax errors; only who asks waits for them."""
    texts = [path.read_text() for pack in builtin_packs() for path in pack.rule_files]
    for path in sorted(CONFORMANCE.glob("*.md")):
        texts += [case.rule for case in read_cases(path.name, path.read_text()).cases]
    texts += [path.read_text() for path in CASES]
    return [text for text in dict.fromkeys(texts) if format_source(Source("", text)).text is not None]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.split(".")[0])
def test_layout(case: Path) -> None:
    """A text becomes what stands beside it."""
    expected = case.with_name(case.name.replace(".before.", ".after."))
    assert formatted(case.read_text()) == expected.read_text()


def test_there_are_rules_to_look_at() -> None:
    """The other tests look at something."""
    assert len(CASES) >= 4
    assert len(readable_rules()) > 700


def test_a_second_run_changes_nothing() -> None:
    """Formatting is done after one run."""
    for text in readable_rules():
        once = formatted(text)
        assert formatted(once) == once


def test_the_meaning_stays() -> None:
    """The formatted text is the same checked rule, with the same diagnostics."""
    for text in readable_rules():
        before = compile_source(Source("", text), Mode.COMPAT)
        after = compile_source(Source("", formatted(text)), Mode.COMPAT)
        assert [found.mistake for found in after.diagnostics] == [found.mistake for found in before.diagnostics]
        assert [rule_shape(rule) for rule in after.rules] == [rule_shape(rule) for rule in before.rules]


@settings(max_examples=150)
@given(st.deferred(lambda: st.sampled_from(readable_rules())), st.integers(0, 1_000_000))
def test_line_breaks_and_blanks_make_no_difference(text: str, seed: int) -> None:
    """The layout depends on tokens, comments and empty lines alone."""
    assert formatted(with_other_blanks(text, seed)) == formatted(text)


def test_lines_are_broken_where_they_can_be() -> None:
    """Only a line that cannot be broken is too long."""
    for text in readable_rules():
        for line in formatted(text).splitlines():
            is_breakable = any(mark in line.strip() for mark in (" and ", " or ", ", "))
            assert len(line) <= WIDTH or not is_breakable or any(quote in line for quote in '"`/'), line


def test_windows_line_ends_become_plain() -> None:
    """A text with carriage returns is laid out like one without."""
    text = RULE.replace("\n", "\r\n")
    assert "\r" not in formatted(text)
    assert formatted(text) == formatted(text.replace("\r", ""))


def test_only_a_line_feed_ends_a_comment() -> None:
    """Other signs that some programs take for line ends stay inside a comment."""
    text = RULE.replace("// y", "// one\u2028two\x0bthree")
    assert "// one\u2028two\x0bthree\n" in formatted(text)


def test_a_text_with_mistakes_is_not_formatted() -> None:
    """The mistakes are told instead."""
    result = format_source(Source("a.yaral", "rule r { meta: a = }"))
    assert result.text is None
    assert result.diagnostics


def with_other_blanks(text: str, seed: int) -> str:
    """Return a text with other blanks between its tokens.

    Lines end where they ended, and also in the middle of what goes on: elsewhere a line break may have a meaning.
    """
    chance = random.Random(seed)
    tokens = lex(Source("", text), Collector())
    made = []
    for number, token in enumerate(tokens):
        if token.kind != kinds.WHITESPACE:
            made.append(token.text)
            continue
        breaks = min(token.text.count("\n"), 2)
        before = tokens[number - 1].kind if number else ""
        is_by_comment = any(near.kind in _COMMENTS for near in tokens[max(0, number - 1) : number + 2])
        if before in _MAY_BREAK and breaks < 2 and not is_by_comment:
            made.append(chance.choice((" ", "\n", "  \n\t", "\t")))
        else:
            made.append("\n" * breaks + " " * chance.randrange(0 if breaks else 1, 9))
    return "".join(made)
