"""Rows: canonical records become flat columns as the contract says, and nest again."""

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.nesting import from_row
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.rows import to_table
from windshear.udm.schema import Root

SAMPLES = Path(__file__).parent / "data" / "chronicle_api_samples"
TEXT, TEXTS, INT = ScalarColumn("text"), ListColumn("text"), ScalarColumn("int")
LABELS: list[dict[str, object]] = [
    {"key": "a", "value": "1"},
    {"key": "b"},
    {"key": "a", "value": "2"},
]

CELLS: list[tuple[dict[str, object], str, Column, object]] = [
    ({"principal": {"user": {"userid": "u"}}}, "principal.user.userid", TEXT, "u"),
    ({"principal": {"ip": ["x", "y"]}}, "principal.ip", TEXTS, ["x", "y"]),
    ({"network": {"sent_bytes": 2**64 - 1}}, "network.sent_bytes", ScalarColumn("uint"), 2**64 - 1),
    ({"metadata": {"event_timestamp": {"seconds": 7, "nanos": 9}}}, "metadata.event_timestamp.nanos", INT, 9),
    (
        {"about": [{"user": {"userid": "u"}}, {"ip": ["x"]}, {}]},
        "about",
        MessagesColumn({"user.userid": TEXT, "ip": TEXTS}),
        [{"ip": None, "user.userid": "u"}, {"ip": ["x"], "user.userid": None}, {"ip": None, "user.userid": None}],
    ),
    (
        {"about": [{"labels": LABELS}]},
        "about",
        MessagesColumn({"labels": MessagesColumn({"key": TEXT, "value": TEXT}), 'labels["a"]': TEXT}),
        [
            {
                "labels": [{"key": "a", "value": "1"}, {"key": "b", "value": None}, {"key": "a", "value": "2"}],
                'labels["a"]': "1",
            }
        ],
    ),
    ({"principal": {"labels": LABELS}}, 'principal.labels["a"]', TEXT, "1"),
    (
        {"security_result": [{}, {"detection_fields": [{"key": "k", "value": "2nd"}]}, {"detection_fields": LABELS}]},
        'security_result.detection_fields["k"]',
        TEXT,
        "2nd",
    ),
    ({"additional": {'q"\\': "v"}}, r'additional.fields["q\"\\"]', TEXT, "v"),
    (
        {"additional": {"a": "v", "n": 5, "t": True, "l": ["x"], "o": {"p": "x"}, "z": None}},
        "additional.fields",
        MessagesColumn(
            {
                "key": TEXT,
                "value.string_value": TEXT,
                "value.number_value": ScalarColumn("float"),
                "value.bool_value": ScalarColumn("bool"),
            }
        ),
        [
            {"key": "a", "value.bool_value": None, "value.number_value": None, "value.string_value": "v"},
            {"key": "n", "value.bool_value": None, "value.number_value": 5.0, "value.string_value": None},
            {"key": "t", "value.bool_value": True, "value.number_value": None, "value.string_value": None},
            {"key": "l", "value.bool_value": None, "value.number_value": None, "value.string_value": None},
            {"key": "o", "value.bool_value": None, "value.number_value": None, "value.string_value": None},
            {"key": "z", "value.bool_value": None, "value.number_value": None, "value.string_value": None},
        ],
    ),
]

NOBODY_FILLS: list[tuple[dict[str, object], str, Column]] = [
    ({"principal": {}}, "principal.hostname", TEXT),
    ({"principal": {"ip": []}}, "principal.ip", TEXTS),
    ({"about": []}, "about", MessagesColumn({"ip": TEXTS})),
    ({"additional": {"n": 5}}, 'additional.fields["n"]', TEXT),
    ({"additional": {}}, "additional.fields", MessagesColumn({"key": TEXT})),
    ({"principal": {"labels": LABELS}}, 'principal.labels["c"]', TEXT),
]


@pytest.mark.parametrize(("event", "name", "column", "cell"), CELLS)
def test_cell(event: dict[str, object], name: str, column: Column, cell: object) -> None:
    """The column holds what the record has at that place."""
    assert to_table([event, {}], {name: column})[name].to_pylist() == [cell, None]


@pytest.mark.parametrize(("event", "name", "column"), NOBODY_FILLS)
def test_a_column_that_nobody_fills(event: dict[str, object], name: str, column: Column) -> None:
    """The column is left out of the table."""
    assert to_table([event], {name: column}).column_names == ["ts_us"]


def test_a_typed_variable_of_a_detection() -> None:
    """A detection's variables are read by name and type."""
    detection: dict[str, object] = {
        "detection_time": {"seconds": 5, "nanos": 0},
        "detection": [{"variables": {"n": {"int64_val": 3}, "l": {"string_seq": {"string_vals": ["a", "b"]}}}}],
    }
    columns: Columns = {
        'detection.variables["n"].int64_val': INT,
        'detection.variables["l"].string_seq.string_vals': TEXTS,
        "detection": MessagesColumn({"variables": MessagesColumn({"key": TEXT, "value.int64_val": INT})}),
    }
    row = to_table([detection], columns, "detection").to_pylist()[0]
    assert row == {
        "ts_us": 5_000_000,
        'detection.variables["n"].int64_val': 3,
        'detection.variables["l"].string_seq.string_vals': ["a", "b"],
        "detection": [{"variables": [{"key": "n", "value.int64_val": 3}, {"key": "l", "value.int64_val": None}]}],
    }


@pytest.mark.parametrize(
    ("root", "record", "time"),
    [
        ("udm", {"metadata": {"event_timestamp": {"seconds": -1, "nanos": 999_999_999}}}, -1),
        ("udm", {"metadata": {}}, None),
        ("graph", {"metadata": {"collected_timestamp": {"seconds": 2, "nanos": 0}}}, 2_000_000),
        ("detection", {"detection_time": {"seconds": 3, "nanos": 1000}}, 3_000_001),
    ],
)
def test_time(root: Root, record: Mapping[str, object], time: int | None) -> None:
    """The first column is the record's time in whole microseconds, rounded down."""
    table = to_table([record], {}, root)
    assert table.schema.field(0) == pa.field("ts_us", pa.int64())
    assert table["ts_us"].to_pylist() == [time]


@pytest.mark.parametrize("name", ["principal.hostnme", "principal.ip[0]", "no path", "principal.labels[0].key"])
def test_a_name_that_is_no_column(name: str) -> None:
    """Asking for what the schema does not have is a mistake of the caller."""
    with pytest.raises(ValueError, match="not a"):
        to_table([], {name: TEXT})


@pytest.mark.parametrize(("event", "name", "column", "_cell"), CELLS[:6])
def test_there_and_back(event: dict[str, object], name: str, column: Column, _cell: object) -> None:
    """A record whose every field is in the table comes back as it was."""
    assert from_row(to_table([event], {name: column}).to_pylist()[0]) == event


def test_map_keys_nest() -> None:
    """Keys become labels or Struct fields; below a list they go to its first message, unless it has the key."""
    row: dict[str, object] = {
        'security_result.detection_fields["k"]': "v",
        'security_result.detection_fields["old"]': "other",
        "security_result": [{"summary": "s", "detection_fields": [{"key": "old", "value": "kept"}]}, {"summary": "t"}],
        'additional.fields["a"]': "1",
        'target.labels["b"]': "2",
        'target.labels["none"]': None,
    }
    assert from_row(row) == {
        "security_result": [
            {"summary": "s", "detection_fields": [{"key": "old", "value": "kept"}, {"key": "k", "value": "v"}]},
            {"summary": "t"},
        ],
        "additional": {"a": "1"},
        "target": {"labels": [{"key": "b", "value": "2"}]},
    }
    assert from_row({'about.labels["k"]': "v"}) == {"about": [{"labels": [{"key": "k", "value": "v"}]}]}


def test_entries_nest_into_structs_and_maps() -> None:
    """The long form of a Struct or map becomes its object."""
    row: dict[str, object] = {
        "additional.fields": [{"key": "a", "value.string_value": "1"}, {"key": "b", "value.string_value": None}],
    }
    assert from_row(row) == {"additional": {"a": "1", "b": None}}
    variables: dict[str, object] = {
        "detection": [{"variables": [{"key": "n", "value.int64_val": 3}]}],
        'detection.variables["m"].int64_val': 4,
    }
    assert from_row(variables, "detection") == {
        "detection": [{"variables": {"n": {"int64_val": 3}, "m": {"int64_val": 4}}}]
    }


def test_time_nests() -> None:
    """The time column fills the event's time, unless the row has the exact one."""
    assert from_row({"ts_us": -1}) == {"metadata": {"event_timestamp": {"seconds": -1, "nanos": 999_999_000}}}
    exact: dict[str, object] = {
        "ts_us": 1_000_000,
        "metadata.event_timestamp.seconds": 1,
        "metadata.event_timestamp.nanos": 7,
    }
    assert from_row(exact) == {"metadata": {"event_timestamp": {"seconds": 1, "nanos": 7}}}


def test_a_sample_event_as_a_row() -> None:
    """A published event goes through flat columns and comes out as proto-JSON unchanged."""
    (event,) = json.loads((SAMPLES / "sample_udm_events.json").read_text(encoding="utf-8"))
    columns: Columns = {
        "metadata.event_type": TEXT,
        'additional.fields["id"]': TEXT,
        "principal.hostname": TEXT,
        "principal.ip": TEXTS,
        "principal.mac": TEXTS,
        "target.hostname": TEXT,
        "target.user.userid": TEXT,
        "target.ip": TEXTS,
        "target.mac": TEXTS,
        "security_result": MessagesColumn({"action": TEXTS}),
        "extensions.auth.type": TEXT,
        "extensions.auth.mechanism": TEXTS,
    }
    table = to_table([read_event(event)[0]], columns)
    assert write_event(from_row(table.to_pylist()[0])) == event
