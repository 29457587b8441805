"""Raw logs in an envelope are read as if they stood alone, whatever they are."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.logs.support import take
from tests.logs.test_readers import SMALL, A, B, found
from windshear.logs.readers.limits import Limits

_HERE = Path(__file__).parent
_PRETTY = json.dumps(A, indent=1).replace("\n", "\r\n")


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


_ENVELOPES = {
    "batch of raw logs": {
        "create_time": "2026-01-01T00:00:00Z",
        "raw_logs": {"entries": [{"collection_time": "t", "data": _PRETTY}, {"data": json.dumps(B)}], "type": "X"},
    },
    "type before the entries": {"rawLogs": {"type": "X", "entries": [{"data": _PRETTY}, {"data": json.dumps(B)}]}},
    "base64": {"raw_logs": {"entries": [{"data": _packed(_PRETTY)}, {"data": _packed(json.dumps(B))}]}},
    "import of logs": {"inlineSource": {"logs": [{"data": _packed(_PRETTY)}, {"data": _packed(json.dumps(B))}]}},
    "unstructured entries": {
        "customer_id": "c",
        "log_type": "X",
        "entries": [{"log_text": _PRETTY}, {"log_text": json.dumps(B)}],
    },
}


@pytest.mark.parametrize("limits", [None, Limits(chunk_bytes=7, record_bytes=400)], ids=["whole", "in small pieces"])
@pytest.mark.parametrize("name", sorted(_ENVELOPES))
def test_entries_are_records(name: str, limits: Limits | None) -> None:
    """Every entry is a record, as text or as base64, compact or over several lines."""
    for indent in (None, 2):
        texts, bad, problems = found(json.dumps(_ENVELOPES[name], indent=indent).encode(), limits)
        assert [json.loads(text) for _, text in texts] == [A, B]
        assert [number for number, _ in texts] == [1, 2]
        assert (bad, problems) == ([], [])


def test_an_entry_without_text_costs_itself() -> None:
    """Entries that hold no log are quarantined, the others read."""
    entries = [{"data": json.dumps(A)}, {"x": 1}, {"data": 7}, {"data": " "}, {"data": json.dumps(B)}]
    texts, bad, problems = found(json.dumps({"raw_logs": {"entries": entries}}).encode())
    assert [number for number, _ in texts] == [1, 5]
    assert [number for number, _ in bad] == [2, 3, 4]
    assert {reason for _, reason in bad} == {"an entry without the text of a raw log in `data`"}
    assert problems == []


def test_only_bad_entries() -> None:
    """Nothing to read is told entry by entry; no entries are no records."""
    assert [number for number, _ in found(b'{"raw_logs": {"entries": [{"x": 1}, 2]}}')[1]] == [1, 2]
    assert found(b'{"raw_logs": {"entries": []}}') == ([], [], [])


def test_a_cut_envelope() -> None:
    """What stands before the cut is read, and the cut is told."""
    whole = json.dumps(_ENVELOPES["batch of raw logs"])
    texts, bad, problems = found(whole[: whole.rindex('"data"') + 20].encode())
    assert [json.loads(text) for _, text in texts] == [A]
    assert bad == [(2, "cut off: the source ends inside the record")]
    assert len(problems) == 1


def test_a_large_entry_is_not_kept() -> None:
    """The limit of a record holds for an entry."""
    entries = [{"data": json.dumps(A)}, {"data": "y" * 5000}]
    texts, bad, _ = found(json.dumps({"raw_logs": {"entries": entries}}).encode(), SMALL)
    assert [json.loads(text) for _, text in texts] == [A]
    assert bad == [(2, "record too large: more than 200 bytes")]


def test_lines_of_other_logs_are_joined_as_in_a_file(tmp_path: Path) -> None:
    """Entries that are no JSON are read as the lines of one text: here the lines of the Linux audit log."""
    lines = (_HERE / "auditd" / "kernel.log").read_text(encoding="utf-8").splitlines()
    packed = tmp_path / "packed.json"
    entries = [{"data": line} for line in lines]
    packed.write_text(json.dumps({"raw_logs": {"entries": [*entries, {"x": 1}], "type": "AUDITD"}}), encoding="utf-8")
    alone, taken = take(_HERE / "auditd" / "kernel.log"), take(packed)
    assert taken.rows() == alone.rows()
    assert taken.joined_lines == alone.joined_lines
    assert len(taken.quarantined) == len(alone.quarantined) + 1


def test_what_is_no_log_is_told() -> None:
    """An envelope of texts that we do not read is named once."""
    taken = take(json.dumps({"raw_logs": {"entries": [{"data": "<38>Jul 28 x"}, {"data": "<38>Jul 28 y"}]}}).encode())
    assert [problem.kind for problem in taken.problems] == ["not logs"]
