"""Function vectors as rules: lists become fields of the event, rows become events, and nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from windshear.conformance.case import Case, ExpectedDetection, ExpectedDetections, JsonObject, Place, Vector
from windshear.conformance.vectors import case_of
from windshear.core.errors import InputError

ADDRESSES = "$e.principal.user.email_addresses"
RANKS = "$e.principal.domain.popularity_ranks.rank"


def written(call: str) -> tuple[str, Case]:
    """Return the outcome's value in rule text, and the case."""
    case = case_of(Vector(call, "r", "FN", Place("x.md", 7)))
    start = case.rule.index("$result = ") + len("$result = ")
    return case.rule[start : case.rule.index("\n", start)], case


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("f(T, U)", "f(1735689600, 1741786200)"),
        ('f("T [x] U", `[T]`, /[U]/)', 'f("T [x] U", `[T]`, /[U]/)'),
        ("T / 60 + U / 60", "1735689600 / 60 + 1741786200 / 60"),
        ('f(["a", "b]"])', f"f({ADDRESSES})"),
        ("f([])", f"f({ADDRESSES})"),
        ("f([1, -2])", f"f({RANKS})"),
        ('f(["a"], ["b"])', f"f({ADDRESSES}, $e.target.user.email_addresses)"),
        ('f(["a"], [1])', f"f({ADDRESSES}, {RANKS})"),
    ],
)
def test_a_call_is_written_as_a_rule(call: str, text: str) -> None:
    """Moments and list literals are notation; texts and patterns stay as they are."""
    found, case = written(call)
    assert found == text
    assert case.expected == ExpectedDetections((ExpectedDetection(outcomes={"result": "r"}),))


@pytest.mark.parametrize(
    ("items", "holder"),
    [
        ('["a", ""]', {"user": {"email_addresses": ["a", ""]}}),
        ('["a", 1, true]', {"user": {"email_addresses": ["a", "1", "true"]}}),
        ("[]", {"user": {"email_addresses": []}}),
        ("[3, 0]", {"domain": {"popularity_ranks": [{"rank": 3}, {"rank": 0}]}}),
        ("[true]", {"browser": {"cookies": [{"secure": True}]}}),
        ("[1, 2.5]", {"ip_geo_artifact": [{"location": {"region_coordinates": {"latitude": n}}} for n in (1, 2.5)]}),
    ],
)
def test_a_list_is_a_repeated_field_of_its_type(items: str, holder: JsonObject) -> None:
    """The event of the vector holds the elements, in their order."""
    (event,) = written(f"f({items})")[1].events
    assert event["principal"] == holder


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("sum over rows 1, 2", "sum($e.network.total_bytes)"),
        ("window.first over rows 1", "window.first($e.metadata.event_timestamp.seconds, $e.network.total_bytes)"),
        ('f(t, "x t") over rows "a"', 'f($e.metadata.event_timestamp.seconds, "x t")'),
        ("max(x, true) over rows 1.5", "max($e.principal.location.region_coordinates.latitude, true)"),
    ],
)
def test_rows_are_events_of_one_window(call: str, text: str) -> None:
    """`x` is the value of a row, `t` its time."""
    found, case = written(call)
    assert found == text
    assert "match:\n    $key by 1h\n" in case.rule


def test_rows_follow_one_another() -> None:
    """Each row is a second after the one before."""
    events: Any = written('count over rows "b", "a", "c"')[1].events
    moments = [event["metadata"]["event_timestamp"]["seconds"] for event in events]
    assert [moment - moments[0] for moment in moments] == [0, 1, 2]
    assert [event["principal"]["user"]["user_display_name"] for event in events] == ["b", "a", "c"]


@pytest.mark.parametrize("call", ["f([a])", "sum over rows 1,", "sum over rows a", "f([1], [2], [3], [4], [5])"])
def test_what_cannot_be_read_is_an_error_with_its_place(call: str) -> None:
    """A vector that says nothing is not skipped in silence."""
    with pytest.raises(InputError, match=r"^x\.md:7: "):
        written(call)
