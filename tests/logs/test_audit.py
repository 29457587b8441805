"""The Linux audit log: how lines become records, and how the counts of lines add up."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.logs.support import TEXT, take
from windshear.logs.audit_cut import UNCUT, find_fields, read_fields
from windshear.logs.audit_fields import fields_of, object_of
from windshear.logs.audit_plain import are_plain, plain_members
from windshear.logs.first_key import parse_first_key, parse_object
from windshear.logs.normalise import Normaliser
from windshear.logs.parsers.auditd import PARSER
from windshear.logs.readers.audit_event import JoinedEvents
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch, batch_of
from windshear.logs.statement import all_columns, compile_statement
from windshear.logs.values import EACH, Item, item
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.rows import to_table

_HERE = Path(__file__).parent
_LAUNCH = (
    "type=SYSCALL msg=audit({time}:{serial}): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=2 auid=1000 uid=0 "
    'comm="x" exe="/bin/x" key=(null)\n'
    'type=EXECVE msg=audit({time}:{serial}): argc=2 a0="x" a1={argument}\n'
)
_COLUMNS = {"target.process.command_line": TEXT, "target.process.file.full_path": TEXT}


def _launch(serial: int, argument: str = '"y"', time: str = "1741770000.100") -> list[str]:
    return _LAUNCH.format(time=time, serial=serial, argument=argument).splitlines(keepends=True)


def _texts(data: bytes, limits: Limits | None = None) -> list[dict[str, object]]:
    found = read(["-"], BytesIO(data), limits)
    return [json.loads(text) for item in found if isinstance(item, RecordBatch) for text in item.texts.to_pylist()]


@pytest.mark.parametrize("chunk", [1 << 20, 97, 1])
def test_lines_of_a_serial_are_joined_wherever_chunks_end(chunk: int) -> None:
    """Events that stand mixed come out whole, in the order of their first lines."""
    first, second = _launch(1), _launch(2, "2F746D702F6120")
    data = "".join([first[0], second[0], second[1], first[1]]).encode()
    taken = take(data, _COLUMNS, limits=Limits(chunk_bytes=chunk, head_bytes=100))
    assert [row["target.process.command_line"] for row in taken.rows()] == ["x y", "x /tmp/a "]
    assert (taken.joined_lines, taken.joined_records, taken.records) == (4, 2, 2)


def test_the_same_serial_at_another_time_is_another_event() -> None:
    """Serials begin anew when a machine starts."""
    data = "".join(_launch(1) + _launch(1, time="1741770001.100")).encode()
    assert take(data, _COLUMNS).count == 2


def test_hosts_are_told_apart_and_lines_without_one_belong_together() -> None:
    """A line of an unknown type has no host either; a host elsewhere in the input does not divide it from its event."""
    first, second = _launch(1)
    lines = [first, second.replace("type=EXECVE", "type=1309"), *(f"node=db1 {line}" for line in _launch(1))]
    assert take("".join(lines).encode(), _COLUMNS).count == 2


@pytest.mark.parametrize("chunk", [1 << 20, 5_000])
@pytest.mark.parametrize(("newer", "count"), [(999, 1_000), (1_000, 1_002)])
def test_an_event_is_not_waited_for_for_ever(newer: int, count: int, chunk: int) -> None:
    """After 1,000 newer events what is there is the event; a late line is one of its own."""
    first = _launch(0)
    lines = [first[0], *(line for serial in range(1, newer + 1) for line in _launch(serial)), first[1]]
    taken = take("".join(lines).encode(), _COLUMNS, limits=Limits(chunk_bytes=chunk))
    assert (taken.count, taken.joined_lines) == (count, len(lines))


def test_an_event_that_is_too_large_is_one_record() -> None:
    """Its lines are counted, its beginning kept, and the next event is read."""
    data = "".join([*_launch(1, '"' + "y" * 900 + '"') * 3, *_launch(2)]).encode()
    taken = take(data, _COLUMNS, limits=Limits(record_bytes=1_200))
    assert [item.reason for item in taken.quarantined] == ["record too large: more than 1200 bytes"]
    assert (taken.count, taken.joined_lines) == (2, 8)


def test_lines_add_up() -> None:
    """Lines that were read are lines of events, in quarantine, or skipped."""
    lines = [*_launch(1), "Mar 12 09:00:00 web1 systemd[1]: Started.\n", "type=X msg=audit(1\n", "----\n", "\n"]
    taken = take("".join(lines).encode())
    alone = len(taken.quarantined) + sum(skipped.count for skipped in taken.skipped)
    assert (taken.joined_lines, alone) == (2, 2)
    assert [skipped.reason for skipped in taken.skipped] == ["no record of the audit log"]


@pytest.mark.parametrize(
    ("kind", "body", "field", "value"),
    [
        ("SYSCALL", 'arch=c000003e syscall=59 comm=6120 exe="/bin/a" key=(null)', "comm", "a "),
        ("SYSCALL", 'arch=c000003e syscall=59 comm="a" exe="/a=b" key="k"', "exe", "/a=b"),
        ("SYSCALL", 'arch=c000003e syscall=59 comm="a" exe="/a" subj=snap.x (enforce) key=6B016C', "key", "k,l"),
        ("SYSCALL", 'arch=c000003e syscall=59 comm="a\\b" exe="/a" key=(null)', "comm", "a\\b"),
        ("PATH", "item=0 name=2F7573722FC3A9 nametype=NORMAL", "name", "/usr/é"),
        ("CWD", ' cwd="/root"', "cwd", "/root"),
        ("CWD", "cwd=2F7573722F6120", "cwd", "/usr/a "),
        ("SYSCALL", "comm=4294967295 pid=1", "pid", "1"),
        ("USER_AUTH", 'pid=1 msg=\'op=PAM:x acct="a" exe="/b" hostname=? res=failed\'UID="root"', "UID", "root"),
        ("USER_LOGIN", "pid=1 msg='op=login acct=28696E76616C6964207573657229 res=failed'", "acct", "(invalid user)"),
        (
            "USER_START",
            'user pid=1 msg=\'PAM: session open acct="a" : exe="/b" (hostname=?, addr=?, res=success)\'',
            "res",
            "success",
        ),
        ("AVC", 'avc:  denied  { read write } for  pid=1 comm="a"', "seperms", "read write"),
    ],
)
def test_fields_of_a_record(kind: str, body: str, field: str, value: str) -> None:
    """What a field says is read as the kernel means it, and quickly the same as carefully."""
    found = object_of(kind, body.encode())
    assert found[field] == value
    assert _quickly([body]) in ([found], [None])


def _quickly(bodies: list[str]) -> list[dict[str, object] | None]:
    """Read records as plain ones; None for each that is none."""
    column = pa.array([f" {body}" for body in bodies], pa.string())
    plain = np.flatnonzero(are_plain(column))
    found: list[dict[str, object] | None] = [None] * len(bodies)
    if len(plain):
        members, is_read = plain_members(column.take(pa.array(plain)))
        for row, text, has_text in zip(plain.tolist(), members.to_pylist(), is_read.tolist(), strict=True):
            found[row] = cast("dict[str, object]", parse_first_key(f"{{{text}}}")) if has_text else None
    return found


_NAMES = ("pid", "uid", "auid", "acct", "comm", "exe", "key", "res", "hostname", "addr", "terminal", "operation", "id")
_BODIES = [
    line.partition("): ")[2].strip()
    for name in ("kernel", "enriched", "msticpy")
    for line in (_HERE / "auditd" / f"{name}.log").read_text().splitlines()
]


def test_most_records_are_plain() -> None:
    """Only what needs care is read one by one."""
    found = _quickly(_BODIES)
    assert sum(fields is not None for fields in found) > 0.7 * len(_BODIES)


_SIGNS = st.sampled_from(
    [*" =\"'\x1d()?\\,{}[]:", "  ", "==", "(null)", "unset", "4294967295", "2F746D70", "msg='", "comm="]
)


_CHANGES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), _SIGNS | st.characters()), max_size=3)


def _changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    """Write other signs over some places of a line."""
    for place, length, sign in changes:
        text = text[:place] + sign + text[place + length :]
    return text.replace("\n", " ").encode("utf-8", "replace").decode().strip()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_BODIES), _CHANGES), min_size=1, max_size=8))
def test_the_quick_ways_read_what_the_careful_one_reads(changed: list[tuple[str, list[tuple[int, int, str]]]]) -> None:
    """Whatever is changed in real records: what is taken for plain has the same fields, and in the same order.

    So has what is cut out of records, field by field.
    """
    bodies = [_changed(body, changes) for body, changes in changed]
    careful = [fields_of(body.encode()) for body in bodies]
    for fields, quick in zip(careful, _quickly(bodies), strict=True):
        assert quick is None or list(quick.items()) == list(fields.items())
    names = sorted({*_NAMES, *(name for fields in careful for name in fields)} - UNCUT)
    columns = {(0, name): number for number, name in enumerate(names)}
    column = pa.array([f" {body}" for body in bodies], pa.string())
    cut = read_fields(find_fields(column, np.zeros(len(bodies), np.int64), columns), names)
    for name, (rows, values) in zip(names, cut, strict=True):
        found = dict(zip(rows.tolist(), values.to_pylist(), strict=True))
        assert found == {row: fields[name] for row, fields in enumerate(careful) if name in fields}


_LINES = [
    line
    for name in ("kernel", "enriched", "msticpy", "broken", "syslog")
    for line in (_HERE / "auditd" / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
]
_PLACES: list[tuple[str, ...]] = [
    *(("LOG",), ("ID",), ("NODE",), ("TYPE",), ("CALL",), ("seq",)),
    *((kind, name) for kind in ("SYSCALL", "MESSAGE", "CWD", "USER_LOGIN") for name in ("pid", "exe", "key", "res")),
    *(("EXECVE", "CMDLINE"), ("PROCTITLE", "CMDLINE"), ("CWD", "cwd"), ("SOCKADDR", "laddr"), ("SOCKADDR", "path")),
    *(("PATH", item(place), name) for place in range(3) for name in ("name", "nametype")),
]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(_LINES), _CHANGES, st.none() | st.integers(1, 3)), min_size=1, max_size=20))
def test_values_of_events_are_those_of_their_text(
    lines: list[tuple[str, list[tuple[int, int, str]], int | None]],
) -> None:
    """What a scan reads from lines that were not written is what it would read from the text of their events."""
    texts = [
        _changed(line if serial is None else re.sub(r"audit\([^)]*\)", f"audit(1.000:{serial})", line), changes)
        for line, changes, serial in lines
    ]
    found = read(["-"], BytesIO("\n".join([_LINES[0], *texts]).encode()))
    batches = [batch for batch in found if isinstance(batch, RecordBatch)]
    for batch in batches:
        assert isinstance(batch.held, JoinedEvents)
        values = _values(batch.held, _PLACES)
        assert values is not None
        written = [parse_first_key(text) for text in batch.texts.to_pylist()]
        for place in _PLACES:
            assert values[place] == [_at(event, place) for event in written]
        chosen = np.arange(len(batch), dtype=np.int64)[::-2]
        assert batch.take(chosen).texts.to_pylist() == batch.texts.take(pa.array(chosen)).to_pylist()


def _values(events: JoinedEvents, asked: list[tuple[str, ...]]) -> dict[tuple[str, ...], list[object]] | None:
    """Return what stands at some places of each event."""
    own, shared = ([place for place in asked if (place in events.own) is wanted] for wanted in (True, False))
    values = events.values(own, shared)
    if values is None:
        return None
    spread = {place: column.take(pa.array(values.row_of)) for place, column in values.shared.items()}
    return {place: column.to_pylist() for place, column in {**values.own, **spread}.items()}


def _at(value: object, place: tuple[str, ...]) -> object:
    for key in place:
        if isinstance(key, Item):
            position = int(key[1:-1])
            value = value[position] if isinstance(value, list) and position < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value or None


@pytest.mark.parametrize("name", ["kernel", "enriched", "msticpy", "broken", "syslog"])
def test_columns_are_the_same_from_lines_and_from_texts(name: str) -> None:
    """Events that say the same share the work, but each keeps its own time and number."""
    data = (_HERE / "auditd" / f"{name}.log").read_bytes()
    again = re.sub(rb"audit\((\d+)\.(\d+):(\d+)\)", rb"audit(\1.\2:9\3)", data)  # the same with other numbers
    columns: dict[str, Column] = {
        name: column for name, column in all_columns(PARSER).items() if isinstance(column, ScalarColumn | ListColumn)
    }
    columns["security_result"] = MessagesColumn({"action": ListColumn("text"), "action_details": TEXT})
    normaliser = Normaliser()
    for batch in (batch for batch in read(["-"], BytesIO(data + again)) if isinstance(batch, RecordBatch)):
        assert isinstance(batch.held, JoinedEvents)
        written = replace(batch, held=batch.texts)
        lines, texts = (normaliser.normalise(one, "AUDITD", columns, "audit log") for one in (batch, written))
        assert lines.rows.tolist() == texts.rows.tolist()
        assert lines.table.to_pylist() == texts.table.to_pylist()


@pytest.mark.parametrize(
    "place", [("SYSCALL",), ("EXECVE", "ARGV", EACH), ("MESSAGE", "msg"), ("PATH", "name"), ("x",)]
)
def test_what_only_the_text_can_tell(place: tuple[str, ...]) -> None:
    """Records are written for whoever asks for whole ones."""
    (batch,) = [found for found in read(["-"], BytesIO("".join(_launch(1)).encode())) if isinstance(found, RecordBatch)]
    assert isinstance(batch.held, JoinedEvents)
    assert _values(batch.held, [("LOG",), place]) is None


def test_arguments_that_were_cut_are_whole_again() -> None:
    """The kernel cuts long arguments, and goes on in further records."""
    data = (
        'type=EXECVE msg=audit(1741770000.100:1): argc=2 a0="x" a1_len=6 a1[0]="abc"\n'
        "type=EXECVE msg=audit(1741770000.100:1): a1[1]=646566\n"
    )
    assert [row["target.process.command_line"] for row in take(data.encode(), _COLUMNS).rows()] == ["x abcdef"]


@pytest.mark.parametrize("junk", [b"\xff\xfe", b"\x00" * 50, b"type=", b"'" * 3000, b'"' * 3000, b"=" * 3000])
def test_junk_keeps_its_count(junk: bytes) -> None:
    """Whatever stands in a line, the line is counted and the next is read."""
    line = b"type=USER_AUTH msg=audit(1741770000.100:9): pid=1 msg='op=x" + junk + b' acct="a\n'
    taken = take("".join(_launch(1)).encode() + line + "".join(_launch(2)).encode())
    assert taken.count == 3


def _twice(pairs: list[tuple[str, object]]) -> str:
    """Write an object as text; its keys may repeat. Texts in it that are objects stand as such."""
    return "\0{" + ",".join(f"{json.dumps(key)}:{_json(value)}" for key, value in pairs) + "}"


def _json(value: object) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    is_object = isinstance(value, str) and value.startswith("\0")
    return str(value)[1:] if is_object else json.dumps(value)


_VALUES = st.recursive(
    st.none() | st.integers(-(2**70), 2**70) | st.text('a":,{}[] ', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(st.tuples(st.sampled_from("abA"), inner), max_size=4).map(_twice)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_objects_are_read_as_by_the_first_of_each_key(value: object) -> None:
    """Quickly or not, of a key that repeats the first counts."""
    text = _json(value)
    careful = parse_first_key(text)
    found = parse_object(text)
    assert found == (careful if isinstance(careful, dict) else None) or _has_large_number(careful)


def _has_large_number(value: object) -> bool:
    """Numbers beyond 64 bits may be read as floating ones."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, int) and abs(value) >= 2**63) or any(map(_has_large_number, members))


_NXLOG_CELLS = (
    "SYSCALL", "x86_64", "execve", "59", "yes", "no", "?", "(null)", "unset", "4294967295", 4294967295, 0, -2, 3,
    "root", "", "192.0.2.1", "NORMAL", "CREATE", "PARENT", "inet", "/etc/passwd", "ls -la", "é", None,
)  # fmt: skip
_NXLOG_FIELDS = (
    *("arch", "syscall", "success", "exit", "exe", "uid", "auid", "ses", "comm", "pid", "ppid", "tty", "key", "euid"),
    *("saddr_fam", "laddr", "lport", "path", "cwd", "CMDLINE", "COMMAND", "cmd", "name", "nametype", "op", "res"),
    *("unit", "addr", "hostname", "acct", "id", "terminal", "SYSCALL", "UID"),
)
_NXLOG_KINDS = ("SYSCALL", "EXECVE", "PATH", "CWD", "SOCKADDR", "PROCTITLE", "USER_LOGIN", "USER_CMD", "EOE", "ODD")


def _nxlog_record(chosen: random.Random) -> str:
    kind = chosen.choice(_NXLOG_KINDS)
    share = chosen.random()
    cells = {name: chosen.choice(_NXLOG_CELLS) for name in _NXLOG_FIELDS if chosen.random() < share}
    if kind == "EXECVE":
        arguments = [chosen.choice(("ls", "-l", "", 5)) for _ in range(chosen.randrange(16))]
        cells |= {"argc": len(arguments)} | {f"a{number}": argument for number, argument in enumerate(arguments)}
    head = {"type": kind, "time": "2026-03-02T08:00:00Z", "seq": 1, "SourceModuleType": "im_linuxaudit"}
    return json.dumps(head | cells)


def test_nxlog_records_read_as_they_are_are_what_they_are_as_a_whole() -> None:
    """A scan sees in records of NXLog what the whole events hold, launches with many or empty arguments as well."""
    columns = {name: kind for name, kind in all_columns(PARSER).items() if not isinstance(kind, MessagesColumn)}
    assert compile_statement(PARSER, PARSER.shape("NXLog"), columns).shape.rewrite is None
    chosen = random.Random(7)
    texts = [_nxlog_record(chosen) for _ in range(1_500)]
    normaliser = Normaliser()
    expected = to_table([event for event in normaliser.normalise_full(texts, "AUDITD") if event is not None], columns)
    found = normaliser.normalise(batch_of(texts), "AUDITD", columns, "NXLog").table
    assert len(found) == len(expected) == len(texts)
    for name in found.column_names:
        wanted = expected.column(name).to_pylist() if name in expected.column_names else [None] * len(texts)
        pairs = zip(found.column(name).to_pylist(), wanted, texts, strict=True)
        wrong = [(cell, want, text) for cell, want, text in pairs if (cell or None) != (want or None)]
        assert not wrong, (name, wrong[0])
