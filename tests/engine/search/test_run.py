"""A search over several batches: what streams, what waits, what is cut, and what counts once."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pytest

from windshear.engine.batch import EventBatch
from windshear.engine.inline import UDM
from windshear.engine.pile import Numbers
from windshear.engine.search.run import Search, SearchSettings
from windshear.engine.store import Row, SettleError
from windshear.language.query import CheckedQuery
from windshear.language.query_front import compile_query
from windshear.language.source import Source
from windshear.logs.known import NOTHING_KNOWN
from windshear.logs.record import batch_of
from windshear.udm.proto_json import read_event
from windshear.udm.rows import to_table

LOGIN = 'metadata.event_type = "USER_LOGIN"'


def query(text: str) -> CheckedQuery:
    """Return the checked query of a text without mistakes."""
    compiled = compile_query(Source("query", text))
    assert compiled.query is not None, compiled.diagnostics
    return compiled.query


def events(*names: str) -> list[dict[str, object]]:
    """Return one login per name, a minute apart, with a label that holds the name."""
    return [
        {
            "metadata": {
                "productLogId": name,
                "eventTimestamp": f"2026-02-03T10:{i:02}:00Z",
                "eventType": "USER_LOGIN",
            },
            "principal": {"hostname": f"ws-{name}", "labels": [{"key": "name", "value": name}]},
        }
        for i, name in enumerate(names)
    ]


def batch(search: Search, found: Sequence[dict[str, object]]) -> EventBatch:
    """Return events as a batch whose late columns have to be asked for."""
    canonical = [read_event(event)[0] for event in found]
    texts = [orjson.dumps(event).decode() for event in found]

    def late(rows: Numbers) -> pa.Table:
        columns = search.wanted.every
        return to_table([canonical[row] for row in rows.tolist()], columns)

    return EventBatch(UDM, to_table(canonical, search.wanted.asked(NOTHING_KNOWN).columns), batch_of(texts), late)


def run(text: str, *batches: Sequence[dict[str, object]], settings: SearchSettings | None = None) -> list[list[Row]]:
    """Return the rows that came with each batch, and at last those that came at the end."""
    with Search(query(text), settings=settings) as search:
        rows = [list(search.feed(batch(search, found))) for found in batches]
        return [*rows, list(search.finish())]


def test_a_list_of_events_streams() -> None:
    """Rows come with the batch of their events, and nothing is left for the end."""
    first, second, end = run(f"{LOGIN} select: metadata.product_log_id", events("a", "b"), events("c"))
    assert (first, second, end) == ([("a",), ("b",)], [("c",)], [])


def test_statistics_wait_for_the_end() -> None:
    """A later event can change every group."""
    first, second, end = run(f"{LOGIN} outcome: $n = count(metadata.id)", events("a", "b"), events("c"))
    assert (first, second, end) == ([], [], [(3,)])


def test_a_limit_ends_the_list() -> None:
    """It holds over all batches, and the search says that it is done."""
    with Search(query(f"{LOGIN} limit: 3")) as search:
        assert len(list(search.feed(batch(search, events("a", "b"))))) == 2
        assert not search.is_done
        assert len(list(search.feed(batch(search, events("c", "d"))))) == 1
        assert search.is_done


def test_repeats_count_once_over_batches() -> None:
    """A byte-equal record is the event that came before, in whichever batch."""
    (first, second, _) = run(f"{LOGIN} select: metadata.product_log_id", events("a"), events("a", "b"))
    assert (first, second) == ([("a",)], [("b",)])
    assert run(f"{LOGIN} outcome: $n = count(metadata.id)", events("a"), events("a", "b"))[-1] == [(2,)]


def test_long_results_are_cut_and_say_so() -> None:
    """Only a list of events may be as long as it is."""
    settings = SearchSettings(most_rows=2)
    with Search(query(f"{LOGIN} match: metadata.product_log_id"), settings=settings) as search:
        list(search.feed(batch(search, events("a", "b", "c"))))
        assert [row[0] for row in search.finish()] == ["a", "b"]
        assert search.counts.is_cut
    listed = run(f"{LOGIN} select: metadata.product_log_id", events("a", "b", "c"), settings=settings)
    assert sum(map(len, listed)) == 3


@pytest.mark.parametrize("uses_sift", [True, False])
def test_raw_text_beside_late_columns(uses_sift: bool) -> None:
    """Lists of labels are read for candidates only; the raw text goes with them."""
    text = 'raw = "ws-b" principal.labels.value = "b" select: metadata.product_log_id, principal.labels.value'
    rows = run(text, events("a", "b", "c"), settings=SearchSettings(uses_sift=uses_sift))
    assert rows == [[("b", ["b"])], []]


def test_too_little_memory_is_told() -> None:
    """A query that needs more than it may take ends with the reason, not with a crash."""
    many = events(*(f"{i % 60}" for i in range(60)))
    for number, event in enumerate(many):
        event["about"] = [{"hostname": f"{number}-{i}" * 40} for i in range(200)]
    settings = SearchSettings(memory_limit="1MB")
    with pytest.raises(SettleError):
        run(f"{LOGIN} match: about.hostname outcome: $n = array(about.hostname)", many, settings=settings)
