"""One record of the Linux audit log as a JSON object: its fields, what is written in hexadecimal decoded.

The kernel writes a text in quotes, or in hexadecimal where it holds a blank, a quote or a byte that is no printable
ASCII. `auditd` may append names for numbers (`UID="root"`) behind the separator 1D. Programs put their own fields into
one quoted text, `msg='...'`. The form of the objects is the one that Laurel writes (`ARGV` for arguments).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

import orjson

_FIELD = re.compile(r"""([A-Za-z_][\w.-]*+(?:\[\d++\])?+)=("[^"]*+"?+|'[^']*+'?+|[^\s"'\x1d]\S*+)?+""")
_DECISION = re.compile(r"avc:\s+(denied|granted)\s+\{ ?([^}]{0,500}?) ?\}")
_SOCKET_NAMES = re.compile(r"SADDR=\{[^}]{0,500}\}")
_ARGUMENT = re.compile(rb' a(\d+)(?:\[(\d+)\])?=(?:"([^"]*)"|([^ "]*))')
_HEXADECIMAL = re.compile(r"(?:[0-9A-F]{2})+")
# Fields that the kernel or libaudit write in hexadecimal where they must; in other fields such a text is a number.
ENCODED = frozenset(
    [
        *("acct", "apparmor", "cgroup", "cmd", "comm", "cwd", "data", "device", "dir", "exe", "file", "grp", "info"),
        *("key", "name", "new_group", "ocomm", "path", "proctitle", "profile", "root_dir", "service", "sw"),
        *("tty", "vm", "watch"),
    ]
)
_SPECIAL_BEGINNINGS = frozenset(['"', "'", "="])
_IPV4, _IPV6, _UNIX = 2, 10, 1
ABSENT = frozenset(["?", "(null)", "(none)", "", "4294967295", "unset"])  # the last two: no login, no session


def object_of(kind: str, body: bytes) -> Mapping[str, object]:
    """Return one record as an object.

    >>> object_of("PATH", b'item=0 name=2F746D702F6120 nametype=NORMAL')
    {'item': '0', 'name': '/tmp/a ', 'nametype': 'NORMAL'}
    """
    special = SPECIAL.get(kind)
    found = None if special is None else special(body)
    return fields_of(body) if found is None else found


def members_of(kind: str, body: bytes) -> bytes:
    """Return what stands between the braces of `object_of` as JSON."""
    return orjson.dumps(object_of(kind, body))[1:-1]


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of any record; the first of a name counts, and what says that there is nothing is left out."""
    text = body.decode("utf-8", "backslashreplace")
    fields: dict[str, str] = {}
    decision = _DECISION.search(text)
    if decision is not None:
        fields |= {"seresult": decision[1], "seperms": decision[2]}
    text = _SOCKET_NAMES.sub("", text)
    before, sign, after = text.partition("msg='")
    inside, quote, behind = after.rpartition("'")
    parts = (before, inside, behind) if sign and quote else (before, after)
    for number, part in enumerate(parts):
        is_old = number == 1 and "=?, " in part  # `(hostname=?, addr=?, terminal=cron res=success)`
        for name, value in _FIELD.findall(part):
            if is_old or value[:1] in _SPECIAL_BEGINNINGS or name in ENCODED:
                _add(fields, name, value.rstrip(",)") if is_old else value)
            elif value not in ABSENT and name not in fields:  # most are this one
                fields[name] = value
    return fields


def _add(fields: dict[str, str], name: str, written: str) -> None:
    value = written.removeprefix("=")  # some kernels write `subj==`
    if written[:1] in ('"', "'"):
        value = written[1:-1] if written[-1] == written[0] and len(written) > 1 else written[1:]
    elif name in ENCODED and value == written:
        value = decoded_text(written)
    if value not in ABSENT:
        fields.setdefault(name, value)


def decoded_text(written: str) -> str:
    """Return the text of a field that is written in hexadecimal if it is; any other text stays."""
    if written in ABSENT or not _HEXADECIMAL.fullmatch(written):
        return written
    raw = bytes.fromhex(written).rstrip(b"\0").replace(b"\x01", b",").replace(b"\0", b" ")
    return raw.decode("utf-8", "backslashreplace")


def _execve(body: bytes) -> dict[str, object] | None:
    """Give the arguments, whole where the kernel cut them: `a1_len=... a1[0]=... a1[1]=...`."""
    parts: dict[int, list[bytes]] = {}
    for number, _, quoted, bare in _ARGUMENT.findall(b" " + body):
        parts.setdefault(int(number), []).append(quoted or _unhexed(bare))
    if not parts:
        return None
    return arguments_object([b"".join(parts[number]) for number in sorted(parts)])


def _unhexed(written: bytes) -> bytes:
    try:
        return bytes.fromhex(written.decode())
    except ValueError:
        return written


def arguments_object(arguments: list[bytes]) -> dict[str, object]:
    """Return arguments as an object: the list, and the command line that they make."""
    texts = [argument.decode("utf-8", "backslashreplace") for argument in arguments]
    return {"ARGV": texts, "CMDLINE": " ".join(texts)}


def _proctitle(body: bytes) -> dict[str, object] | None:
    name, _, value = body.strip().partition(b"=")
    if name != b"proctitle" or b" " in value:
        return None
    title = value.strip(b'"') if value.startswith(b'"') else _unhexed(value)
    return arguments_object(title.rstrip(b"\0").split(b"\0"))


def _sockaddr(body: bytes) -> Mapping[str, object] | None:
    found = re.search(rb"\bsaddr=([0-9A-F]+)", body)
    return None if found is None else socket_address(found[1].decode())


def socket_address(written: str) -> dict[str, str] | None:
    """Return what a socket address says that is written in hexadecimal; None if it is of no kind that we know.

    >>> socket_address("02000050A9FEA9FE0000000000000000")
    {'saddr_fam': 'inet', 'laddr': '169.254.169.254', 'lport': '80'}
    """
    raw = _unhexed(written.encode())
    family = int.from_bytes(raw[:2], "little")
    port = str(int.from_bytes(raw[2:4], "big"))
    if family == _IPV4 and len(raw) >= 8:
        return {"saddr_fam": "inet", "laddr": str(ipaddress.IPv4Address(raw[4:8])), "lport": port}
    if family == _IPV6 and len(raw) >= 24:
        return {"saddr_fam": "inet6", "laddr": str(ipaddress.IPv6Address(raw[8:24])), "lport": port}
    if family == _UNIX:
        path = raw[2:].lstrip(b"\0").split(b"\0")[0].decode("utf-8", "backslashreplace")
        return {"saddr_fam": "local", "path": path}
    return None


SPECIAL: dict[str, Callable[[bytes], Mapping[str, object] | None]] = {
    "EXECVE": _execve,
    "PROCTITLE": _proctitle,
    "SOCKADDR": _sockaddr,
}
