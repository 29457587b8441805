"""Archives, Zstandard and CSV: what is in them is read like what stands alone."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from tests.logs.support import json_lines, take
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch

_TRAIL = {
    "eventVersion": "1.08",
    "eventTime": "2025-03-12T09:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "awsRegion": "us-east-1",
}


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def _zstandard(text: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(text))


def _texts(data: bytes, limits: Limits | None = None) -> list[dict[str, str]]:
    found = read(["-"], io.BytesIO(data), limits)
    return [json.loads(text) for item in found if isinstance(item, RecordBatch) for text in item.texts.to_pylist()]


def test_every_file_of_an_archive_is_a_source(tmp_path: Path) -> None:
    """Files have the archive's name and their own; folders, hidden files and what is no log do not stop the rest."""
    archive = tmp_path / "logs.zip"
    archive.write_bytes(
        _zip(
            {
                "b/trail.jsonl": json_lines(_TRAIL, _TRAIL),
                "a.zst": _zstandard(json_lines(_TRAIL)),
                "__MACOSX/a": b"x",
                "b/.hidden": b"x",
                "note.txt": b"no log",
                "inner.zip": _zip({"a": b"x"}),
            }
        )
    )
    taken = take([str(archive)])
    assert [record.origin(0).source for part in taken.events for record in [part.records]] == [f"{archive}!a.zst"]
    assert taken.count == 3
    assert [(problem.source, problem.reason) for problem in taken.problems] == [
        (f"{archive}!inner.zip", "holds a zip archive; unpack it first"),
        (f"{archive}!note.txt", "not JSON: begins with `no log`"),
    ]


def test_an_archive_may_come_from_a_pipe() -> None:
    """A stream that cannot be wound back is read, too."""

    class Pipe(io.BufferedReader):
        def seekable(self) -> bool:
            return False

    data = _zip({"trail.jsonl": json_lines(_TRAIL)})
    items = list(read(["-"], Pipe(io.BytesIO(data))))
    assert [len(item) for item in items if isinstance(item, RecordBatch)] == [1]


@pytest.mark.parametrize("cut", [10, 60, 120])
def test_a_broken_archive_is_a_problem(cut: int) -> None:
    """What is cut off is told."""
    problems = take(_zip({"trail.jsonl": json_lines(_TRAIL)})[:cut]).problems
    assert [problem.kind for problem in problems] == ["unreadable"]


@pytest.mark.parametrize("pack", [_zstandard, lambda text: _zip({"a": text})])
def test_what_expands_too_far_is_not_read_on(pack: object) -> None:
    """A small file that expands to much more is cut, and told."""
    assert callable(pack)
    packed = pack(json_lines(*[_TRAIL] * 20_000))
    assert len(packed) < 100_000
    taken = take(packed, limits=Limits(chunk_bytes=1000, expanded_bytes=500_000))
    assert taken.records < 20_000
    assert [problem.reason for problem in taken.problems] == ["expands to more than 500000 bytes"]


def test_zstandard_frames_follow_each_other_and_may_be_cut() -> None:
    """Two frames are read; the second, cut off, is told."""
    frame = _zstandard(json_lines(_TRAIL))
    assert take(frame + frame).count == 2
    assert [problem.kind for problem in take(frame[:-8]).problems] == ["unreadable"]


def test_rows_become_objects_of_text() -> None:
    """Names come from the header, the first of a repeated one counts, and an empty cell is absent."""
    text = 'Date (UTC),Request ID,User,User\n2025-03-12T09:00:00Z,"a ""b"",\nc",,sam\n\n1,2,3,4\n'
    assert _texts(text.encode()) == [
        {"Date (UTC)": "2025-03-12T09:00:00Z", "Request ID": 'a "b",\nc'},
        {"Date (UTC)": "1", "Request ID": "2", "User": "3"},
    ]
    assert _texts("a;b;c\r\n1;2;3\r\n".encode("utf-16")) == [{"a": "1", "b": "2", "c": "3"}]


def test_bad_rows_are_quarantined_with_their_line() -> None:
    """Too many or too few columns, no UTF-8, and a row that is too large."""
    data = b"a,b,c\n1,2,3\n1,2\n1,\xff,3\n" + b"1," + b"x" * 3000 + b",3\n4,5,6\n"
    taken = take(data, limits=Limits(record_bytes=1000))
    assert [(item.number, item.reason) for item in taken.quarantined] == [
        (3, "a row of 2 columns where the header has 3"),
        (4, "not valid UTF-8"),
        (5, "record too large: more than 1000 bytes"),
    ]
    assert taken.count == 5


def test_the_beginning_of_a_row_that_is_too_large_is_kept_over_its_lines() -> None:
    """A cell over several lines gets too large in a later one: what is kept goes on there."""
    data = b'a,b,c\n1,2,3\n1,"x\n' + b"y" * 3000 + b'",3\n'
    (item,) = take(data, limits=Limits(record_bytes=1000, kept_bytes=10)).quarantined
    assert item.text == '1,"x\nyyyyy'


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a,b,c\n1,2\n", "one, two, and three: {x}\n", "a,,c\n1,2,3\n"])
def test_what_only_has_commas_is_no_table(text: str) -> None:
    """Without a header of names and a row as wide, nothing is guessed."""
    assert [problem.kind for problem in take(text.encode()).problems] == ["not logs"]


def test_the_audit_search_of_microsoft_365_is_read_from_its_table() -> None:
    """The record stands as JSON in a cell of a row."""
    record = {
        "CreationTime": "2025-03-12T09:00:00",
        "Id": "1",
        "Operation": "UserLoggedIn",
        "RecordType": 15,
        "Workload": "AzureActiveDirectory",
        "UserId": "sam@example.org",
    }
    cell = json.dumps(record).replace('"', '""')
    data = f'RecordId,CreationDate,Operation,UserId,AuditData\n1,2025-03-12T09:00:00Z,UserLoggedIn,s,"{cell}"\n'
    taken = take(data.encode())
    assert [part.log_type for part in taken.events] == ["OFFICE_365"]
    assert taken.rows()[0]["metadata.product_event_type"] == "UserLoggedIn"
