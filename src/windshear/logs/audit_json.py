"""Linux audit records that arrive as JSON, written anew in the one form that the declaration reads.

Laurel joins the records of an event itself, and so does Auditbeat, which sorts them into the fields of the Elastic
Common Schema; NXLog's `im_linuxaudit` gives one object per record with its fields at the top; the agent of Azure
Monitor (`auoms`) puts a joined event as text into a syslog record. What was read stays.
"""

from __future__ import annotations

import re

import orjson

from windshear.logs.audit_fields import ABSENT, arguments_object, fields_of
from windshear.logs.audit_types import BODIES, KERNEL_PARTS, call_name
from windshear.logs.first_key import parse_object

LAUREL = "Laurel"
_NESTED = (dict, list)
_ABSENT = frozenset([*ABSENT, *(int(text) for text in ABSENT if text.isdigit())])
_ARGUMENT = re.compile(r"a(\d+)")
_AGENT_RECORD = re.compile(r"type=AUOMS_(\S+) audit\((\d+\.\d+:\d+)\): ")
_AGENT_NAMES = {"user": "UID", "audit_user": "AUID", "group": "GID", "effective_user": "EUID"}


def from_laurel(text: str) -> str:
    """Name the record that an event of Laurel is about; mark it as one if it has the records of one."""
    event = parse_object(text)
    if event is None:
        return text
    event.pop("LOG", None)
    kinds = [kind for kind, value in event.items() if value and type(value) in _NESTED and kind.isupper()]
    about = next((kind for kind in kinds if kind not in KERNEL_PARTS), None)
    if not kinds:
        return _written(event, text)
    if not BODIES.isdisjoint(kinds):
        event["LOG"] = LAUREL
    event["TYPE"] = about or ("SYSCALL" if "SYSCALL" in kinds else kinds[0])
    for kind in kinds:
        value = event[kind]
        if isinstance(value, list) and kind != "PATH":
            event[kind] = value[0]
        found = event[kind]
        if not isinstance(found, dict):
            continue
        event[kind] = found = _present(found)
        arguments = found.get("ARGV")
        if isinstance(arguments, list):
            found["CMDLINE"] = " ".join(map(str, arguments))
    event["CALL"] = _called(event.get("SYSCALL"))
    if about is not None:
        event["MESSAGE"] = event[about]
    return _written(event, text)


def from_nxlog(text: str) -> str:
    """Put the fields of a record of NXLog under its type."""
    record = parse_object(text)
    kind = None if record is None else record.get("type")
    if record is None or not isinstance(kind, str):
        return text
    fields = _present(record)
    if kind == "EXECVE":
        numbered = sorted((int(found[1]), str(record[key])) for key in record if (found := _ARGUMENT.fullmatch(key)))
        fields = fields | arguments_object([value.encode("utf-8", "replace") for _, value in numbered])
    name = kind if kind in KERNEL_PARTS else "MESSAGE"
    called = _called(fields) if kind == "SYSCALL" else None
    return _written(record | {"TYPE": kind, "CALL": called, name: [fields] if kind == "PATH" else fields}, text)


def from_agent(text: str) -> str:
    """Take the event out of a syslog record of the agent."""
    record = parse_object(text)
    message = None if record is None else record.get("SyslogMessage")
    found = _AGENT_RECORD.match(message) if isinstance(message, str) else None
    if record is None or found is None or not isinstance(message, str):
        return text
    fields = fields_of(message[found.end() :].encode("utf-8", "replace"))
    call = fields | {new: fields[old] for old, new in _AGENT_NAMES.items() if old in fields}
    event: dict[str, object] = {"ID": found[2], "TYPE": "SYSCALL" if "syscall" in call else found[1], "SYSCALL": call}
    before = message.rpartition(" redactors=")[0]
    _, sign, command = before.partition(' cmdline="')
    if sign:
        event["EXECVE"] = {"CMDLINE": command.removesuffix('"')}
    _, sign, title = before.partition(" proctitle=")
    if sign and not command:
        event["PROCTITLE"] = {"CMDLINE": title}
    event |= {
        "CALL": _called(call),
        "NODE": fields.get("node"),
        "CWD": {"cwd": fields.get("cwd")},
        "PATH": [_path(fields)],
    }
    return _written(record | event, text)


def from_auditbeat(text: str) -> str:
    """Put what Auditbeat has sorted by meaning back where the audit log has it."""
    record = parse_object(text)
    if record is None:
        return text
    audit, process, user = (_below(record, name) for name in ("auditd", "process", "user"))
    login, data, tags, arguments = _below(user, "audit"), _below(audit, "data"), record.get("tags"), process.get("args")
    fields: dict[str, object] = {
        "pid": process.get("pid"),
        "ppid": _below(process, "parent").get("pid", process.get("ppid")),
        "exe": process.get("executable"),
        "comm": process.get("name"),
        "cwd": process.get("working_directory"),
        "uid": user.get("id"),
        "UID": user.get("name"),
        "auid": login.get("id"),
        "AUID": login.get("name"),
        "euid": _below(user, "effective").get("id"),
        "ses": audit.get("session"),
        "key": tags[0] if isinstance(tags, list) and tags else None,
        "res": audit.get("result"),
        "success": audit.get("result"),
        "addr": _below(record, "source").get("ip"),
    }
    fields = {key: value for key, value in _present(fields | data).items() if value is not None}
    kind = str(audit.get("message_type", "")).upper()
    event: dict[str, object] = {"TYPE": kind, "time": record.get("@timestamp"), "seq": audit.get("sequence")}
    event |= {"NODE": _below(record, "host").get("name"), "PROCTITLE": {"CMDLINE": process.get("title")}}
    if kind in KERNEL_PARTS:
        to = _below(record, "destination")
        event |= {"SYSCALL": fields, "CALL": fields.get("syscall"), "PATH": audit.get("paths")}
        event |= {"CWD": {"cwd": fields.get("cwd")}}
        if to:
            family = "inet6" if ":" in str(to.get("ip")) else "inet"
            event["SOCKADDR"] = {"saddr_fam": family, "laddr": to.get("ip"), "lport": to.get("port"), **to}
        if isinstance(arguments, list):
            event["EXECVE"] = {"CMDLINE": " ".join(map(str, arguments)), "ARGV": arguments}
    else:
        event["MESSAGE"] = fields
    return _written(record | event, text)


def _below(record: dict[str, object], key: str) -> dict[str, object]:
    found = record.get(key)
    return found if isinstance(found, dict) else {}


def _present(fields: dict[str, object]) -> dict[str, object]:
    """Leave out what says that there is none."""
    try:
        if _ABSENT.isdisjoint(fields.values()):
            return fields
        return {key: value for key, value in fields.items() if value not in _ABSENT}
    except TypeError:  # a list or an object among them
        return {key: value for key, value in fields.items() if isinstance(value, (list, dict)) or value not in _ABSENT}


def _called(fields: object) -> str | None:
    if not isinstance(fields, dict):
        return None
    name = fields.get("SYSCALL")
    return name if isinstance(name, str) else call_name(str(fields.get("arch")), str(fields.get("syscall", "")))


def _path(fields: dict[str, str]) -> dict[str, str]:
    return {key: fields[key] for key in ("name", "inode", "mode", "nametype") if key in fields}


def _written(record: dict[str, object], otherwise: str) -> str:
    try:
        return orjson.dumps(record).decode()
    except (TypeError, ValueError):  # a number that is out of range
        return otherwise
