"""Records that hold several events: each becomes a record, and the counts add up."""

from __future__ import annotations

import json

import pytest

from tests.logs.support import TEXT, Taken, json_lines, take
from windshear.logs.parser import Split
from windshear.logs.splitting import pieces
from windshear.logs.values import all_of
from windshear.udm.columns import Column

_NAME: dict[str, Column] = {"metadata.product_event_type": TEXT, 'additional.fields["doc_id"]': TEXT}
_IDS = {"time": "2026-03-02T08:00:00Z", "applicationName": "drive", "uniqueQualifier": "1"}
_SPLIT = Split(("events",), all_of())


def _activity(*names: str) -> dict[str, object]:
    events = [{"name": name, "parameters": [{"name": "doc_id", "value": name.upper()}]} for name in names]
    return {"kind": "admin#reports#activity", "id": _IDS, "actor": {"email": "ana@corp.example"}, "events": events}


def _names(taken: Taken) -> list[tuple[object, object]]:
    return [(row["metadata.product_event_type"], row['additional.fields["doc_id"]']) for row in taken.rows()]


def test_each_event_has_its_own_parameters() -> None:
    """Two events of one record are two UDM events at the same place."""
    taken = take(json_lines(_activity("view"), _activity("edit", "rename")), _NAME)
    assert _names(taken) == [("view", "VIEW"), ("edit", "EDIT"), ("rename", "RENAME")]
    assert taken.records == 3
    numbers = sorted(part.records.origin(index).number for part in taken.events for index in range(len(part.records)))
    assert numbers == [1, 2, 2]


def test_a_type_that_is_asked_for_is_split_too() -> None:
    """`--type` changes nothing."""
    taken = take(json_lines(_activity("edit", "rename")), _NAME, "WORKSPACE_ACTIVITY")
    assert _names(taken) == [("edit", "EDIT"), ("rename", "RENAME")]


def test_wrapped_records_are_read_as_if_they_stood_alone() -> None:
    """A page in a line, whose records hold several events again, loses nothing beside records of other types."""
    page = {"kind": "admin#reports#activities", "items": [_activity("edit", "rename"), _activity("view")]}
    taken = take(json_lines({"colour": "red"}, page, _activity("view")), _NAME)
    assert sorted(_names(taken)) == [("edit", "EDIT"), ("rename", "RENAME"), ("view", "VIEW"), ("view", "VIEW")]
    assert [record.number for record in taken.quarantined] == [1]


def test_what_is_no_record_is_refused_by_its_own_name() -> None:
    """Elements that are none are counted and named, the others are read."""
    page = {"kind": "admin#reports#activities", "items": [_activity("view"), 7, {"a": 1}, _activity("edit")]}
    taken = take(json_lines(_activity("move"), page), _NAME)
    assert _names(taken) == [("move", "MOVE"), ("view", "VIEW"), ("edit", "EDIT")]
    assert [item.reason.split(":")[0] for item in taken.quarantined] == [
        "not a JSON object",
        "does not look like WORKSPACE_ACTIVITY",
    ]


@pytest.mark.parametrize("events", ["none", [], {"a": 1}])
def test_no_list_is_told(events: object) -> None:
    """A record whose list is none, or empty, holds no events."""
    assert pieces(json.dumps({"events": events}), _SPLIT) == "no list of events in `events`"


def test_numbers_and_keys_stay_as_they_were_read() -> None:
    """Nothing is rounded, and of a repeated key the first stays."""
    text = '{"n":1e400,"a":12345678901234567890.10,"a":2,"events":[{"x":"\\u00e9"},null]}'
    assert pieces(text, _SPLIT) == [
        '{"n":1e400,"a":12345678901234567890.10,"events":[{"x":"é"}]}',
        '{"n":1e400,"a":12345678901234567890.10,"events":[null]}',
    ]


def test_pieces_are_bounded() -> None:
    """Many events in a large record would be copied without end."""
    text = json.dumps({"rest": "x" * 1_000_000, "events": [{}] * 100})
    assert pieces(text, _SPLIT) == "too many events in `events` for a record of its size"
