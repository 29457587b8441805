"""What must hold for any text: the checker never raises, and says what is wrong exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.syntax.soup import PIECES, mutated_rules
from windshear.language.check.checker import Mode, check
from windshear.language.source import Source
from windshear.language.syntax.parser import parse

_CASES = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("cases/*.yaral"))]
_WORDS = (
    "$e", "$a", "$h", "#a", "!$b", "any ", "all ", "not ", " or ", " and ", " nocase", ".udm", ".graph", ".detection",
    ".principal.ip", ".metadata.event_timestamp", ".principal", '["k"]', "[0]", "[0 - 1]", "if(", "max(", "re.regex(",
    "strings.concat(", "arrays.length(", "arrays.contains(", "cast.as_string(", "%t.c", "in cidr %l", "1", "-1", "1.5",
    '"x"', "`(a)(b)`", "/a/", "true", "window_start", "2 of [", "=", "/", "%", "+", "5m",
)  # fmt: skip


@st.composite
def _mutated_cases(draw: st.DrawFn) -> str:
    """Return a case of the checker with words put in or replaced."""
    text = draw(st.sampled_from(_CASES))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 1, 2, 5, 12)))
        text = text[:place] + draw(st.sampled_from((*_WORDS, *PIECES))) + text[place + length :]
    return text


def _assert_checks(text: str, mode: Mode) -> None:
    source = Source("t.yaral", text)
    parsed = parse(source)
    has_syntax_error = any(found.is_error for found in parsed.diagnostics)
    for rule in parsed.rules:
        result = check(rule, source, mode)
        has_error = any(found.is_error for found in result.diagnostics)
        assert (result.rule is None) == has_error or has_syntax_error
        assert all(0 <= found.span.start <= found.span.end <= len(text) for found in result.diagnostics)
        places = [(found.span.start, found.is_error) for found in result.diagnostics]
        assert len(places) == len(set(places))


@settings(max_examples=300, deadline=None)
@given(mutated_rules(), st.sampled_from(list(Mode)))
def test_damaged_rules_are_checked(text: str, mode: Mode) -> None:
    """A rule with pieces put in or taken out gives diagnostics, never an exception."""
    _assert_checks(text, mode)


@settings(max_examples=500, deadline=None)
@given(_mutated_cases(), st.sampled_from(list(Mode)))
def test_changed_cases_are_checked(text: str, mode: Mode) -> None:
    """The same for the rules that show mistakes, with words of the language put in."""
    _assert_checks(text, mode)


@pytest.mark.parametrize("mode", list(Mode))
def test_parser_cases_are_checked(mode: Mode) -> None:
    """Everything that the parser recovers from can be checked."""
    for path in sorted((Path(__file__).parents[2] / "cases" / "parse").glob("*.yaral")):
        _assert_checks(path.read_text(encoding="utf-8"), mode)


def test_names_behind_unread_text_are_not_missed() -> None:
    """Where the parser lost part of a section, the checker does not call what may stand there undefined."""
    text = 'rule t { meta: a = "b" events: $e.principal.hostname = = $h match: $h, $u over 5m condition: $e and $f }'
    source = Source("t.yaral", text)
    (rule,) = parse(source).rules
    assert check(rule, source).diagnostics == ()
    assert check(rule, source).rule is None
