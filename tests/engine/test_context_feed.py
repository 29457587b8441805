"""The records of a context as batches: bounded, only what is asked for, with their places and counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from windshear.context.context import Context
from windshear.context.detections import DETECTION
from windshear.context.entities import ALWAYS_AFTER, ALWAYS_BEFORE, ENTITY
from windshear.context.records import RecordList
from windshear.engine.batch import EventBatch
from windshear.engine.context_feed import ContextFeed
from windshear.engine.plan import Plan, build_plans
from windshear.engine.settle.fields import VALID_FROM, VALID_TO
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.logs.quarantine import Quarantined

RULE = """rule both {
  meta:
    author = "x"
  events:
    $d.detection.detection.outcomes["user"] = $u
    $g.graph.entity.user.userid = $u
    $g.graph.metadata.entity_type = "USER"
  match:
    $u over 1h
  condition:
    $d and $g
}
"""
SECOND = 1_000_000


def plans(text: str = RULE) -> tuple[Plan, ...]:
    """Compile the rule that reads both kinds of records."""
    compiled = compile_source(Source("rule", text))
    assert not compiled.is_broken, compiled.diagnostics
    return build_plans(compiled.rules)


def user(name: str, **interval: str) -> object:
    """Return an entity."""
    return {"metadata": {"entityType": "USER", "interval": interval}, "entity": {"user": {"userid": name}}}


def entities(*values: object) -> Context:
    """Return a context of entities."""
    return Context(entities=RecordList("e", values, ENTITY))


def detection(second: int) -> object:
    """Return a detection."""
    return {"id": f"d{second}", "detectionTime": f"1970-01-01T00:00:{second:02}Z", "ruleName": "a"}


def fed(feed: ContextFeed) -> list[EventBatch]:
    """Read everything."""
    return list(feed.batches())


def ignore(_record: Quarantined) -> None:
    """Let broken records be counted only."""


def test_entities_have_their_interval_and_what_rules_read() -> None:
    """A bound that is absent is as far away as numbers go; columns that nobody reads are not there."""
    context = entities(user("ann"), user("bob", startTime="1970-01-01T00:00:01Z", endTime="1970-01-01T00:00:02Z"))
    (batch,) = fed(ContextFeed(context, plans(), ignore))
    assert (batch.source, batch.log_type) == ("graph", "ENTITY")
    assert batch.table.column(VALID_FROM).to_pylist() == [ALWAYS_BEFORE, SECOND]
    assert batch.table.column(VALID_TO).to_pylist() == [ALWAYS_AFTER, 2 * SECOND]
    assert batch.table.column("entity.user.userid").to_pylist() == ["ann", "bob"]
    names = {"ts_us", "entity.user.userid", "metadata.entity_type", VALID_FROM, VALID_TO}
    assert set(batch.table.column_names) == names


def test_batches_are_bounded_and_keep_places() -> None:
    """Five thousand records are a batch; broken ones between them change no number."""
    feed = ContextFeed(entities(1, *(user(str(i)) for i in range(5_001))), plans(), ignore)
    first, second = fed(feed)
    assert (first.table.num_rows, second.table.num_rows) == (5_000, 1)
    assert [int(first.records.numbers[0]), int(second.records.numbers[0])] == [2, 5_002]
    report = feed.reports["graph"]
    assert (report.used, report.quarantined.counts.total(), report.quarantined.first) == (
        5_001,
        1,
        {"not a JSON object": "e:1"},
    )


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [(None, None, ["d1", "d2", "d3"]), (2 * SECOND, None, ["d2", "d3"]), (2 * SECOND, 3 * SECOND, ["d2"])],
)
def test_detections_outside_the_range_are_counted(since: int | None, until: int | None, left: Sequence[str]) -> None:
    """The first moment of a range belongs to it, its end does not."""
    context = Context(detections=RecordList("d", [detection(second) for second in (1, 2, 3)], DETECTION))
    feed = ContextFeed(context, plans(), ignore, since, until)
    assert [name for batch in fed(feed) for name in batch.table.column("id").to_pylist()] == left
    assert feed.reports["detection"].outside_range == 3 - len(left)


def test_broken_records_go_to_quarantine() -> None:
    """With their source, number, reason and text."""
    kept: list[Quarantined] = []
    assert fed(ContextFeed(entities({"colour": "red"}), plans(), kept.append)) == []
    (record,) = kept
    assert (record.source, record.number, record.text) == ("e", 1, '{"colour":"red"}')


def test_what_no_rule_reads_is_not_read() -> None:
    """Not even looked at."""
    rule = 'rule r {\n  meta:\n    a = "x"\n  events:\n    $e.principal.hostname = "x"\n  condition:\n    $e\n}\n'
    feed = ContextFeed(entities(1), plans(rule), ignore)
    assert fed(feed) == []
    assert [report.is_wanted for report in feed.reports.values()] == [False]
