"""What a test may say of a value, and whether a value is so."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from windshear.ruletest.expected_values import checked_value, clock, fits, microseconds


@pytest.mark.parametrize(
    ("expected", "found", "is_met"),
    [
        ("a", "a", True),
        ("a", "A", False),
        (80, 80.0, True),
        (0.1, 0.1 + 1e-12, True),
        (True, 1, False),
        (["b", "a"], ["a", "b"], True),
        (["a"], ["a", "a"], False),
        ({"contains": "bc"}, "abcd", True),
        ({"contains": "b"}, ["a", "b"], True),
        ({"contains": "bc"}, ["abcd"], False),
        ({"starts_with": "ab"}, "abc", True),
        ({"starts_with": "ab"}, ["abc"], False),
        ({"matches": "^a.c$"}, "abc", True),
        ({"matches": "^a"}, ["abc", "b"], False),
        ({"matches": "^a"}, [], False),
        ({"at_least": 3}, 3, True),
        ({"at_least": 3, "at_most": 4}, 5, False),
        ({"at_most": 3}, "2", False),
        ({"size": 2}, ["a", "b"], True),
        ({"size": 1}, "a", False),
        ({"one_of": [1, 2]}, 2, True),
        ({"not": ""}, "", False),
        ({"not": ["a"]}, ["b"], True),
    ],
)
def test_value_is_as_expected(expected: JsonValue, found: object, is_met: bool) -> None:
    """A value stands for itself; a matcher says less; several in one mapping must all hold."""
    assert fits(checked_value(expected), found) is is_met


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "an empty mapping expects nothing"),
        ({"atleast": 1}, "did you mean `at_least`?"),
        ({"zzz": 1}, "there are contains,"),
        ({"at_least": "1"}, "takes a number"),
        ({"size": True}, "takes a number"),
        ({"matches": "("}, "is no RE2 pattern"),
        ({"matches": 1}, "takes a text"),
        ({"one_of": "a"}, "takes a list"),
    ],
)
def test_matcher_that_means_nothing_is_told(written: JsonValue, message: str) -> None:
    """A mistake in a matcher is told in words."""
    with pytest.raises(ValueError, match=r".") as caught:
        checked_value(written)
    assert message in str(caught.value)


def test_moments_are_read_and_written() -> None:
    """A time is RFC 3339 or seconds since 1970; without a zone it is UTC."""
    assert microseconds("2026-03-02T09:53:24+01:00") == microseconds(1772441604) == 1_772_441_604_000_000
    assert microseconds("2026-03-02T08:53:24") == microseconds("2026-03-02T08:53:24Z")
    assert clock(1_772_441_604_500_000) == "2026-03-02T08:53:24.500000Z"
    with pytest.raises(ValueError, match="is no time"):
        microseconds("yesterday")
