"""Suggestions are patches: applied to the text they mend the mistake they belong to."""

import pytest

from windshear.language.source import Source
from windshear.language.syntax.parser import parse

HEAD = 'rule r {\n  meta:\n    author = "us"\n  events:\n    $h = $e.principal.hostname\n'
TAIL = "  condition:\n    $e\n}\n"

PATCHED = {
    "$e.a == 1": "$e.a = 1",
    "$e.a = 1 && $e.b => 2": "$e.a = 1 and $e.b >= 2",
    "$e.a not in %l": "not $e.a in %l",
    "$e.a = 'x'": '$e.a = "x"',
    "$e.a = \u201cx\u201d": '$e.a = "x"',
    "!re.regex($e.a, `x`)": "not re.regex($e.a, `x`)",
    "$e.a > -$e.b": "$e.a > 0 - $e.b",
    "($e.a = 1\n $e.b = 2)": "($e.a = 1\n and $e.b = 2)",
    "re.regex($e.a `x`)": "re.regex($e.a, `x`)",
    "$e.a = 1,": "$e.a = 1",
    "$e.a = 1;": "$e.a = 1",
    '$e.a = "\\d"': '$e.a = "\\\\d"',
    "outcome:\n $x = $e.a = 1\n": "outcome:\n $x = if($e.a = 1, 1, 0)\n",
    "outcome:\n risk_score = 1\n": "outcome:\n $risk_score = 1\n",
    "outcome:\n $x == 1\n": "outcome:\n $x = 1\n",
    "match:\n $h over 5 minutes\n": "match:\n $h over 5m\n",
    "match:\n $h $e over 5m\n": "match:\n $h, $e over 5m\n",
    "outcomes:\n $x = 1\n": "outcome:\n $x = 1\n",
    "outcome\n $x = 1\n": "outcome:\n $x = 1\n",
}


def apply_suggestions(text: str) -> str:
    """Apply every patch that the parser offers, from the end to the start."""
    found = parse(Source("rule.yaral", text)).diagnostics
    for suggestion in sorted(
        (diagnostic.suggestion for diagnostic in found if diagnostic.suggestion is not None),
        key=lambda suggestion: suggestion.span,
        reverse=True,
    ):
        text = text[: suggestion.span.start] + suggestion.replacement + text[suggestion.span.end :]
    return text


@pytest.mark.parametrize(("wrong", "right"), PATCHED.items(), ids=map(repr, PATCHED))
def test_patch(wrong: str, right: str) -> None:
    """The patched text is what was meant, and nothing is wrong with it any more."""
    patched = apply_suggestions(f"{HEAD}    {wrong}\n{TAIL}")
    assert patched.split() == f"{HEAD}    {right}\n{TAIL}".split()
    assert parse(Source("rule.yaral", patched)).diagnostics == ()


def test_meta_and_condition_patches() -> None:
    """Unquoted meta values, colons and commas are mended too."""
    text = 'rule r {\n meta:\n  author: "us"\n  severity = High\n events:\n  $e.a = 1\n condition:\n  $e, #e > 1\n}\n'
    patched = apply_suggestions(text)
    assert 'author = "us"' in patched
    assert 'severity = "High"' in patched
    assert "$e and #e > 1" in patched
    assert parse(Source("rule.yaral", patched)).diagnostics == ()
