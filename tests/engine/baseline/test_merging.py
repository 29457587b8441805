"""Merging baselines: parts of a history, one after the other, come to the same as all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from windshear.context.tables import DataTable, table_of
from windshear.engine.baseline.builder import Cells
from windshear.engine.baseline.merging import merged

DAY = 86_400
HEADER = (
    ("key", "string"),
    ("owner", "string"),
    ("first_seen", "number"),
    ("last_seen", "number"),
    ("events", "number"),
    ("days", "number"),
    ("mfa_share", "number"),
)
Event = tuple[int, str, bool]  # seconds, key, whether with a second factor


def counted(events: Sequence[Event]) -> list[Cells]:
    """Return what a baseline says of events, by key."""
    found: dict[str, list[Event]] = {}
    for event in sorted(events):
        found.setdefault(event[1], []).append(event)
    return [
        {
            "key": key,
            "owner": "",
            "first_seen": str(own[0][0]),
            "last_seen": str(own[-1][0]),
            "events": str(len(own)),
            "days": str(len({time // DAY for time, _, _ in own})),
            "mfa_share": str(100 if own[0][2] else 0),
        }
        for key, own in sorted(found.items())
    ]


def table(rows: Iterator[Cells] | Sequence[Cells]) -> DataTable:
    """Return rows as a table."""
    return table_of("t", HEADER, [tuple(row.values()) for row in rows])


EVENTS = st.lists(
    st.tuples(st.integers(DAY, 5 * DAY), st.sampled_from(["a", "a|b", "B", "ü", "a b"])), unique=True, max_size=30
)


@given(EVENTS, st.lists(st.integers(DAY, 5 * DAY), max_size=3))
def test_parts_come_to_the_whole(events: list[tuple[int, str]], cuts: list[int]) -> None:
    """Wherever the history is cut, also inside of a day, and whichever keys each part has."""
    known = table([])
    bounds = [0, *sorted(cuts), 6 * DAY]
    whole = [(time, key, key > "b") for time, key in events]
    for start, end in pairwise(bounds):
        part = [event for event in whole if start <= event[0] < end]
        known = table(merged(known, ("key",), iter(counted(part))))
    assert known.rows.to_pylist() == table(counted(whole)).rows.to_pylist()


def test_shares_are_weighted_and_texts_are_the_later() -> None:
    """Of 30 sign-ins with 50 % and 10 with 90 %, 60 % of all; a text that is empty says nothing."""
    old, new = counted([(DAY, "a", True), (DAY, "z", True)]), counted([(9 * DAY, "a", True), (9 * DAY, "z", True)])
    old[0] = {**old[0], "owner": "ann", "events": "30", "mfa_share": "50"}
    new[0] = {**new[0], "owner": "", "events": "10", "mfa_share": "90"}
    old[1], new[1] = {**old[1], "owner": "ann"}, {**new[1], "owner": "bob"}
    first, second = merged(table(old), ("key",), iter(new))
    assert (first["owner"], first["events"], first["mfa_share"], first["days"]) == ("ann", "40", "60", "2")
    assert second["owner"] == "bob"
