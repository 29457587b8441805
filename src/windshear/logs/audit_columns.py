"""Records of NXLog's `im_linuxaudit`, read as they are: where a record has what a joined event says.

Each record has its fields at the top. Launches with many arguments, numbers of system calls, and who asks for all
fields of a record, need them written anew by `audit_json`.
"""

from __future__ import annotations

from windshear.core import sql
from windshear.logs.audit_fields import ABSENT as NOTHING
from windshear.logs.audit_types import KERNEL_PARTS
from windshear.logs.parser import Plain
from windshear.logs.values import (
    ABSENT,
    Condition,
    Path,
    Reading,
    Value,
    all_of,
    any_of,
    first,
    is_any,
    item,
    matches,
    not_,
    read,
    reads_of,
    shared_test,
    when,
    whole_number,
)

_ARGUMENTS = 12  # of a launch that has more, the record is written anew
_FIELDS = {
    "SYSCALL": "arch exe success uid UID auid AUID ses comm pid ppid tty key euid exit",
    "SOCKADDR": "saddr_fam laddr lport path",
    "CWD": "cwd",
    "PROCTITLE": "CMDLINE",
    "MESSAGE": (
        "COMMAND UID AUID uid auid cmd cwd exe key name op operation res result unit addr hostname acct id ses"
        " terminal pid comm"
    ),
}
_PATH = ("name", "nametype")


def _field(name: str) -> Value:
    return read(Reading((name,), is_raw=True))


def _present(name: str) -> Value:
    return when(not_(is_any(_field(name), sorted(NOTHING))), _field(name))


def _is(kind: str) -> Condition:
    if kind == "MESSAGE":
        return _IS_MESSAGE
    return is_any(_field("type"), [kind])


_IS_MESSAGE = shared_test(not_(is_any(_field("type"), sorted(KERNEL_PARTS))))
_ARGV = [_field(f"a{number}") for number in range(_ARGUMENTS)]
_reads = reads_of(_ARGV)
_command_line = Value(sql.call("concat_ws", sql.text(" "), *(argument.sql for argument in _ARGV)), _reads)
_filled = Value(
    sql.call("len", sql.list_of_present(argument.sql for argument in _ARGV)),
    _reads,
)
_stated = whole_number(_field("argc"))
_HAS_ALL = Condition(sql.coalesce(sql.binary("=", _filled.sql, _stated.sql), sql.FALSE), _filled.reads | _stated.reads)

_NAMES: dict[Path, Path] = {
    ("TYPE",): ("type",),
    **{(name,): (name,) for name in ("ID", "NODE", "HostName", "seq", "time")},
}
_MADE: dict[Path, Value] = {
    **{(kind, name): when(_is(kind), _present(name)) for kind, names in _FIELDS.items() for name in names.split()},
    **{("PATH", item(0), name): when(_is("PATH"), _present(name)) for name in _PATH},
    **{("PATH", item(1), name): ABSENT for name in _PATH},
    ("EXECVE", "CMDLINE"): when(_is("EXECVE"), _command_line),
    ("CALL",): when(_is("SYSCALL"), first(_present("SYSCALL"), _present("syscall"))),
}
NXLOG = Plain(
    _NAMES,
    _MADE,
    unless=any_of(
        all_of(_is("EXECVE"), not_(_HAS_ALL)),
        all_of(_is("SYSCALL"), matches(_field("syscall"), "^[0-9]+$")),
    ),
)
