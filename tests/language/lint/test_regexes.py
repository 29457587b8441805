"""Reading patterns: what is said of their text agrees with RE2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windshear.language.lint.lints.patterns import dead_anchor, sides_of, without_edges
from windshear.language.lint.regexes import alternatives, always_matches, has_letters, pieces, plain_text
from windshear.language.patterns import compile_pattern, finds

PATTERNS = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                "B",
                "1",
                ".",
                "*",
                "+",
                "?",
                "|",
                "(",
                ")",
                "(?:",
                "^",
                "$",
                r"\.",
                r"\d",
                r"\w",
                r"\b",
                "[ab]",
                "[^a]",
            ),
            *("(?i)", "{0,2}", "{2}", r"\\", "é", "[a-c]", r"\x61", "(?P<n>", "]", "}"),
        ]
    ),
    max_size=8,
).map("".join)
TEXTS = st.text(st.sampled_from("aAbB1.\\\n é|"), max_size=6)


@given(PATTERNS, TEXTS)
def test_what_is_said_of_a_pattern_holds_in_re2(pattern: str, text: str) -> None:
    """Plain texts, patterns that always match, those without letters and those without their edges."""
    if compile_pattern(pattern).problem:
        return
    found = finds(pattern, text)
    plain = plain_text(pattern)
    if plain is not None:
        ours = text == plain.text if plain.is_start and plain.is_end else plain.text in text
        ours = text.startswith(plain.text) if plain.is_start and not plain.is_end else ours
        ours = text.endswith(plain.text) if plain.is_end and not plain.is_start else ours
        assert ours == found
    if always_matches(pattern):
        assert found
    sides = sides_of(pieces(pattern) or ())
    if all(dead_anchor(side) for side in sides):
        assert not found
    if not has_letters(pattern):
        assert finds(pattern, text, is_nocase=True) == found
    assert finds(without_edges(pattern), text) == found


@given(PATTERNS)
def test_pieces_are_the_pattern(pattern: str) -> None:
    """Nothing is lost when a pattern is read, whatever it holds, and it is read as a whole."""
    found = pieces(pattern)
    assert found is None or "".join(piece.text for piece in found) == pattern


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a|b", ("a", "b")),
        ("(a|b)", ("a", "b")),
        ("^(?:a|b)$", ("a", "b")),
        ("(a|b)c", ("(a|b)c",)),
        ("(a)|(b)", ("(a)", "(b)")),
        (r"a\|b|[|]", (r"a\|b", "[|]")),
        (r"\Qa|b\E", (r"\Qa|b\E",)),
    ],
)
def test_alternatives(pattern: str, expected: tuple[str, ...]) -> None:
    """The alternatives at the top, or within the group that is all of the pattern."""
    assert alternatives(pattern) == expected
