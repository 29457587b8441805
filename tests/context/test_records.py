"""Entities and earlier detections: what is read, what is broken and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from windshear.context.context import Context, load_context
from windshear.context.detections import DETECTION
from windshear.context.entities import ALWAYS_AFTER, ALWAYS_BEFORE, ENTITY, interval_of
from windshear.context.records import BrokenRecord, ContextRecord, Kind, RecordLines, RecordList, RecordSource
from windshear.core.errors import InputError
from windshear.udm.proto_json import read_event

BOB = {"metadata": {"entityType": "USER"}, "entity": {"user": {"userid": "bob"}}}
FOUND = {"id": "d1", "detectionTime": "2026-02-03T10:00:00Z", "ruleName": "scan", "outcomes": {"host": "ws"}}


def lines(folder: Path, kind: Kind, *texts: bytes) -> list[ContextRecord | BrokenRecord]:
    """Write lines to a file and read them."""
    file = folder / "records.jsonl"
    file.write_bytes(b"\n".join(texts))
    return list(RecordLines(file, kind).read())


def reasons(source: RecordSource | None) -> list[str]:
    """Return number and reason of everything that cannot be used."""
    assert source is not None
    return [f"{item.number}: {item.reason}" for item in source.read() if isinstance(item, BrokenRecord)]


def test_a_folder_has_both(tmp_path: Path) -> None:
    """The two files stand beside lists and tables, and any of them is enough."""
    (tmp_path / "entities.jsonl").write_text(json.dumps(BOB) + "\n")
    context = load_context(tmp_path)
    assert context.entities is not None
    assert context.detections is None
    (tmp_path / "detections.jsonl").write_text(json.dumps(FOUND) + "\n")
    detections = load_context(tmp_path).detections
    assert detections is not None
    (record,) = detections.read()
    assert isinstance(record, ContextRecord)
    assert record.value["detection"] == [{"rule_name": "scan", "outcomes": [{"key": "host", "value": "ws"}]}]


def test_both_stand_in_one_json(tmp_path: Path) -> None:
    """Their places are called after the file, the key and the position; a list that is given may be empty."""
    file = tmp_path / "context.json"
    file.write_text(json.dumps({"entities": [BOB, 1], "detections": []}))
    context = load_context(file)
    assert isinstance(context.entities, RecordList)
    assert context.entities.name == f"{file}:entities"
    assert reasons(context.entities) == ["2: not a JSON object"]
    assert reasons(context.detections) == []
    assert Context().detections is None


def test_broken_lines_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    """Blank lines do not count but are numbered; a mark at the beginning of the file is no part of the record."""
    good = json.dumps(BOB).encode()
    items = lines(tmp_path, ENTITY, b"\xef\xbb\xbf" + good, b"", b"{", b"\xff{}", b"[]", b'"x"', good)
    assert [item.number for item in items if isinstance(item, ContextRecord)] == [1, 7]
    broken = {item.number: item.reason for item in items if isinstance(item, BrokenRecord)}
    assert broken.pop(3).startswith("not JSON: ")
    assert broken == {
        4: "not valid UTF-8: invalid start byte at byte 0",
        5: "not a JSON object",
        6: "not a JSON object",
    }


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    """Its beginning is kept, and the next line is read as usual."""
    long = b'{"a": "' + b"x" * (33 << 20) + b'"}'
    broken, good = lines(tmp_path, ENTITY, long, json.dumps(BOB).encode())
    assert isinstance(broken, BrokenRecord)
    assert (broken.number, len(broken.text)) == (1, 1024)
    assert broken.reason == f"record too large: more than {16 << 20} bytes"
    assert (good.number, isinstance(good, ContextRecord)) == (2, True)


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ({"colour": "red"}, "not an entity: neither `metadata` nor `entity` is there"),
        (
            {"metadata": {"interval": {"startTime": "yesterday"}}, "entity": {}},
            "`metadata.interval.start_time` cannot be read: yesterday",
        ),
        ({"metadata": {"interval": "always"}, "entity": {}}, "`metadata.interval` cannot be read: always"),
        (
            {"metadata": {"interval": {"startTime": "2026-02-03T10:00:00Z", "endTime": "2026-02-03T09:00:00Z"}}},
            "`metadata.interval` ends before it begins",
        ),
        (
            {**{f"x{number}": 1 for number in range(100)}, **BOB, "metadata": {"interval": {"endTime": "never"}}},
            "more than 99 of its fields cannot be read, the first is `x0`",
        ),
    ],
)
def test_entities_that_cannot_be_used(entity: object, reason: str) -> None:
    """Above all where an entity would be valid for longer than it says."""
    assert reasons(RecordList("x", [entity], ENTITY)) == [f"1: {reason}"]


@pytest.mark.parametrize(
    ("detection", "reason"),
    [
        ({"ruleName": "a"}, "no `detectionTime`: without it the detection is in no match window"),
        ({**FOUND, "detectionTime": "noon"}, "`detection_time` cannot be read: noon"),
        ({"id": "x", "detectionTime": FOUND["detectionTime"]}, "not a detection: nothing says which rule found it"),
    ],
)
def test_detections_that_cannot_be_used(detection: object, reason: str) -> None:
    """A detection needs a time and a rule."""
    assert reasons(RecordList("x", [detection], DETECTION)) == [f"1: {reason}"]


def test_intervals() -> None:
    """Bounds are microseconds; one that is absent bounds nothing; fields that UDM lacks do no harm."""
    text = {"interval": {"startTime": "1970-01-01T00:00:01.5Z", "note": "x"}}
    entity, _ = read_event({"metadata": text, "entity": {}, "colour": 1}, "graph")
    assert interval_of(entity) == (1_500_000, ALWAYS_AFTER)
    assert interval_of({}) == (ALWAYS_BEFORE, ALWAYS_AFTER)
    assert reasons(RecordList("x", [{"metadata": text, "colour": 1}], ENTITY)) == []


def test_a_file_that_cannot_be_read_is_an_input_in_error(tmp_path: Path) -> None:
    """A folder in its place is named."""
    with pytest.raises(InputError, match="cannot read context"):
        list(RecordLines(tmp_path, ENTITY).read())
