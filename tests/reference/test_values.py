"""Aggregates, arithmetic, comparison, case and functions."""

from __future__ import annotations

import pytest

from tests.reference import case
from tests.reference.aggregates import aggregate
from tests.reference.context import ReferenceContext
from tests.reference.functions import Run, Written, call
from tests.reference.membership import is_member, list_entries
from tests.reference.operators import arithmetic, compare
from tests.reference.values import Scalar, Value
from windshear.language.expressions import Literal, Membership
from windshear.language.source import Span
from windshear.language.types import FLOAT, INT, STRING


@pytest.mark.parametrize(
    ("function", "values", "expected"),
    [
        ("count", ["a", "a", ""], 3),
        ("count_distinct", ["a", "a", ""], 2),
        ("array", ["b", "a", "b"], ["a", "b", "b"]),
        ("array_distinct", ["b", "", "b"], ["", "b"]),
        ("array", list(range(40, 0, -1)), list(range(1, 26))),
        ("array_distinct", [1, 1, *range(40)], list(range(25))),
        ("max", [0, -3, 2], 2),
        ("min", [0, 7], 0),
        ("sum", [2**62, 2**62, 2**62], 3 * 2**62),
        ("avg", [10, 0], 5.0),
        ("stddev", [2, 4, 9], 13**0.5),
        ("stddev", [4], 0.0),
    ],
)
def test_aggregates(function: str, values: list[Scalar], expected: Value) -> None:
    """Zero values take part, arrays are sorted and then capped at 25, the deviation is the sample form."""
    assert aggregate(function, values, INT) == expected


@pytest.mark.parametrize(
    ("symbol", "left", "right", "expected"),
    [("/", 7, 2, 3.5), ("/", 1, 0, 0.0), ("%", 7, 0, 0), ("%", -7, 3, -1), ("%", 7, -3, 1), ("-", 1, 2**64, 1 - 2**64)],
)
def test_arithmetic(symbol: str, left: int, right: int, expected: float) -> None:
    """Division by zero is zero, a remainder has the sign of its dividend, integers do not overflow."""
    assert arithmetic(symbol, left, right, FLOAT if symbol == "/" else INT) == expected


def test_enumerations_compare_by_number() -> None:
    """The alphabet does not matter."""
    assert compare("<", "UNKNOWN_ACTION", "ALLOW", enum="SecurityResult.Action")
    assert not compare("<", "BLOCK", "ALLOW", enum="SecurityResult.Action")


def test_text_compares_by_code_point() -> None:
    """A character outside the basic plane is greater than any inside it."""
    assert compare(">", "\U0001f600", "￿", enum=None)


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("İ", "i", "İ"),
        ("Straße", "straße", "STRAẞE"),
        ("\u03a3\u0394\u03a3", "\u03c3\u03b4\u03c3", "\u03a3\u0394\u03a3"),
        ("ŉ", "ŉ", "ŉ"),
    ],
)
def test_case_maps_one_character_to_one(text: str, lower: str, upper: str) -> None:
    """Changing case never changes the length of a text."""
    assert (case.lower(text), case.upper(text)) == (lower, upper)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["// all comment", "root", "", "  "], ["root"]),
        (["a // tail", r"http:\//x"], ["a", "http://x"]),
    ],
)
def test_list_text(lines: list[str], expected: list[str]) -> None:
    """Comments and blank lines are no entries; a backslash keeps two slashes."""
    assert list_entries(lines) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("192.0.2.9", True), ("2001:db8::9", True), ("203.0.113.1", False), ("", False), ("fe80::1%eth0", False)],
)
def test_networks(value: str, *, expected: bool) -> None:
    """An address is in a network of its own family; what is no address is in none."""
    test = Membership(Literal(value, STRING, Span(0, 0)), "nets", None, "cidr", is_nocase=False, span=Span(0, 0))
    context = ReferenceContext(lists={"nets": ["192.0.2.0/24", "2001:db8::/32"]})
    assert is_member(value, test, context) is expected


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("strings.concat", ["p", 80, 1.0, 0.5, True], "p8010.5true"),
        ("strings.concat", [0.1 + 0.2], "0.3"),
        ("strings.split", ["a,b"], ["a", "b"]),
        ("strings.split", ["é😀", ""], ["é", "😀"]),
        ("strings.ends_with", ["x", ""], False),
        ("strings.url_decode", ["%C3%A9+%zz"], ""),
        ("strings.url_decode", ["%C3%A9+"], "é+"),
        ("strings.base64_decode", ["%%"], "%%"),
        ("strings.extract_hostname", ["https://user:pw@a.example:8443/p?q"], "a.example"),
        ("strings.extract_hostname", ["mailto:x@y"], "mailto"),
        ("strings.extract_domain", ["https://a.b.Example.co.uk/x"], "Example.co.uk"),
        ("strings.extract_domain", ["a.b.kobe.jp"], "a.b.kobe.jp"),
        ("strings.extract_domain", ["a.city.kobe.jp"], "city.kobe.jp"),
        ("strings.extract_domain", ["b.kobe.jp"], ""),
        ("strings.extract_domain", ["192.0.2.1"], ""),
        ("re.capture", ["u=7;u=8", r"u=(\d)"], "7"),
        ("re.capture_all", ["u=7;u=8", r"u=(\d)"], ["7", "8"]),
        ("re.capture_all", ["abc", "b*"], ["", "b", "", ""]),
        ("re.replace", ["abc", "b*", "X"], "XaXcX"),
        ("re.replace", ["ab", "", "1"], "1a1b1"),
        ("re.replace", ["a-b", "(a)-(b)", r"\2\\\1\0"], "b\\aa-b"),
        ("cast.as_int", ["2.9"], 2),
        ("cast.as_int", ["9223372036854775808"], 0),
        ("cast.as_bool", [2], False),
        ("math.floor", [-1.2], -2),
        ("math.round", [2.5], 3.0),
        ("math.round", [-1.2], -1.0),
        ("timestamp.get_week", [1741786200], 10),
        ("timestamp.get_timestamp", [1741786200, "WEEK"], "2025-03-09"),
        ("timestamp.get_hour", [1735689600, "-05:30"], 18),
        ("arrays.index_to_int", [["5", "7"], -1], 7),
        ("arrays.min", [["0", "3"], True], 3.0),
    ],
)
def test_functions(function: str, arguments: list[Value], expected: Value) -> None:
    """Functions follow their descriptions, edges included."""
    assert call(function, arguments, [STRING] * len(arguments), Written(), Run()) == expected
