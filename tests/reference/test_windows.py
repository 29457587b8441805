"""Windows, merging and suppression."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.reference import ReferenceContext, ReferenceDetection, evaluate
from tests.reference.building import at_least, event, field, placeholder, rule
from tests.reference.records import Record
from windshear.core.readings.settings import Merging, Readings
from windshear.language.rule import CheckedRule, MatchWindow

TEN_MINUTES = MatchWindow("hop", 600, None)


def on_host(window: MatchWindow, *, count: int = 1) -> CheckedRule:
    """Return a rule that groups events by host name."""
    host = placeholder("h", field("e", "principal.hostname"))
    return rule(placeholders=(host,), keys="h", window=window, condition=at_least("e", count))


def at(*minutes: float) -> list[Record]:
    """Return events of one host at the given minutes."""
    return [event(minute, principal={"hostname": "ws"}) for minute in minutes]


def spans(detections: Sequence[ReferenceDetection]) -> list[str]:
    """Return the windows as clock times."""
    return [f"{_clock(found.start)}-{_clock(found.end)}" for found in detections]


def _clock(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).strftime("%H:%M")


def by(merging: Merging) -> ReferenceContext:
    """Return a context in which windows are merged in some way."""
    return ReferenceContext(readings=Readings(merging=merging))


def test_hop_takes_the_fullest_window_and_of_equals_the_earliest() -> None:
    """Three events in four minutes are one detection in the earliest window that holds them all."""
    [found] = evaluate(on_host(TEN_MINUTES), at(60, 62, 64))
    assert spans([found]) == ["00:55-01:05"]
    assert found.events == {"e": (0, 1, 2)}
    assert found.detection_time == found.end


@pytest.mark.parametrize(
    ("merging", "expected"), [("coverage", ["00:55-01:05"]), ("earliest", ["00:51-01:01", "01:01-01:11"])]
)
def test_merging_strategies(merging: Merging, expected: list[str]) -> None:
    """Coverage groups a burst; earliest walks by start."""
    assert spans(evaluate(on_host(TEN_MINUTES), at(60, 62, 64), by(merging))) == expected


def test_what_the_fullest_window_leaves_over_is_a_detection_of_its_own() -> None:
    """After the fullest window is emitted, windows that do not overlap it are judged again."""
    assert spans(evaluate(on_host(TEN_MINUTES), at(0, 1, 2, 15))) == ["23:53-00:03", "00:06-00:16"]


def test_hop_windows_are_half_open() -> None:
    """Events exactly one size apart never meet."""
    assert evaluate(on_host(TEN_MINUTES, count=2), at(60, 70)) == []


def test_hop_steps_are_a_tenth() -> None:
    """Nine tenths of the size, aligned to a step, still fit one window."""
    assert spans(evaluate(on_host(TEN_MINUTES, count=2), at(60, 69))) == ["01:00-01:10"]


def test_tumbling_blocks_are_aligned() -> None:
    """Blocks start at multiples of the size; a pair across a boundary does not meet."""
    blocks = MatchWindow("tumbling", 1800, None)
    assert spans(evaluate(on_host(blocks), at(29, 31))) == ["00:00-00:30", "00:30-01:00"]


@pytest.mark.parametrize(
    ("kind", "minutes", "expected"),
    [
        ("sliding_after", [0, 5], ["00:00-00:10", "00:05-00:15"]),
        ("sliding_before", [10, 15], ["00:00-00:10", "00:05-00:15"]),
    ],
)
def test_sliding_gives_one_window_per_pivot(kind: str, minutes: list[float], expected: list[str]) -> None:
    """Every pivot has its own window, and only pivots of that time are in it."""
    window = MatchWindow("sliding_after" if kind == "sliding_after" else "sliding_before", 600, "e")
    found = evaluate(on_host(window), at(*minutes))
    assert spans(found) == expected
    assert [detection.events["e"] for detection in found] == [(0,), (1,)]


def test_times_before_the_epoch_have_windows_too() -> None:
    """Rounding goes down, not towards zero."""
    early: Record = {"metadata": {"event_timestamp": {"seconds": -30}}, "principal": {"hostname": "ws"}}
    [found] = evaluate(on_host(MatchWindow("tumbling", 60, None)), [early])
    assert (found.start, found.end) == (-60_000_000, 0)


def test_without_match_all_times_are_the_event_time() -> None:
    """A rule without match gives one detection per event, at the event's time."""
    [found] = evaluate(rule(), [event(1, metadata={"event_timestamp": {"seconds": 5, "nanos": 7_999}})])
    assert (found.start, found.end, found.detection_time) == (5_000_007, 5_000_007, 5_000_007)


def test_suppression_keeps_the_first_per_block() -> None:
    """Without a key there is one block after the other for all detections."""
    checked = rule(options={"suppression_window": 3600})
    assert [found.events["e"] for found in evaluate(checked, at(70, 10, 5))] == [(2,), (0,)]


def test_suppression_of_match_rules_is_per_match_tuple() -> None:
    """A multi-event rule is suppressed per combination of match values."""
    host = placeholder("h", field("a", "principal.hostname"), field("b", "principal.hostname"))
    checked = rule(
        variables="ab",
        placeholders=(host,),
        keys="h",
        window=MatchWindow("tumbling", 600, None),
        options={"suppression_window": 3600},
    )
    events = [*at(1, 11), event(21, principal={"hostname": "other"})]
    assert [found.events["a"] for found in evaluate(checked, events)] == [(0,), (2,)]
