"""The Linux audit log: how lines become records, and how the counts of lines add up."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from tests.logs.support import TEXT, take
from windshear.logs.audit_fields import fields_of, object_of
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch

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


def test_an_event_is_not_waited_for_for_ever() -> None:
    """After 1,000 newer events what is there is the event; a late line is one of its own."""
    lines = [line for serial in range(1, 1_500) for line in _launch(serial)]
    late = lines.pop(1)
    taken = take("".join([*lines, late]).encode(), _COLUMNS, limits=Limits(chunk_bytes=5_000))
    assert (taken.count, taken.joined_lines) == (1_500, len(lines) + 1)


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
    """The quick way and the careful one read the same."""
    found = json.loads(object_of(kind, body.encode()))
    assert found[field] == value
    assert {name: text for name, text in found.items() if text} == fields_of(body.encode())


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
