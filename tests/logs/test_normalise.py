"""Normalise: the gate, the columns and their types, and whole events that agree with single columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.logs.support import TEXT, TEXTS, begin_anew_after, full_events, json_lines, normaliser_of, take
from windshear.logs.catalogue import parser_of
from windshear.logs.normalise import Normaliser, ingest_connection
from windshear.logs.parser import LogParser
from windshear.logs.record import batch_of
from windshear.logs.statement import all_columns
from windshear.udm.columns import Column, MessagesColumn, ScalarColumn, arrow_type

_HERE = Path(__file__).parent
RECORD: dict[str, object] = {
    "eventVersion": "1.08",
    "eventTime": "2026-01-02T03:04:05Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
}


def one(record: dict[str, object] | str, columns: dict[str, Column]) -> dict[str, object]:
    """Normalise one CloudTrail record."""
    text = record if isinstance(record, str) else json.dumps(RECORD | record)
    result = Normaliser().normalise(batch_of([text]), "AWS_CLOUDTRAIL", columns)
    assert result.quarantined == ()
    row: dict[str, object] = result.table.to_pylist()[0]
    return row


BROKEN = {
    "{": "not valid JSON: ",
    "": "not valid JSON: ",
    "null": "not a JSON object",
    "[1]": "not a JSON object",
    json.dumps(RECORD) + " x": "not valid JSON: ",
    json.dumps(RECORD)[:-1] + ', "x": "\\ud800"}': "not valid JSON: ",
    json.dumps(RECORD | {"x": json.loads("[" * 101 + "]" * 101)}): "nested deeper than 100 levels",
    "[" * 5000: "nested deeper than 100 levels",
    json.dumps(RECORD | {"eventTime": "epoch"}): "no readable event time",
    json.dumps(RECORD | {"eventTime": "infinity"}): "no readable event time",
    json.dumps(RECORD | {"eventTime": "99999-01-01T00:00:00Z"}): "no readable event time",
    json.dumps(RECORD | {"eventTime": {"a": 1}}): "no readable event time",
}


@pytest.mark.parametrize("text", BROKEN)
def test_gate(text: str) -> None:
    """A record that is no event goes to quarantine with a reason and does not disturb its neighbours."""
    result = Normaliser().normalise(batch_of([json.dumps(RECORD), text, json.dumps(RECORD)]), "AWS_CLOUDTRAIL", {})
    assert result.rows.tolist() == [0, 2]
    assert [(item.number, item.text) for item in result.quarantined] == [(2, text)]
    assert result.quarantined[0].reason.startswith(BROKEN[text])


def test_strangers_are_told_apart() -> None:
    """A JSON object of another kind is neither an event nor broken."""
    result = Normaliser().normalise(batch_of(['{"a": 1}', json.dumps(RECORD)]), "AWS_CLOUDTRAIL", {})
    assert (result.rows.tolist(), result.strangers.tolist(), result.quarantined) == ([1], [0], ())


TIMES = {
    "2026-01-02T03:04:05Z": 1767323045_000000,
    "2026-01-02T03:04:05.123456789Z": 1767323045_123456,
    "2026-01-02 03:04:05": 1767323045_000000,
    "2026-01-02T05:04:05+02:00": 1767323045_000000,
    "1969-12-31T23:59:58.5Z": -1_500000,
    "0001-01-01T00:00:00Z": -62135596800_000000,
}


@pytest.mark.parametrize("text", TIMES)
def test_time(text: str) -> None:
    """Time is microseconds in UTC; a time without a zone is UTC."""
    assert one({"eventTime": text}, {})["ts_us"] == TIMES[text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2026-01-02T03:04:05.25Z", [1767323045, 250_000_000]),
        ("1969-12-31T23:59:58.25Z", [-2, 250_000_000]),
        ("1969-12-31T23:59:58Z", [-2, 0]),
    ],
)
def test_time_columns(text: str, parts: list[int]) -> None:
    """Seconds and nanoseconds of the event's time can be asked for like any field; nanoseconds always count up."""
    names = [f"metadata.event_timestamp.{part}" for part in ("seconds", "nanos")]
    row = one({"eventTime": text}, {name: ScalarColumn("int") for name in names})
    assert [row[name] for name in names] == parts


@pytest.mark.parametrize("log_type", ["AWS_CLOUDTRAIL", "AZURE_AD", "WINDOWS_SYSMON"])
def test_column_types(log_type: str) -> None:
    """Columns travel in the Arrow types of the contract."""
    parser = parser_of(log_type)
    assert isinstance(parser, LogParser)
    columns = all_columns(parser)
    table = Normaliser().normalise(batch_of([]), log_type, columns).table
    assert table.column_names == ["ts_us", *columns]
    for name, column in columns.items():
        assert table.schema.field(name).type == arrow_type(column), name


def test_unfilled_columns_are_left_out() -> None:
    """A column that the log type never fills, or no such column, is not in the table."""
    columns: dict[str, Column] = {
        "target.file.sha256": TEXT,
        "principal.ip": TEXTS,
        'principal.labels["k"]': TEXT,
        "security_result": MessagesColumn({"action": TEXTS, "threat_name": TEXT}),
    }
    row = one({"sourceIPAddress": "10.0.0.1"}, columns)
    assert row == {
        "ts_us": 1767323045_000000,
        "principal.ip": ["10.0.0.1"],
        "security_result": [{"action": ["ALLOW"], "threat_name": None}],
    }


def label(key: str) -> str:
    """Name the column of a CloudTrail request label."""
    return f'target.resource.attribute.labels["{key}"]'


LABELS: list[tuple[object, str, str | None]] = [
    ({"a": {"b": 5}}, "requestParameters.a.b", "5"),
    ({"a": {"b": "{5}"}}, "requestParameters.a.b", "{5}"),
    ({"a": {"b": True}}, "requestParameters.a.b", "true"),
    ({"a": {"b": [1, {"c": "d"}]}}, "requestParameters.a.b", '[1,{"c":"d"}]'),
    ({"a.b": "dotted"}, "requestParameters.a.b", "dotted"),
    ({"a": {"b": {"c": 1}}}, "requestParameters.a.b", None),
    ({"a": {"b": None}}, "requestParameters.a.b", None),
    ({"a": {"b": ""}}, "requestParameters.a.b", None),
    ("a text", "requestParameters", "a text"),
    ("a text", "requestParameters.a", None),
    (None, "requestParameters", None),
    ({"Host": "h", "host": "i"}, "requestParameters.host", "i"),
    ({'q"\\': "x"}, 'requestParameters.q\\"\\\\', "x"),
]


@pytest.mark.parametrize(("parameters", "key", "expected"), LABELS)
def test_one_label_agrees_with_all_labels(parameters: object, key: str, expected: str | None) -> None:
    """A label asked for by key is the one that the whole event has."""
    record = RECORD | {"requestParameters": parameters}
    assert one(record, {label(key): TEXT})[label(key)] == expected
    event = Normaliser().normalise_full([json.dumps(record)], "AWS_CLOUDTRAIL")[0]
    assert event is not None
    plain = key.replace('\\"', '"').replace("\\\\", "\\")
    labels = one(record, {"target.resource.attribute.labels": MessagesColumn({"key": TEXT, "value": TEXT})})
    listed = labels["target.resource.attribute.labels"]
    found = [item["value"] for item in listed or [] if item["key"] == plain] if isinstance(listed, list) else []
    assert found == ([] if expected is None else [expected])


def test_keys_that_differ_in_case_only() -> None:
    """Two keys that SQL would take for one are read apart."""
    columns: dict[str, Column] = {label("requestParameters.host"): TEXT, label("requestParameters.Host"): TEXT}
    row = one({"requestParameters": {"Host": "h", "host": "i"}}, columns)
    assert [row[name] for name in columns] == ["i", "h"]


@pytest.mark.parametrize("sample", sorted(_HERE.glob("*/*.json*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_threads_keep_the_order(sample: Path) -> None:
    """Rows come in the order of the records, with one thread and with two."""
    if sample.name.endswith(".expected.json"):
        return
    one_thread, two_threads = (normaliser_of(sample.parent.name, threads) for threads in (1, 2))
    first, second = take(sample, normaliser=one_thread), take(sample, normaliser=two_threads)
    assert first.rows() == second.rows()
    assert full_events(first, one_thread) == full_events(second, two_threads)
    begin_anew_after(first)


def test_large_batches_keep_the_order() -> None:
    """Rows of many vectors and two threads come in the order of the records."""
    count = 30_000
    texts = [json.dumps(RECORD | {"eventID": str(number)}) for number in range(count)]
    normaliser = Normaliser(ingest_connection(threads=2))
    result = normaliser.normalise(batch_of(texts), "AWS_CLOUDTRAIL", {"metadata.product_log_id": TEXT})
    assert result.table.column("metadata.product_log_id").to_pylist() == [str(number) for number in range(count)]
    assert np.array_equal(result.rows, np.arange(count))


def test_forced_type() -> None:
    """With a type given, what does not look like it is broken, not skipped."""
    taken = take(json_lines(RECORD, {"a": 1}), log_type="AWS_CLOUDTRAIL")
    assert len(taken.rows()) == 1
    assert taken.quarantined[0].reason.startswith("does not look like AWS_CLOUDTRAIL: expected `eventSource` present")
