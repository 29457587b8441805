"""Windows events as XML and as event log files: cut out, turned into JSON, and told apart."""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.support import json_lines, take
from windshear.logs.readers import windows_event
from windshear.logs.readers.frames import BadEnd, BadFrame, Frames
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.windows_event import event_json
from windshear.logs.readers.windows_xml import frame_windows_xml
from windshear.udm.columns import ScalarColumn

_HERE = Path(__file__).parent
_EVENTS = (_HERE / "winevtlog" / "wevtutil.xml").read_bytes()
_AUDITS = (_HERE / "adfs" / "audits.xml").read_bytes()
_FILE = gzip.decompress((_HERE / "winevtlog" / "new_user.evtx.gz").read_bytes())
_PIECES = (b"<Event ", b"</Event>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"\xff", b"<Events>", b"&a;", b"<![CDATA[")


def _framed(text: bytes, size: int, limits: Limits | None = None) -> list[tuple[int, str]]:
    """Frame a text in chunks: numbers with JSON, or with the reason in brackets."""
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    found: list[tuple[int, str]] = []
    for framed in frame_windows_xml(chunks, limits or Limits()):
        match framed:
            case Frames(texts, numbers):
                found += zip(numbers.tolist(), texts.to_pylist(), strict=True)
            case BadFrame(number, reason, _):
                found.append((number, f"[{reason}]"))
            case BadEnd(reason):
                pytest.fail(reason)
    return sorted(found)


@pytest.mark.parametrize("size", [1, 7, 129, 4096])
@pytest.mark.parametrize("text", [_EVENTS, _AUDITS], ids=["document", "lines"])
def test_chunks_do_not_matter(text: bytes, size: int) -> None:
    """Events are the same whatever the chunks are."""
    whole = _framed(text, len(text))
    assert not [item for item in whole if item[1].startswith("[")]
    assert _framed(text, size) == whole


@pytest.mark.parametrize("seed", range(40))
def test_damaged_text_keeps_count(seed: int) -> None:
    """Whatever is damaged, each piece ends somewhere, numbered in order, and chunks do not matter."""
    chance = random.Random(seed)
    text = bytearray(_AUDITS if seed % 2 else _EVENTS)
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(text))
        if chance.random() < 0.5:
            del text[place : place + chance.randint(1, 300)]
        else:
            text[place:place] = chance.choice(_PIECES)
    whole = _framed(bytes(text), len(text))
    assert [number for number, _ in whole] == list(range(1, len(whole) + 1))
    assert _framed(bytes(text), 1000) == whole


def test_broken_event_spoils_no_other() -> None:
    """An event without end ends where the next one begins."""
    one = b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System/></Event>'
    found = _framed(one + one[:40] + b"...>" + one, 50)
    assert found == [(1, '{"System":{}}'), (2, "[cut off: the event has no end]"), (3, '{"System":{}}')]


def test_text_between_events_is_kept_as_it_stands() -> None:
    """What stands between events and is none is put aside with its blanks, without the tags and comments around it."""
    one = b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System/></Event>'
    text = b"<Events>\n" + one + b"\n<!-- fine -->\n junk line  one a=b\njunk line two\n" + one + b"\n</Events>\n"
    found = list(frame_windows_xml([text], Limits()))
    assert [bad.text for bad in found if isinstance(bad, BadFrame)] == ["junk line  one a=b\njunk line two"]


def test_large_events_are_passed_over() -> None:
    """An event that is larger than the limit is told, the others are read, whatever the chunks are."""
    limits = Limits(record_bytes=1500, kept_bytes=50)
    for size in (50, 300, 100_000):
        found = _framed(_EVENTS, size, limits)
        assert [number for number, _ in found] == list(range(1, 12))
        assert [number for number, text in found if text.startswith("[record too large")] == [1, 2]


def test_document_types_are_refused() -> None:
    """A document type, whose entities can expand without bound, is refused and defines nothing."""
    bomb = (
        b'<?xml version="1.0"?><Events><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Event>&b;</Event></Events>'
    )
    reasons = [reason for _, reason in _framed(bomb, len(bomb))]
    assert "document type declaration" in reasons[0]
    assert "undefined entity" in reasons[1]
    with pytest.raises(ValueError, match="document type declarations are refused"):
        event_json(b"<!DOCTYPE Event [<!ENTITY a 'b'>]><Event>&a;</Event>")


def test_deep_events_are_refused() -> None:
    """Nesting is bounded."""
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        event_json(b"<Event>" + b"<a>" * 100 + b"</a>" * 100 + b"</Event>")


def test_utf16_export() -> None:
    """An export in UTF-16, as Windows writes them, is read like one in UTF-8."""
    text = _EVENTS.decode().replace('encoding="utf-8"', 'encoding="utf-16"')
    taken = take(text.encode("utf-16"))
    assert Counter(part.log_type for part in taken.events for _ in range(len(part.records))) == {"WINEVTLOG": 11}


def test_mixed_channels_are_told_apart() -> None:
    """Events of several log types in one file go to their types, whichever comes first."""
    names = ["winevtlog", "windows_sysmon", "powershell", "adfs"]
    lines = [(_HERE / name / "flat.jsonl").read_text().splitlines()[:2] for name in names]
    for order in (lines, lines[::-1]):
        taken = take(json_lines(*(line for pair in zip(*order, strict=True) for line in pair)))
        found = Counter(part.log_type for part in taken.events for _ in range(len(part.records)))
        assert found == {name.upper(): 2 for name in names}


def test_every_form_gives_the_same_event() -> None:
    """The same event in three nested forms is the same in UDM, but for its record number."""
    expected = json.loads((_HERE / "winevtlog" / "nested.expected.json").read_text())
    events = expected["events"][:3]
    for event in events:
        event["metadata"].pop("productLogId")
    assert events[0] == events[1] == events[2]


def _part(number: object, total: object, text: str, block: str, host: str = "h") -> dict[str, object]:
    return {
        "Channel": "Microsoft-Windows-PowerShell/Operational",
        "EventID": 4104,
        "Hostname": host,
        "TimeCreated": "2026-04-01T00:00:00Z",
        "MessageNumber": number,
        "MessageTotal": total,
        "ScriptBlockText": text,
        "ScriptBlockId": block,
    }


def test_script_blocks_are_joined_at_their_last_part() -> None:
    """All parts of a block on one computer give the whole at the last one, in whatever order; nothing else does."""
    key = 'additional.fields["JoinedScriptBlockText"]'
    records = [
        _part("3", "3", "c", "whole"),
        _part("1", "3", "a", "whole"),
        _part(2, 3, "b", "whole"),
        _part("1", "2", "a", "spread", "one"),
        _part("2", "2", "b", "spread", "another"),
        _part("2", "3", "b", "no beginning"),
        _part("3", "3", "c", "no beginning"),
        _part("1", "1", "a", "one part"),
        _part(2**62, 2**62, "a", "out of range"),
        _part("-1", "-1", "a", "below one"),
        _part("x", "y", "a", "no numbers"),
    ]
    rows = take(json_lines(*records), {key: ScalarColumn("text")}).rows()
    assert [row[key] for row in rows] == ["abc", *[None] * 10]


def test_event_log_file_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the message names the extra."""
    monkeypatch.setitem(sys.modules, "evtx", None)
    taken = take(_FILE)
    assert [problem.kind for problem in taken.problems] == ["unreadable"]
    assert "pip install 'windshear[evtx]'" in taken.problems[0].reason


def test_damaged_event_log_file() -> None:
    """One damaged event is put aside, the others are read; a file that is cut off is told."""
    second = _FILE.index(b"**\x00\x00", _FILE.index(b"**\x00\x00") + 4)
    damaged = bytearray(_FILE)
    damaged[second + 40 : second + 200] = b"\xff" * 160
    taken = take(bytes(damaged))
    assert [item.number for item in taken.quarantined] == [2]
    assert taken.records == 4
    assert [problem.kind for problem in take(_FILE[:60_000]).problems]


@pytest.mark.parametrize("seed", range(30))
def test_any_event_log_file(seed: int) -> None:
    """Whatever stands behind the file's first bytes, nothing is raised and everything is counted."""
    chance = random.Random(seed)
    damaged = bytearray(_FILE)
    for _ in range(chance.randint(1, 40)):
        place = chance.randrange(8, 10_000)
        damaged[place : place + 4] = chance.randbytes(4)
    take(bytes(damaged))


_REAL_EVENTS = [
    event
    for name in ("winevtlog/wevtutil.xml", "powershell/wevtutil.xml")
    for event in re.findall(rb"<Event[ >].*?</Event>", (_HERE / name).read_bytes(), re.DOTALL)
]
_CHANGES = st.sampled_from(
    [
        b"<",
        b">",
        b"&",
        b"'",
        b"&amp;",
        b"&x;",
        b"<!DOCTYPE a>",
        b'xml:lang="a" ',
        b'xmlns:a="b" ',
        b"a:",
        b"<a>",
        b"</a>",
        b"<EventData>",
        b"<Data>x</Data>",
        b'<Data Name="x">y</Data>',
        b"<![CDATA[x]]>",
        b"<!-- c -->",
        b"\xff",
        b"<a>" * 70,
    ]
)


@given(st.sampled_from(_REAL_EVENTS), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 4), _CHANGES), max_size=3))
def test_a_tree_gives_what_the_calls_give(event: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    """Whatever is changed in real events: parsed at once or call by call, they read the same, or neither is read."""
    changed = event
    for place, length, piece in changes:
        changed = changed[:place] + piece + changed[place + length :]
    with pytest.MonkeyPatch.context() as patch:
        quick = _read_event(changed)
        patch.setattr(windows_event, "_MOST_TREE_BYTES", 0)
        assert quick == _read_event(changed)


def _read_event(event: bytes) -> str:
    try:
        return windows_event.event_json(event)
    except ValueError as error:
        return f"refused: {error}"
