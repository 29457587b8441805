"""The feed: every record that is read is counted once, and memory does not grow with what is wrong."""

from __future__ import annotations

import io
import json
from pathlib import Path

from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import OTHER_REASONS, Reasons
from windshear.logs.quarantine import Quarantined
from windshear.udm.columns import ScalarColumn

COLUMNS = {"metadata.event_type": ScalarColumn("text")}


def event(time: str) -> str:
    """Return a UDM event as a JSON line."""
    return json.dumps({"metadata": {"eventType": "GENERIC_EVENT", "eventTimestamp": time}}) + "\n"


def feed_of(text: str, since: int | None = None, until: int | None = None) -> tuple[Feed, list[Quarantined]]:
    """Return a feed of one text, read to its end, and what it quarantined."""
    kept: list[Quarantined] = []
    feed = Feed(Input(("-",), None, since, until), COLUMNS, kept.append, standard_input=io.BytesIO(text.encode()))
    for _ in feed.batches():
        pass
    return feed, kept


def test_counts_add_up() -> None:
    """Read is events, quarantined and skipped together."""
    feed, kept = feed_of(event("2026-03-02T10:00:00Z") + '{"a": 1}\n{\n' + event("2026-03-02T11:00:00Z"))
    report = feed.report
    assert (report.read, report.event_count, report.quarantined_count, report.skipped_count) == (4, 2, 2, 0)
    assert sorted((record.source, record.number) for record in kept) == [("-", 2), ("-", 3)]
    strangers, kept = feed_of('{"a": 1}\n{"a": 2}\n')
    assert (strangers.report.read, strangers.report.skipped_count, kept) == (2, 2, [])
    assert strangers.report.skipped.first == {"unrecognised log type (keys `a`)": "-:1"}
    assert report.with_records == report.with_events == {"-"}


def test_range_is_half_open() -> None:
    """An event at `since` is inside, one at `until` is not; both are events that were read."""
    times = [1_772_445_600_000_000 + hour * 3_600_000_000 for hour in range(3)]  # from 2026-03-02T10:00:00Z
    text = "".join(event(f"2026-03-02T{10 + hour}:00:00Z") for hour in range(3))
    report = feed_of(text, times[0], times[2])[0].report
    assert (report.event_count, report.outside_range) == (3, 1)
    assert feed_of(text, since=times[1])[0].report.outside_range == 1
    assert feed_of(text, until=times[1])[0].report.outside_range == 2


def test_named_inputs_without_events(tmp_path: Path) -> None:
    """It is known of each named file whether it held records and events; files of a folder are not named."""
    (tmp_path / "logs").mkdir()
    for name in ("good", "logs/good"):
        (tmp_path / name).write_text(event("2026-03-02T10:00:00Z"))
    (tmp_path / "strange").write_text('{"a": 1}\n')
    (tmp_path / "empty").write_text("")
    names = tuple(str(tmp_path / name) for name in ("good", "strange", "empty", "logs"))
    feed = Feed(Input(names), COLUMNS, lambda _record: None)
    assert sum(batch.table.num_rows for batch in feed.batches()) == 2
    assert feed.report.with_records == {names[0], names[1]}
    assert feed.report.with_events == {names[0]}


def test_reasons_are_bounded() -> None:
    """A reason of its own for every record does not fill the memory; the numbers stay right."""
    reasons = Reasons()
    for number in range(5_000):
        reasons.note(f"reason {number}", f"a:{number}")
    assert reasons.counts.total() == 5_000
    assert len(reasons.counts) <= 1_001
    assert reasons.counts[OTHER_REASONS] == 4_000
