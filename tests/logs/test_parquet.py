"""Parquet: what is written is read back as the same events, and other files are no logs."""

from __future__ import annotations

import io
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.logs.support import full_events, take
from windshear.logs.event_reader import Event
from windshear.logs.normalise import Normaliser
from windshear.logs.parquet import ParquetEvents
from windshear.udm.proto_json import read_event, write_event

_HERE = Path(__file__).parent
_SAMPLES = [
    _HERE / "aws_cloudtrail" / "sign_ins.jsonl",
    _HERE / "auditd" / "kernel.log",
    _HERE / "azure_ad" / "log_analytics.jsonl",
    _HERE / "windows_sysmon",
]


def _written(events: list[Event]) -> bytes:
    stream = io.BytesIO()
    with ParquetEvents(stream) as writer:
        for event in events:
            writer.add([event])
    return stream.getvalue()


@pytest.mark.parametrize("sample", _SAMPLES, ids=lambda path: path.name)
def test_events_come_back_the_same(sample: Path) -> None:
    """Proto-JSON before and after is equal, event by event."""
    normaliser = Normaliser()
    before = full_events(take(sample, normaliser=normaliser), normaliser)
    data = _written([read_event(event)[0] for event in before])
    assert full_events(take(data, normaliser=normaliser), normaliser) == before


def test_columns_are_flat_and_those_that_are_filled() -> None:
    """A leaf is a column, a repeated message one column of flat messages, and what no event fills has none."""
    events: list[Event] = [
        {
            "metadata": {"event_type": "USER_LOGIN", "event_timestamp": {"seconds": 5}},
            "principal": {"ip": ["192.0.2.1"]},
        },
        {
            "metadata": {"event_type": "USER_LOGIN", "event_timestamp": {"seconds": 6}},
            "about": [{"user": {"userid": "sam"}}, {"port": 7}],
            "additional": {"a": "text", "b": 2.0},
        },
    ]
    table = pq.read_table(io.BytesIO(_written(events)))
    assert table.column("ts_us").to_pylist() == [5_000_000, 6_000_000]
    assert table.column("principal.ip").to_pylist() == [["192.0.2.1"], None]
    assert table.column("about").to_pylist()[1] == [
        {"port": None, "user.userid": "sam"},
        {"port": 7, "user.userid": None},
    ]
    assert table.column("additional.fields").to_pylist()[1][0] == {"key": "a", "value.string_value": "text"}
    assert [orjson.loads(text) for text in table.column("udm").to_pylist()] == [write_event(event) for event in events]
    assert "target.ip" not in table.column_names


def test_nothing_is_written_when_something_goes_wrong() -> None:
    """A run that fails leaves no half file."""
    stream = io.BytesIO()
    with pytest.raises(ValueError, match="stop"), ParquetEvents(stream):
        raise ValueError("stop")
    assert stream.getvalue() == b""


def _parquet(**columns: list[object]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def test_other_parquet_files_are_no_logs() -> None:
    """Without the column of whole events there is nothing to read; a broken file is told."""
    assert [problem.kind for problem in take(_parquet(a=["x"])).problems] == ["not logs"]
    assert [problem.kind for problem in take(_parquet(udm=["{}"])[:-9]).problems] == ["unreadable"]
    taken = take(_parquet(udm=["{}", None, "no JSON"]))
    assert (len(taken.quarantined), sum(skipped.count for skipped in taken.skipped), taken.problems) == (0, 2, [])


def test_a_column_of_another_kind_is_told() -> None:
    """A column `udm` that holds no text is a problem, not a crash."""
    assert [problem.kind for problem in take(_parquet(udm=[1, 2])).problems] == ["unreadable"]
