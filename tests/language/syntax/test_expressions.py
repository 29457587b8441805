"""Expressions: precedence, and what each form becomes."""

import pytest

from tests.language.syntax.shapes import shape
from windshear.language.syntax import tree
from windshear.language.syntax.parser import parse_expression

SHAPES = {
    # precedence, from tightest to loosest
    "$a + $b * $c": "(+ $a (* $b $c))",
    "$a * $b + $c": "(+ (* $a $b) $c)",
    "$a - $b - $c": "(- (- $a $b) $c)",
    "$a / $b % $c": "(% (/ $a $b) $c)",
    "($a + $b) * $c": "(* [(+ $a $b)] $c)",
    "$e.a + 1 > $e.b * 2": "(> (+ $e.a 1) (* $e.b 2))",
    'not $e.a = "x"': "(not (= $e.a 'x'))",
    'not $e.a = "x" and $e.b = "y"': "(and (not (= $e.a 'x')) (= $e.b 'y'))",
    "not not $e.a": "(not (not $e.a))",
    '$e.a = "1" or $e.b = "2" and $e.c = "3"': "(or (= $e.a '1') (and (= $e.b '2') (= $e.c '3')))",
    '$e.a = "1" and $e.b = "2" or $e.c = "3"': "(or (and (= $e.a '1') (= $e.b '2')) (= $e.c '3'))",
    "$a and $b and $c": "(and $a $b $c)",
    "$a or ($b or $c)": "(or $a [(or $b $c)])",
    'not ($e.a = "1" or $e.b = "2")': "(not [(or (= $e.a '1') (= $e.b '2'))])",
    # nocase belongs to the whole comparison, call or membership
    '$e.a = "x" nocase and $e.b = "y"': "(and (= $e.a 'x') nocase (= $e.b 'y'))",
    "re.regex($e.a, `x`) nocase": "re.regex($e.a, 'x') nocase",
    "$e.a in %l nocase": "(in $e.a %l) nocase",
    # literals
    "007": "7",
    "1.50": "1.5",
    "TRUE": "True",
    "5m": "5m",
    r'"a\"\\\t\x41"': r"""'a"\\\tA'""",
    r"`a\"`": r"""'a\\"'""",
    r"$e.a = /a\/b\d/": r"(= $e.a /a/b\d/)",
    "$e.a = -5": "(= $e.a -5)",
    # paths
    "$e.a.b[0].c": "$e.a.b[0].c",
    '$e.a["k"].c': "$e.a['k'].c",
    "$e.a[0 - 1]": "$e.a[? (- 0 1)]",
    "any $e.a": "any $e.a",
    "all $e.a.b": "all $e.a.b",
    "principal.hostname": "principal.hostname",
    'additional.fields["k"]': "additional.fields['k']",
    "$e . a": "$e.a",
    "window_start": "window_start",
    # calls
    "strings.to_lower($e.a)": "strings.to_lower($e.a)",
    "strings . to_lower ($e.a)": "strings.to_lower($e.a)",
    "timestamp.now()": "timestamp.now()",
    "count($e.a) - 1": "(- count($e.a) 1)",
    "group($e.a, $e.b)": "group($e.a, $e.b)",
    "any re.regex($e.a, `x`)": "any re.regex($e.a, 'x')",
    "re.regex(any $e.a, `x`)": "re.regex(any $e.a, 'x')",
    "metrics.m(period: 1d, agg: max, target.user.userid: $u, target.ip: *)": (
        "metrics.m(period: 1d, agg: max, target.user.userid: $u, target.ip: *)"
    ),
    'if($e.a = "x" or $e.b, 1)': "(if (or (= $e.a 'x') $e.b) 1)",
    "if($a, if($b, 1, 2), 3)": "(if $a (if $b 1 2) 3)",
    # lists
    "$e.a in regex %l": "(in regex $e.a %l)",
    "$e.a in cidr %t.c": "(in cidr $e.a %t.c)",
    "$e.a = %t.c": "(= $e.a %t.c)",
    # conditions
    "#e > 5 and !$f": "(and (> #e 5) (! $f))",
    "any of [$a, #b > 1]": "(any-of $a (> #b 1))",
    "all of [$a]": "(all-of $a)",
    "2 of [$a, $b]": "(2-of $a $b)",
    "$e.a is null or $e.b is not null": "(or (is-null $e.a) (is-not-null $e.b))",
}


@pytest.mark.parametrize(("text", "expected"), SHAPES.items(), ids=SHAPES)
def test_shape(text: str, expected: str) -> None:
    """An expression becomes the tree that the precedence of its operators says, without a complaint."""
    expression, diagnostics = parse_expression(text)
    complaints = [found for found in diagnostics if found.mistake.slug != "misplaced-bang"]  # `!` is the condition's
    assert complaints == []
    assert shape(expression).replace("(not $f)", "(! $f)") == expected


@pytest.mark.parametrize("text", SHAPES)
def test_spans_cover_what_they_stand_for(text: str) -> None:
    """The span of an expression without surroundings is all of its text."""
    expression, _ = parse_expression(text)
    assert text[expression.span.start : expression.span.end] == text


def test_negative_number_carries_its_sign() -> None:
    """The value of a negative literal is negative, and the node says that a sign was written."""
    expression, _ = parse_expression("-1.5")
    assert isinstance(expression, tree.NumberLiteral)
    assert (expression.value, expression.is_negative) == (-1.5, True)


def test_duration_has_seconds() -> None:
    """A duration knows its length."""
    expression, _ = parse_expression("2h")
    assert isinstance(expression, tree.DurationLiteral)
    assert expression.seconds == 7200


def test_rest_behind_an_expression_is_reported() -> None:
    """Only one expression is read; what follows it is a mistake."""
    _, diagnostics = parse_expression("$a $b")
    assert [found.message for found in diagnostics] == ["expected the end of the expression, found `$b`"]
