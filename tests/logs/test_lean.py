"""Lean statements give what the whole statement gives, also for records that have more than was seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pyarrow as pa

from windshear.logs.catalogue import parser_of
from windshear.logs.event_text import EVENT_COLUMN
from windshear.logs.normalise import Normaliser, ingest_connection
from windshear.logs.parser import LogParser
from windshear.logs.prepared import Prepared
from windshear.logs.record import batch_of
from windshear.logs.seen import MANY_ODD, Seen
from windshear.logs.statement import NOT_LEAN, VERDICT_COLUMN, Statement, compile_statement
from windshear.logs.values import Path as Place
from windshear.logs.values import Reading
from windshear.udm.columns import Columns, ScalarColumn

_TEXT: Columns = {EVENT_COLUMN: ScalarColumn("text")}


def test_parts_of_a_script_stay_together() -> None:
    """A script is joined of its parts, although one of them has more than was seen."""
    whole, lean = Normaliser(), Normaliser(lean_from=1)
    usual = [_script(1, 2, "first "), _script(2, 2, "second")]
    lean.normalise(batch_of(usual), "POWERSHELL", _TEXT)
    odd = batch_of([usual[0], _script(2, 2, "second", Category="Execute a Remote Command")])
    expected, found = (one.normalise(odd, "POWERSHELL", _TEXT).table for one in (whole, lean))
    assert found.equals(expected)
    assert "first second" in found.column(EVENT_COLUMN)[1].as_py()


def _script(number: int, total: int, text: str, **more: str) -> str:
    record = {"EventID": "4104", "Channel": "Microsoft-Windows-PowerShell/Operational", "Hostname": "h", **more}
    part = {"MessageNumber": number, "MessageTotal": total, "ScriptBlockText": text, "ScriptBlockId": "a-b"}
    return json.dumps(
        {"SourceName": "Microsoft-Windows-PowerShell", "TimeCreated": "2024-01-02 03:04:05", **record, **part}
    )


def test_records_with_more_are_told() -> None:
    """A lean statement is shorter, and says of records that have more than is expected that it is too lean for them."""
    parser = _sysmon_parser()
    shape = parser.shape("flat")
    whole = compile_statement(parser, shape, _TEXT)
    expected = {"EventID", "Channel", "SourceName", "UtcTime", "Image"}
    unseen = {reading: place for reading, place in whole.places.items() if place[0] not in expected}
    lean = compile_statement(parser, shape, _TEXT, unseen)
    prepared = Prepared(ingest_connection())
    prepared.learn(whole.functions)
    texts = pa.array([_sysmon(), _sysmon(User="CORP\\sam"), _sysmon(Company="")])
    verdicts = prepared.run(lean.text, texts).column(VERDICT_COLUMN).to_pylist()
    assert verdicts == [0, NOT_LEAN, 0]
    assert len(lean.text) < len(whole.text) / 2
    usual = texts.take(pa.array([0, 2]))
    assert prepared.run(lean.text, usual).equals(prepared.run(whole.text, usual))


def _sysmon_parser() -> LogParser:
    parser = parser_of("WINDOWS_SYSMON", None)
    assert isinstance(parser, LogParser)
    return parser


def _sysmon(**more: str) -> str:
    record = {"EventID": "1", "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": "C:\\a.exe", **more}
    return json.dumps({"SourceName": "Microsoft-Windows-Sysmon", "UtcTime": "2024-01-02 03:04:05.678", **record})


def _first(readings: Sequence[Reading], count: int, _places: object, _texts: object) -> Sequence[Reading]:
    return readings[:count]


def test_what_was_seen_grows() -> None:
    """What many odd records have is expected from then on, and after a few times no lean statement is tried."""
    readings = [Reading((f"place {number}",)) for number in range(40)]
    places = {reading: reading.path for reading in readings}
    whole = replace(compile_statement(_sysmon_parser(), _sysmon_parser().shape("flat"), _TEXT), places=places)
    made: list[int] = []

    def make(unseen: Mapping[Reading, Place]) -> Statement:
        made.append(len(unseen))
        return whole

    seen = Seen(whole, lean_from=100)
    few, many = pa.array([""] * 60), pa.array([""] * MANY_ODD)
    seen.prepare(few, partial(_first, readings, 3), make)
    assert made == []
    seen.prepare(few, partial(_first, readings, 3), make)
    assert made == [37]
    for number in range(4, 7):
        seen.met(few, partial(_first, readings, number), make)
        seen.met(many, partial(_first, readings, number), make)
    assert made == [37, 36, 35, 34]
    seen.met(many, partial(_first, readings, 35), make)
    assert seen.statement is None
    seen.met(many, partial(_first, readings, 3), make)
    assert made == [37, 36, 35, 34]
