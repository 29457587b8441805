"""Readers: every framing gives the same records, and broken input costs only what is broken."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from windshear.logs.quarantine import Quarantined, SourceProblem
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch

SMALL = Limits(batch_records=3, batch_bytes=400, record_bytes=200, chunk_bytes=7, head_bytes=60, kept_bytes=10)
A, B = {"a": 1, "s": '}]"\\'}, {"b": [{"c": "é{"}]}
TEXT_A, TEXT_B = json.dumps(A), json.dumps(B, ensure_ascii=False)
Found = tuple[list[tuple[int, str]], list[tuple[int, str]], list[str]]

FRAMINGS: dict[str, str] = {
    "lines": f"{TEXT_A}\n{TEXT_B}\n",
    "lines without the last newline": f"{TEXT_A}\n{TEXT_B}",
    "lines of another system": f"{TEXT_A}\r\n\r\n  {TEXT_B}\r\n",
    "array": f"[{TEXT_A},{TEXT_B}]",
    "array over lines": f"[\n  {TEXT_A},\n  {TEXT_B}\n]\n",
    "S3 delivery": f'{{"Records":[{TEXT_A},{TEXT_B}]}}',
    "Azure export": f'{{ "records" : [ {TEXT_A} , {TEXT_B} ] }}',
    "Graph page": f'{{"@odata.context":"x[","@odata.count":2,"value":[{TEXT_A},{TEXT_B}]}}',
    "LookupEvents answer": json.dumps(
        {"Events": [{"CloudTrailEvent": TEXT_A}, {"CloudTrailEvent": TEXT_B}], "meta": {"h": {"x": "y"}}}
    ),
    "two pages": f'{{"value":[{TEXT_A}]}}\n{{"value":[{TEXT_B}]}}',
    "one after the other": f"{TEXT_A}{TEXT_B}",
    "byte order mark": f"\ufeff{TEXT_A}\n{TEXT_B}\n",
    "text sequence": f"\x1e{TEXT_A}\n\x1e{TEXT_B}\n",
}


def found(data: bytes, limits: Limits | None = None) -> Found:
    """Read standard input: numbered texts, numbered reasons, problems."""
    texts: list[tuple[int, str]] = []
    bad: list[tuple[int, str]] = []
    problems: list[str] = []
    for item in read(["-"], io.BytesIO(data), limits):
        match item:
            case RecordBatch():
                texts += [(item.origin(index).number, item.text(index)) for index in range(len(item))]
            case Quarantined():
                bad.append((item.number, item.reason))
            case SourceProblem():
                problems.append(item.reason)
    return texts, bad, problems


@pytest.mark.parametrize("limits", [None, SMALL], ids=["whole", "in small pieces"])
@pytest.mark.parametrize("name", sorted(FRAMINGS))
def test_framing(name: str, limits: Limits | None) -> None:
    """Each framing gives both records as they are written, whatever the chunks are."""
    texts, bad, problems = found(FRAMINGS[name].encode(), limits)
    assert [json.loads(text) for _, text in texts] == [A, B]
    assert not bad
    assert not problems


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_export(encoding: str) -> None:
    """An export in UTF-16 with a byte order mark is read like one in UTF-8."""
    mark = "" if encoding == "utf-16" else "\ufeff"
    texts, bad, problems = found((mark + FRAMINGS["lines"]).encode(encoding))
    assert [json.loads(text) for _, text in texts] == [A, B]
    assert (bad, problems) == ([], [])


def test_broken_utf8_costs_one_line() -> None:
    """A line that is not UTF-8 goes to quarantine with its text; the others are read."""
    texts, bad, _ = found(TEXT_A.encode() + b'\n{"x": "\xff"}\n' + TEXT_B.encode())
    assert [number for number, _ in texts] == [1, 3]
    assert bad == [(2, "not valid UTF-8: invalid start byte at byte 7")]


def test_huge_line_is_not_kept() -> None:
    """A line above the limit goes to quarantine with its beginning; its neighbours are read."""
    huge = json.dumps({"x": "y" * 5000})
    for data in (f"{TEXT_A}\n{huge}\n{TEXT_B}\n", f"[{TEXT_A},{huge},{TEXT_B}]", f"{TEXT_A}\n{TEXT_B}\n{huge}"):
        items = list(read(["-"], io.BytesIO(data.encode()), SMALL))
        bad = [item for item in items if isinstance(item, Quarantined)]
        assert [item.reason for item in bad] == ["record too large: more than 200 bytes"]
        assert bad[0].text == huge[:10]
        assert [json.loads(text) for _, text in found(data.encode(), SMALL)[0]] == [A, B]


def test_record_with_too_many_values_is_refused() -> None:
    """Commas and opening brackets are counted, and one with as many as there may be is read."""
    as_many, one_more = (f'{{"x": "y", "z": [{",".join("1" * count)}]}}' for count in (18, 19))
    limits = Limits(record_values=20, kept_bytes=10)
    for data in (f"{as_many}\n{one_more}\n{as_many}\n", f"[{as_many},{one_more},{as_many}]", f"{as_many}\n" * 3):
        texts, bad, _ = found(data.encode(), limits)
        refused = [2] if one_more in data else []
        assert [number for number, _ in texts] == [number for number in (1, 2, 3) if number not in refused]
        assert bad == [(number, "record too large: more than 20 commas and opening brackets") for number in refused]


def test_huge_line_in_ordinary_chunks() -> None:
    """A line above the limit inside a chunk is passed over, too."""
    limits = Limits(record_bytes=200, kept_bytes=10)
    texts, bad, _ = found(f"{TEXT_A}\n{json.dumps({'x': 'y' * 5000})}\n{TEXT_B}\n".encode(), limits)
    assert [number for number, _ in texts] == [1, 3]
    assert [number for number, _ in bad] == [2]


def test_cut_off_array() -> None:
    """What stands before the cut is read; the record that is cut and the source are reported."""
    texts, bad, problems = found(f"[{TEXT_A},{TEXT_B[:-4]}".encode())
    assert [json.loads(text) for _, text in texts] == [A]
    assert bad == [(2, "cut off: the source ends inside the record")]
    assert len(problems) == 1


def test_elements_that_are_no_objects() -> None:
    """Numbers and texts in an array are records that cannot be read, not silence."""
    texts, bad, _ = found(f'[1, {TEXT_A}, "x", [2]]'.encode())
    assert [text for _, text in texts] == [TEXT_A, "[2]"]
    assert [reason for _, reason in bad] == ["not a JSON object"] * 2


def test_gzip(tmp_path: Path) -> None:
    """Compressed input is told by its content; several members are one text."""
    packed = gzip.compress(f"{TEXT_A}\n".encode()) + gzip.compress(f"{TEXT_B}\n".encode()) + b"\0\0"
    path = tmp_path / "no_ending"
    path.write_bytes(packed)
    assert [json.loads(text) for _, text in found(path.read_bytes())[0]] == [A, B]


def test_text_behind_gzip() -> None:
    """What was appended to a compressed file is told, not passed over."""
    texts, _, problems = found(gzip.compress(TEXT_A.encode()) + b"\0\0" + TEXT_B.encode())
    assert [json.loads(text) for _, text in texts] == [A]
    assert problems == ["what stands behind the gzip data was not read"]


def test_truncated_gzip() -> None:
    """What could be unpacked is read, and the source is reported as partial."""
    lines = "".join(f'{{"n": {number}}}\n' for number in range(50_000))
    items = list(read(["-"], io.BytesIO(gzip.compress(lines.encode())[:-2000]), Limits(chunk_bytes=10_000)))
    count = sum(len(item) for item in items if isinstance(item, RecordBatch))
    problem = next(item for item in items if isinstance(item, SourceProblem))
    assert 0 < count < 50_000
    assert (problem.kind, problem.reason) == ("partial", "the gzip data end too early")


def test_small_truncated_gzip() -> None:
    """Also of a file that is cut in its first lines the lines before the cut are read."""
    lines = "".join(f'{{"n": {number}}}\n' for number in range(2_000))
    texts, _, problems = found(gzip.compress(lines.encode())[:-1_000])
    assert len(texts) > 500
    assert problems == ["the gzip data end too early"]


def test_gzip_bomb() -> None:
    """A bomb ends at the expansion limit, and without one in the record limit."""
    bomb = gzip.compress(b'{"x": "' + b"y" * 3_000_000 + b'"}')
    assert found(bomb, Limits(expanded_bytes=1_000_000))[2] == ["expands to more than 1000000 bytes"]
    small = Limits(record_bytes=1000, chunk_bytes=10_000)
    assert found(bomb, small)[1] == [(1, "record too large: more than 1000 bytes")]


NO_LOGS = {
    b"": [],
    b" \n\n": [],
    b"# A title\ntext": ["not JSON: begins with `# A title`"],
    b"PK\x03\x04rest": ["broken zip archive (File is not a zip file)"],
    b"\x7fELF\x00\x01": ["binary data, not text"],
}


@pytest.mark.parametrize("data", sorted(NO_LOGS))
def test_no_logs(data: bytes) -> None:
    """What is no log is passed over with a reason; an empty source is no problem."""
    assert found(data) == ([], [], NO_LOGS[data])


def test_folder(tmp_path: Path) -> None:
    """A folder is read recursively and in order, without hidden files, and a link to it does not loop."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.json").write_text(TEXT_B)
    (tmp_path / "a.jsonl").write_text(TEXT_A)
    (tmp_path / ".hidden.json").write_text(TEXT_A)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    batches = [item for item in read([str(tmp_path)], io.BytesIO()) if isinstance(item, RecordBatch)]
    origins = [batch.origin(index).source for batch in batches for index in range(len(batch))]
    assert origins == [str(tmp_path / "a.jsonl"), str(tmp_path / "b" / "2.json")]


def test_missing_file(tmp_path: Path) -> None:
    """A missing input is a problem of that input only."""
    (tmp_path / "a.json").write_text(TEXT_A)
    items = list(read([str(tmp_path / "none"), str(tmp_path / "a.json")], io.BytesIO()))
    assert isinstance(items[0], SourceProblem)
    assert (items[0].kind, items[0].reason) == ("unreadable", "No such file or directory")
    assert isinstance(items[1], RecordBatch)


def test_large_records_share_no_batch(tmp_path: Path) -> None:
    """Each is held in several forms at once, so that few of them fill the memory that thousands of small ones do."""
    small, large = '{"a": 1}', '{"a": "' + "x" * 3_000_000 + '"}'
    (tmp_path / "a.jsonl").write_text(f"{small}\n{large}\n{large}\n{small}\n{large}")
    batches = [item for item in read([str(tmp_path)], io.BytesIO()) if isinstance(item, RecordBatch)]
    assert sum(map(len, batches)) == 5
    assert max(batch.nbytes for batch in batches) < 7_000_000
    assert len(batches) < 5


def test_batches_are_bounded(tmp_path: Path) -> None:
    """Small files share batches, and no batch is above the limits."""
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_text(json.dumps([A] * (number % 5)))
    limits = Limits(batch_records=4)
    batches = [item for item in read([str(tmp_path)], io.BytesIO(), limits) if isinstance(item, RecordBatch)]
    assert sum(map(len, batches)) == 40
    assert max(map(len, batches)) <= 4
    assert max(len(batch.sources) for batch in batches) > 1
