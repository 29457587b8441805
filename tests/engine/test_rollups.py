"""Counting history: what is counted once, added up over batches, and kept within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from windshear.context.metrics import Rollups
from windshear.engine import rollups as counting
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans
from windshear.engine.rollups import RollupBuilder
from windshear.engine.scan import Scan
from windshear.language.front import compile_source
from windshear.language.metrics import Measure
from windshear.language.source import Source
from windshear.udm.proto_json import read_event

BY_USER = Measure("auth_attempts_total", "1d", ("target.user.userid",))
BYTES = Measure("network_bytes_total", "1h", ())


def sign_in(time: str, user: str = "ann", **more: object) -> dict[str, Any]:
    """Return an event as proto-JSON."""
    metadata = {"eventTimestamp": time, "eventType": "USER_LOGIN"}
    return {"metadata": metadata, "target": {"user": {"userid": user}}, **more}


def counted(folder: Path, measures: Sequence[Measure], *batches: Sequence[dict[str, Any]]) -> tuple[Rollups, int, int]:
    """Count batches; return the result with the number of events and of repeats."""
    with RollupBuilder(measures, folder) as builder:
        for batch in batches:
            builder.add(udm_batch([read_event(event)[0] for event in batch], builder.plans))
        return builder.finish(folder / "metrics.parquet"), builder.events, builder.repeats


def rows(rollups: Rollups, measure: Measure) -> list[dict[str, Any]]:
    """Return the rows of a measure."""
    found: list[dict[str, Any]] = rollups.read(measure).read_all().to_pylist()
    return found


def test_batches_add_up(tmp_path: Path) -> None:
    """One day that comes in two batches is one row, with its first and last event."""
    early, late = sign_in("2025-03-10T08:00:00Z"), sign_in("2025-03-10T09:00:00.5Z")
    rollups, events, _ = counted(tmp_path, [BY_USER], [late], [early, sign_in("2025-03-11T08:00:00Z", "bob")])
    ann, bob = rows(rollups, BY_USER)
    assert events == 3
    assert (ann["value0"], ann["event_count"], ann["last"] - ann["first"]) == ("ann", 2, 3_600_500_000)
    assert (bob["value0"], bob["event_count"], bob["start"] - ann["start"]) == ("bob", 1, 86_400_000_000)


def test_a_repeated_record_counts_once(tmp_path: Path) -> None:
    """The same record in one batch or in two is one event, as in a scan."""
    event, other = sign_in("2025-03-10T08:00:00Z"), sign_in("2025-03-10T08:00:01Z")
    rollups, events, repeats = counted(tmp_path, [BY_USER], [event, event, other], [other, event])
    assert (events, repeats) == (2, 3)
    assert rows(rollups, BY_USER)[0]["event_count"] == 2


def test_what_nothing_counts_is_not_looked_at(tmp_path: Path) -> None:
    """Events of other kinds leave no trace."""
    event = {"metadata": {"eventTimestamp": "2025-03-10T08:00:00Z", "eventType": "FILE_CREATION"}}
    rollups, events, repeats = counted(tmp_path, [BY_USER], [event, event])
    assert (events, repeats, rows(rollups, BY_USER)) == (0, 0, [])


def test_rows_are_summed_up_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was added is put together whenever it has grown, and the result is the same."""
    monkeypatch.setattr(counting, "_MOST_LOOSE", 1)
    batches = [[sign_in(f"2025-03-10T0{i}:00:00Z"), sign_in(f"2025-03-10T0{i}:00:00Z", "bob")] for i in range(5)]
    rollups, _, _ = counted(tmp_path, [BY_USER], *batches)
    assert [row["event_count"] for row in rows(rollups, BY_USER)] == [5, 5]


def test_sums_stay_within_64_bits(tmp_path: Path) -> None:
    """Bytes that no disk holds do not stop the count."""
    network = {"sentBytes": str(2**64 - 1), "receivedBytes": str(2**64 - 1)}
    batch = [sign_in(f"2025-03-10T08:00:0{i}Z", network=network) for i in range(3)]
    rollups, _, _ = counted(tmp_path, [BYTES], batch)
    assert [row["value_sum"] for row in rows(rollups, BYTES)] == [2**63 - 1]


def test_a_scan_without_history_is_a_mistake_of_the_caller() -> None:
    """A rule that reads a metric cannot silently run on nothing."""
    text = (
        'rule r { meta: author = "x" events: $e.target.user.userid = $u outcome: $n = metrics.auth_attempts_total('
        "period: 1d, window: 30d, metric: event_count_sum, agg: sum, target.user.userid: $u) condition: $e }"
    )
    plans = build_plans(compile_source(Source("r", text)).rules)
    with pytest.raises(ValueError, match="no roll-ups"):
        Scan(plans, udm_events).__enter__()
