"""The comparison of expected and found detections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from windshear.conformance.case import ExpectedDetection, JsonValue
from windshear.conformance.compare import FoundDetection, describe, differences, is_same

FOUND = FoundDetection(
    match={"h": "x"},
    events={"e": ["e2", "e1"], "f": []},
    outcomes={"n": 2, "list": ["b", "a"]},
    start=0,
    end=60_000_000,
    detection_time=60_000_000,
    risk_score=15,
)


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ([1, 2, 2], [2, 1, 2], True),
        ([1, 2], [1, 2, 2], False),
        ([1, 1], [1, 2], False),
        ({"size": 2}, ["a", "b"], True),
        ({"size": 2}, ["a"], False),
        ({"size": 2}, 2, False),
        (5, 5.0, True),
        (0.1, 0.1 + 1e-12, True),
        (1, True, False),
        (False, 0, False),
        ("1", 1, False),
        (1, "1", False),
        (["a"], "a", False),
        (None, None, True),
    ],
)
def test_values(expected: JsonValue, found: JsonValue, *, same: bool) -> None:
    """Lists are multisets, numbers compare by size, booleans and texts are neither numbers nor each other."""
    assert is_same(expected, found) is same


@pytest.mark.parametrize(
    "expected",
    [
        ExpectedDetection(),
        ExpectedDetection(match={"h": "x"}, events={"e": ["e1", "e2"]}),
        ExpectedDetection(events={"f": [], "other": []}, outcomes={"n": 2}),
        ExpectedDetection(start=0, end=60_000_000, detection_time=60_000_000, risk_score=15.0),
    ],
)
def test_what_is_left_out_is_not_checked(expected: ExpectedDetection) -> None:
    """Only the given keys count; a variable that is not there has no events."""
    assert differences([expected], [FOUND]) == []


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (ExpectedDetection(match={"h": "y"}), "match `h` is 'x', expected 'y'"),
        (ExpectedDetection(events={"e": ["e1"]}), "events `e` is ['e2', 'e1'], expected ['e1']"),
        (ExpectedDetection(outcomes={"m": 1}), "outcomes `m` is missing"),
        (ExpectedDetection(end=0), "end is 1970-01-01T00:01:00Z, expected 1970-01-01T00:00:00Z"),
        (ExpectedDetection(risk_score=40), "risk_score is 15, expected 40"),
    ],
)
def test_a_difference_names_the_nearest_candidate(expected: ExpectedDetection, words: str) -> None:
    """A missing detection comes with what is wrong with the one that is most like it."""
    missing, unexpected = differences([expected], [FOUND])
    assert missing.startswith("missing: ")
    assert words in missing
    assert unexpected == f"unexpected: {describe(FOUND)}"


def test_pairing_does_not_depend_on_order() -> None:
    """A loose expectation leaves the detection that a strict one needs."""
    other = replace(FOUND, match={"h": "y"})
    loose, strict = ExpectedDetection(), ExpectedDetection(match={"h": "x"})
    assert differences([loose, strict], [FOUND, other]) == []
    assert differences([strict, loose], [other, FOUND]) == []


def test_one_detection_serves_one_expectation() -> None:
    """Two equal expectations need two detections."""
    wanted = ExpectedDetection(match={"h": "x"})
    assert differences([wanted, wanted], [FOUND]) == ["missing: match={'h': 'x'}"]
    assert len(differences([wanted], [FOUND, FOUND])) == 1


def test_a_detection_on_one_line() -> None:
    """Match, events, outcomes and window."""
    assert describe(replace(FOUND, outcomes={})) == (
        "match={'h': 'x'} events={'e': ['e2', 'e1'], 'f': []} 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z"
    )
