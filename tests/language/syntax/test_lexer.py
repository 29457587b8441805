"""The lexer: nothing is lost, nothing raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.syntax.soup import mutated_rules, token_soup
from windshear.language.diagnostics.collector import Collector
from windshear.language.source import Source
from windshear.language.syntax import tokens as kinds
from windshear.language.syntax.lexer import lex

KINDS = {
    "$e.principal": ["VARIABLE", ".", "NAME"],
    "And OR nOcAsE": ["and", "or", "nocase"],
    "re.regex in regex": ["NAME", ".", "NAME", "in", "regex"],
    "$e.rule.match": ["VARIABLE", ".", "NAME", ".", "NAME"],
    "$a / $b / 2": ["VARIABLE", "/", "VARIABLE", "/", "INTEGER"],
    "$a = /b/": ["VARIABLE", "=", "REGEX"],
    "f($a, /b/)": ["NAME", "(", "VARIABLE", ",", "REGEX", ")"],
    "in regex /b/": ["in", "regex", "REGEX"],
    "($a) / 2": ["(", "VARIABLE", ")", "/", "INTEGER"],
    "$a % 2": ["VARIABLE", "%", "INTEGER"],
    "$a in %b.c": ["VARIABLE", "in", "LIST", ".", "NAME"],
    '$a = "x"\n%t.c = 1': ["VARIABLE", "=", "STRING", "LIST", ".", "NAME", "=", "INTEGER"],
    "0 042 1.5 5m 30d": ["INTEGER", "INTEGER", "FLOAT", "DURATION", "DURATION"],
    "1.a": ["INTEGER", ".", "NAME"],
    "0x1F 1e5 1.5h 5q 99999999999999999999": ["BROKEN"] * 5,
    "<= < >= > != = !": ["<=", "<", ">=", ">", "!=", "=", "!"],
    "#e, %l, `a\\`": ["COUNT", ",", "LIST", ",", "RAW_STRING"],
    "a // b\nc /* d\n */ e": ["NAME", "NAME", "NAME"],
    '"a\\"b" "c"': ["STRING", "STRING"],
    '"a': ["BROKEN"],
    "`a": ["BROKEN"],
    "= /a": ["=", "BROKEN"],
    "'a'": ["BROKEN"],
    "\ufeffrule": ["rule"],
    "/* a": [],
}


def significant_kinds(text: str) -> list[str]:
    """Return the kinds of all tokens that are not trivia."""
    return [token.kind for token in lex(Source("", text), Collector()) if token.kind not in kinds.TRIVIA]


def assert_lossless(text: str) -> None:
    """Check that the tokens make up the text, each where it says it stands."""
    position = 0
    for token in lex(Source("", text), Collector()):
        assert token.start == position
        assert token.text
        position = token.end
        assert text[token.start : token.end] == token.text
    assert position == len(text)


@pytest.mark.parametrize(("text", "expected"), KINDS.items(), ids=map(repr, KINDS))
def test_kinds(text: str, expected: list[str]) -> None:
    """Each piece of text becomes a token of its kind."""
    assert significant_kinds(text) == expected


def test_line_starts() -> None:
    """A token knows whether it is the first of its line, also behind a comment of several lines."""
    found = lex(Source("", "a b\nc /* d\n */ e // f\ng"), Collector())
    flags = {token.text: token.starts_line for token in found if token.kind == kinds.NAME}
    assert flags == {"a": True, "b": False, "c": True, "e": True, "g": True}


@given(st.text())
def test_any_text_is_kept(text: str) -> None:
    """The texts of the tokens give the source back, whatever it is."""
    assert_lossless(text)


@given(token_soup() | mutated_rules())
@settings(max_examples=200)
def test_rule_like_text_is_kept(text: str) -> None:
    """The texts of the tokens give the source back for text that is nearly a rule."""
    assert_lossless(text)
