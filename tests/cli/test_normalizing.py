"""`normalize`: forms of output, repeats, statistics, and why a type was taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from windshear.cli.inputs import input_of
from windshear.cli.normalizing import Wishes, run_normalize
from windshear.core.errors import SettingError

_TRAIL = {
    "eventVersion": "1.08",
    "eventID": "1",
    "eventTime": "2025-03-12T09:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "awsRegion": "us-east-1",
}


def _trail(tmp_path: Path, *records: dict[str, str]) -> str:
    path = tmp_path / "trail.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def test_repeats_are_left_out_by_content_not_by_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same text again is the same event, wherever it stands; the same id with other content is not."""
    name = _trail(tmp_path, _TRAIL, _TRAIL, _TRAIL | {"eventName": "DeleteUser"})
    (tmp_path / "again.jsonl").write_text(json.dumps(_TRAIL))
    out = tmp_path / "out.jsonl"
    assert run_normalize(input_of([name, str(tmp_path / "again.jsonl")], "auto"), Wishes(out)) == 0
    assert len(out.read_text().splitlines()) == 2
    assert "2 repeats of records that were read before left out" in capsys.readouterr().err


def test_statistics_and_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Event types and declared fields are counted, what is not filled too; odd times are kept and told."""
    name = _trail(tmp_path, _TRAIL, _TRAIL | {"eventTime": "2099-01-01T00:00:00Z"}, {"a": "b"})
    wishes = Wishes(tmp_path / "out.jsonl", statistics=True, explain_type=True)
    assert run_normalize(input_of([name], "auto"), wishes) == 0
    lines = capsys.readouterr().err.splitlines()
    assert "AWS_CLOUDTRAIL: 2 events" in lines
    fields = {line.split()[0]: line.split()[1:] for line in lines if len(line.split()) == 3}
    assert fields["metadata.product_event_type"] == ["2", "100.0%"]
    assert fields["network.http.user_agent"] == ["0", "0.0%"]
    assert f"  kept 1: a time more than a day in the future, at {name}:2" in lines
    assert f"    2 as AWS_CLOUDTRAIL (record): {_evidence(lines)}" in lines
    assert any(line.startswith("quarantined 1: unrecognised log type") for line in lines)


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_times_before_1970_are_kept_and_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are written as they were, and read again as the same."""
    trail = _trail(tmp_path, _TRAIL | {"eventTime": "1969-12-31T23:59:58.25Z"})
    out, again = tmp_path / name, tmp_path / "again.jsonl"
    assert run_normalize(input_of([trail], "auto"), Wishes(out)) == 0
    assert f"  kept 1: a time before 1970, at {trail}:1" in capsys.readouterr().err.splitlines()
    assert run_normalize(input_of([str(out)], "auto"), Wishes(again)) == 0
    (event,) = [json.loads(line) for line in again.read_text().splitlines()]
    assert event["metadata"]["eventTimestamp"] == "1969-12-31T23:59:58.250Z"


def _evidence(lines: list[str]) -> str:
    return next(line.partition("): ")[2] for line in lines if " as AWS_CLOUDTRAIL" in line)


@pytest.mark.parametrize(("form", "name"), [(None, "out.parquet"), ("parquet", "out"), (None, "OUT.PARQUET")])
def test_parquet_is_read_again_as_the_same_events(form: str | None, name: str, tmp_path: Path) -> None:
    """The name of the file or `--format` asks for Parquet; reading it gives the same events as without it."""
    trail = _trail(tmp_path, _TRAIL)
    run_normalize(input_of([trail], "auto"), Wishes(tmp_path / "a.jsonl"))
    run_normalize(input_of([trail], "auto"), Wishes(tmp_path / name, form))
    run_normalize(input_of([str(tmp_path / name)], "auto"), Wishes(tmp_path / "b.jsonl"))
    assert (tmp_path / name).read_bytes()[:4] == b"PAR1"
    again, direct = ((tmp_path / file).read_bytes().splitlines() for file in ("b.jsonl", "a.jsonl"))
    assert [json.loads(line) for line in again] == [json.loads(line) for line in direct]


def test_other_forms_are_refused(tmp_path: Path) -> None:
    """An unknown form is told by name."""
    with pytest.raises(SettingError, match="`--format csv` is unknown"):
        run_normalize(input_of([_trail(tmp_path, _TRAIL)], "auto"), Wishes(tmp_path / "out", "csv"))
