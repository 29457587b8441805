"""Intake: sources of one type, mixed sources, and the sum of all records."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.logs.support import COLUMNS, json_lines, take
from windshear.logs.detect import Recognised, Unknown, identify
from windshear.logs.intake import Intake
from windshear.logs.normalise import Normaliser
from windshear.logs.quarantine import Quarantined, write_quarantine
from windshear.logs.record import batch_of

AWS = {"eventSource": "s", "eventName": "GetX", "eventVersion": "1", "eventTime": "2026-01-02T03:04:05Z"}
SYSMON = {
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "EventID": 22,
    "UtcTime": "2026-01-02 03:04:05.1",
    "QueryName": "x",
}
UNNUMBERED = {"Channel": "Security", "Message": "An account was logged on."}
UDM = {"metadata": {"eventType": "USER_LOGIN", "eventTimestamp": "2026-01-02T03:04:05Z"}}


def test_mixed_source() -> None:
    """A source of several log types is read as all of them, in order."""
    taken = take(json_lines(UNNUMBERED, AWS, "{broken", SYSMON, UDM, AWS, UNNUMBERED, SYSMON, [1]))
    assert sorted((part.log_type, part.table.num_rows) for part in taken.events) == [
        ("AWS_CLOUDTRAIL", 2),
        ("UDM", 1),
        ("WINDOWS_SYSMON", 2),
    ]
    assert [row["metadata.event_type"] for row in taken.rows()] == [
        "USER_RESOURCE_ACCESS",
        "NETWORK_DNS",
        "USER_LOGIN",
        "USER_RESOURCE_ACCESS",
        "NETWORK_DNS",
    ]
    assert sorted(item.number for item in taken.quarantined) == [1, 3, 7, 9]
    assert taken.skipped == []


def test_stranger_behind_the_sample() -> None:
    """A record of another type far behind the first ones is still recognised."""
    taken = take(json_lines(*[AWS] * 20, SYSMON, {"a": 1}))
    assert [(part.log_type, part.table.num_rows) for part in taken.events] == [
        ("AWS_CLOUDTRAIL", 20),
        ("WINDOWS_SYSMON", 1),
    ]
    assert [part.reason for part in taken.quarantined] == ["unrecognised log type (keys `a`)"]


@pytest.mark.parametrize("cut", [1, 2, 3, 100])
def test_what_a_source_holds_decides(cut: int) -> None:
    """What no log type claims is broken among logs, before and behind them, and no logs in a file of its own."""
    texts = [*map(json.dumps, [{"a": 1}, UNNUMBERED, AWS, {"b": 1}]), "plain text"]
    intake = Intake(Normaliser(), lambda _: COLUMNS)
    taken = []
    for name, records in (("logs", texts), ("others", [texts[0], texts[0], texts[4], '{"c": 1']), ("more", texts[:3])):
        whole = batch_of(records, name)
        taken += [intake.take_in(whole.slice(start, start + cut)) for start in range(0, len(whole), cut)]
    quarantined = [(one.source, one.number) for part in taken for one in part.quarantined]
    assert sorted(quarantined) == [
        ("logs", 1),
        ("logs", 2),
        ("logs", 4),
        ("logs", 5),
        ("more", 1),
        ("more", 2),
        ("others", 4),
    ]
    skipped = [one for part in taken for one in part.skipped] + [*intake.finish()]
    assert {one.source for one in skipped} == {"others"}
    assert sum(one.count for one in skipped) == 3


def test_waiting_is_bounded() -> None:
    """A file of very many strange records is no log at once; what is strange behind a log is broken again."""
    intake = Intake(Normaliser(), lambda _: COLUMNS)
    first = intake.take_in(batch_of(['{"a": 1}'] * 1_500, "big"))
    assert [(one.number, one.count) for one in first.skipped] == [(1, 1_500)]
    second = intake.take_in(batch_of([json.dumps(AWS), '{"a": 1}'], "big"))
    assert len(second.quarantined) == 1
    assert intake.finish() == ()


def test_records_stand_beside_their_rows(tmp_path: Path) -> None:
    """Each row has its own raw record and origin, over several sources."""
    for number, record in enumerate([AWS, SYSMON, AWS]):
        (tmp_path / f"{number}.json").write_text(json.dumps(record))
    for part in take(tmp_path).events:
        for index in range(len(part.records)):
            name = Path(part.records.origin(index).source).name
            expected = SYSMON if part.log_type == "WINDOWS_SYSMON" else AWS
            assert json.loads(part.records.text(index)) == expected
            assert (name == "1.json") == (part.log_type == "WINDOWS_SYSMON")


def test_decision_is_visible() -> None:
    """A source says what it was taken for, and by which evidence."""
    intake = Intake(Normaliser(), lambda _: COLUMNS)
    intake.take_in(batch_of([json.dumps(AWS)], "a.json"))
    (decision,) = intake.decisions
    assert decision.recognised is not None
    assert decision.recognised.reason.startswith("`eventSource` present, `eventName` present")


def test_identify_never_guesses() -> None:
    """Some evidence of a type is not enough."""
    assert identify({"eventSource": "s", "eventName": "GetX"}) == Unknown(
        "unrecognised log type (keys `eventSource`, `eventName`)"
    )
    assert isinstance(identify({"eventSource": "s", "eventName": "GetX", "eventID": "1"}), Recognised)
    assert identify({}) == Unknown("unrecognised log type (keys none)")


def test_quarantine_lines() -> None:
    """Quarantined records are written as JSON Lines, whatever their text holds."""
    stream = io.BytesIO()
    records = [Quarantined("a", 1, "why", 'x"\n\x00'), Quarantined("b", 2, "why", "é\ufffd")]
    assert write_quarantine(records, stream) == 2
    assert [json.loads(line)["text"] for line in stream.getvalue().splitlines()] == ['x"\n\x00', "é\ufffd"]
