"""Hostile texts: large, deep, and made to be slow."""

import time

import pytest

from windshear.language.diagnostics.collector import MAX_DIAGNOSTICS
from windshear.language.source import Source
from windshear.language.syntax.lexer import MAX_TEXT_BYTES
from windshear.language.syntax.parser import parse

HEAD = 'rule r {\n  meta:\n    author = "us"\n  events:\n'
TAIL = "\n  condition:\n    $e\n}\n"
SIZE = 60_000

REPEATED = {
    "opening parentheses": "(",
    "opening brackets": "[",
    "nested calls": "f(",
    "nested ifs": "if(1=1 and ",
    "negations": "not ",
    "bangs": "!",
    "minus signs": "-",
    "quantifiers": "any ",
    "sums": "$e.a + ",
    "sums in groups": "($e.a + 1 ",
    "comparisons": "$e.a = ",
    "lines with open quotes": '"\n',
    "lines with escaped quotes": '"\\\n',
    "escaped quotes": '\\"',
    "single quotes": "'",
    "typographic quotes": "\u201c",
    "open back quotes": "`\n",
    "slashes": "= /",
    "open comments": "/* ",
    "commas": ",",
    "closing parentheses": ")",
    "dots": "$e.",
    "indices": "$e.a[",
    "digits": "9",
    "section names": "\nevents:",
    "rules": "\nrule r {",
    "braces": "{}",
    "names with colons": "f(a.b.c.",
}


@pytest.mark.parametrize("piece", REPEATED.values(), ids=REPEATED)
def test_repeated_pieces_take_linear_time(piece: str) -> None:
    """A text made of one piece over and over is read in time that grows with its length only."""
    text = HEAD + piece * (SIZE // len(piece)) + TAIL
    start = time.process_time()
    result = parse(Source("rule.yaral", text))
    assert time.process_time() - start < 5  # quadratic would be minutes; typical is well below 1
    assert len(result.diagnostics) <= MAX_DIAGNOSTICS + 1
    repr(result.rules)


def test_text_too_large() -> None:
    """More than 1 MB is refused without being read; it is the size in bytes that counts."""
    for text in ("a" * (MAX_TEXT_BYTES + 1), "é" * (MAX_TEXT_BYTES // 2 + 1)):
        result = parse(Source("rule.yaral", text))
        assert [found.mistake.slug for found in result.diagnostics] == ["text-too-large"]


def test_more_mistakes_than_are_shown() -> None:
    """The number of diagnostics is bounded, and the last one says that there are more."""
    result = parse(Source("rule.yaral", HEAD + "$e.a = @\n" * 500 + TAIL))
    assert len(result.diagnostics) == MAX_DIAGNOSTICS + 1
    assert any(found.mistake.slug == "more-mistakes" for found in result.diagnostics)


def test_long_chains_of_connectives_are_flat() -> None:
    """Thousands of alternatives are no nesting."""
    text = HEAD + " or ".join(["$e.target.port = 1"] * 5000) + TAIL
    result = parse(Source("rule.yaral", text))
    assert result.diagnostics == ()
    assert repr(result.rules).count("Comparison") == 5000


def test_leading_zeros_without_end() -> None:
    """Digits in any number are a number, if their value is."""
    result = parse(Source("rule.yaral", HEAD + f"$e.a[{'0' * 9000}1].b = {'0' * 9000}7" + TAIL))
    assert result.diagnostics == ()
