"""Events of the Linux audit log, as `auditd` writes them with names added (`log_format = ENRICHED`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from windshear.simulate.chance import Chance
from windshear.simulate.record import Log, Record
from windshear.simulate.world.people import Host, Person

_DELAY = timedelta(seconds=3)
_CAPABILITIES = "cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
_GROUP_SEPARATOR = "\x1d"  # between a line as the kernel wrote it, and the names that auditd adds


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a host of Linux."""

    name: str
    uid: int
    home: str


SERVICE = Account("www-data", 33, "/var/www")
INSTANCE_USER = Account("ec2-user", 1000, "/home/ec2-user")


def account_of(person: Person) -> Account:
    """Give the account of somebody, whose number the directory gives."""
    name = person.local.replace(".", "")
    return Account(name, 20_000 + person.number, f"/home/{name}")


def launched(
    host: Host, account: Account, exe: str, arguments: Sequence[str], at: datetime, draw: Chance, *, parent: int = 0
) -> Record:
    """Make the event of a program that starts. exe: its file, which need not be what its first argument says."""
    comm = arguments[0].rpartition("/")[2][:15]
    words = " ".join(f"a{index}={_quoted(word)}" for index, word in enumerate(arguments))
    call = (
        "arch=c000003e syscall=59 success=yes exit=0 a0=55d0c8a0 a1=55d0c8b8 a2=55d0c8d0 a3=8 items=2 "
        f"ppid={parent or draw.randrange(1_000, 2_000)} pid={draw.randrange(2_000, 60_000)} {_ids(account)} "
        f'tty=pts1 ses=3 comm={_quoted(comm)} exe="{exe}" subj=unconfined key="exec"'
    )
    path = f'item=0 name="{exe}" inode={draw.randrange(10**5, 10**6)} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00'
    title = "\0".join(arguments).encode().hex().upper()
    parts = (
        ("SYSCALL", f"{call}{_GROUP_SEPARATOR}ARCH=x86_64 SYSCALL=execve {_names(account)}"),
        ("EXECVE", f"argc={len(arguments)} {words}"),
        ("CWD", f'cwd="{account.home}"'),
        ("PATH", f'{path} nametype=NORMAL {_CAPABILITIES}{_GROUP_SEPARATOR}OUID="root" OGID="root"'),
        ("PROCTITLE", f"proctitle={title}"),
    )
    return _event(host, at, draw, parts)


def file_touched(
    host: Host, account: Account, exe: str, path: str, at: datetime, draw: Chance, *, creates: bool = False
) -> Record:
    """Make the event of a watched file that a program opened, or created."""
    comm = exe.rpartition("/")[2][:15]
    call = (
        "arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd484083e0 "
        f"a2={'241' if creates else '0'} a3=1b6 items={2 if creates else 1} ppid={draw.randrange(1_000, 2_000)} "
        f'pid={draw.randrange(2_000, 60_000)} {_ids(account)} tty=pts1 ses=3 comm="{comm}" exe="{exe}" subj=unconfined '
        'key="cloud-credentials"'
    )
    parts = [
        ("SYSCALL", f"{call}{_GROUP_SEPARATOR}ARCH=x86_64 SYSCALL=openat {_names(account)}"),
        ("CWD", f'cwd="{account.home}"'),
    ]
    # A file that is made has its folder before it.
    folder = f"{path.rpartition('/')[0]}/"
    items = ((folder, "PARENT"), (path, "CREATE")) if creates else ((path, "NORMAL"),)
    for number, (name, kind) in enumerate(items):
        item = (
            f'item={number} name="{name}" inode={draw.randrange(10**5, 10**6)} dev=08:01 '
            f"mode={'0100600' if name == path else '040700'} ouid={account.uid} ogid={account.uid} rdev=00:00 "
            f'nametype={kind} {_CAPABILITIES}{_GROUP_SEPARATOR}OUID="{account.name}" OGID="{account.name}"'
        )
        parts.append(("PATH", item))
    return _event(host, at, draw, parts)


def _event(host: Host, at: datetime, draw: Chance, parts: Sequence[tuple[str, str]]) -> Record:
    """Put the lines of an event together, which share its time and its number."""
    stamp = f"{at.timestamp():.3f}:{draw.randrange(1_000, 9_000_000)}"
    lines = [f"node={host.name.lower()} type={kind} msg=audit({stamp}): {text}" for kind, text in parts]
    return Record(Log.AUDITD, at, at + _DELAY, "\n".join(lines).encode())


def _ids(account: Account) -> str:
    names = ("uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid")
    return f"auid={account.uid} " + " ".join(f"{name}={account.uid}" for name in names)


def _names(account: Account) -> str:
    names = ("AUID", "UID", "GID", "EUID", "SUID", "FSUID", "EGID", "SGID", "FSGID")
    return " ".join(f'{name}="{account.name}"' for name in names)


def _quoted(word: str) -> str:
    """Write an argument as the kernel does: in quotes, or in hexadecimal if that could not be read back."""
    is_plain = word.isascii() and word.isprintable() and '"' not in word and " " not in word
    return f'"{word}"' if is_plain else word.encode().hex().upper()
