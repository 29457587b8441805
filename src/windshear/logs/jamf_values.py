"""What Jamf Protect writes about processes and files of macOS, as fields of a noun.

A record names up to three processes: the one that acted (`process`), the one that macOS holds responsible for it, and
for some events one that was acted on. A process is written in full or, where only its token is known, in short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windshear.logs.parser import Label, Scalar, UdmValue
from windshear.logs.values import (
    Condition,
    Path,
    Value,
    captured,
    field,
    first,
    joined,
    micros_of,
    quotient,
    remainder,
    when,
)

PRODUCT = "JamfProtect:"  # vendor of the ids of devices and processes

_TOKEN_FIELDS = (
    ("process.pid", "pid"),
    ("process.euid", "euid"),
    ("process.ruid", "ruid"),
    ("process.egid", "egid"),
    ("process.rgid", "rgid"),
)
_SIGNING = (
    "cdhash",
    "codesigning_flags",
    "cs_validation_category",
    "is_es_client",
    "is_platform_binary",
    "original_ppid",
    "session_id",
)
_STAT = (
    ("size", "st_size"),
    ("stat_mode", "st_mode"),
    ("stat_inode", "st_ino"),
    ("stat_dev", "st_dev"),
    ("stat_nlink", "st_nlink"),
    ("stat_flags", "st_flags"),
)
_TIMES = (
    ("last_modification_time", "st_mtimespec"),
    ("create_time", "st_birthtimespec"),
    ("last_access_time", "st_atimespec"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A place where a record describes a process, in full or in short, and when that is the one."""

    path: Path
    condition: Condition | None = None
    is_full: bool = True

    @property
    def token(self) -> Path:
        """Where the process's token is."""
        return (*self.path, "audit_token") if self.is_full else self.path


def process(noun: str, sources: Sequence[Source]) -> tuple[UdmValue, ...]:
    """Return the fields of a noun's process and its user."""
    above = f"{noun}."
    of_token = {name: _of_token(sources, key) for name, key in _TOKEN_FIELDS}
    full = [source for source in sources if source.is_full]
    path = first(_at(full, "executable", "path"), _of_token(sources, "exec_path"))
    return (
        *(Scalar(above + name, value, "published") for name, value in of_token.items()),
        Scalar(above + "user.user_display_name", user(sources), "published"),
        Scalar(above + "process.product_specific_process_id", _product_id(sources, "uuid"), "published"),
        Scalar(above + "process.file.full_path", path, "published"),
        Scalar(
            above + "process.file.signature_info.codesign.id",
            _at(sources, "signing_id"),
            "published",
        ),
        *(_in_full(above + "process.", full) if full else ()),
    )


def user(sources: Sequence[Source]) -> Value:
    """Return the name under which the process runs."""
    return _of_token(sources, "e_username")


def _in_full(above: str, sources: Sequence[Source]) -> tuple[UdmValue, ...]:
    parents = [Source((*s.path, "parent_audit_token"), s.condition, is_full=False) for s in sources]
    parent = above + "parent_process."
    return (
        Scalar(above + "parent_pid", _at(sources, "ppid"), "published"),
        Scalar(above + "pgid", _at(sources, "group_id"), "published"),
        Scalar(above + "tty", _at(sources, "tty", "path"), "published"),
        Scalar(
            above + "file.signature_info.codesign.team_id",
            _at(sources, "team_id"),
            "published",
        ),
        *_hashes(above + "file.", [_Place((*s.path, "executable"), s.condition) for s in sources]),
        *(Scalar(above + "parent_" + name, _of_token(parents, key), "published") for name, key in _TOKEN_FIELDS),
        Scalar(parent + "file.full_path", _at(parents, "exec_path"), "published"),
        Scalar(
            parent + "file.signature_info.codesign.id",
            _at(parents, "signing_id"),
            "published",
        ),
        Scalar(parent + "product_specific_process_id", _product_id(parents, "uuid"), "published"),
    )


def signing(noun: str, sources: Sequence[Source]) -> tuple[Label, ...]:
    """Label what is known of a process's code."""
    return tuple(Label(f"{noun}.{name}", _at(sources, name), "published") for name in _SIGNING)


def file(noun: str, full_path: Value, places: Sequence[Path]) -> tuple[UdmValue, ...]:
    """Return the fields of a noun's file, which is described at one of several places."""
    above = f"{noun}.file."
    return (
        Scalar(above + "full_path", full_path, "published"),
        *_hashes(above, [_Place(place) for place in places]),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path
    condition: Condition | None = None


def _hashes(above: str, places: Sequence[_Place]) -> tuple[UdmValue, ...]:
    """Return hashes, size, times and numbers of a file."""

    def read(*path: str) -> Value:
        return first(*(_if(place.condition, field(*place.path, *path)) for place in places))

    times = [(name, micros_of(read("stat", key))) for name, key in _TIMES]
    return (
        Scalar(above + "sha256", captured(read("sha256"), "^([0-9a-f]{64})$"), "published"),
        Scalar(above + "sha1", captured(read("sha1"), "^([0-9a-f]{40})$"), "published"),
        *(Scalar(above + name, read("stat", key), "published", "uint") for name, key in _STAT),
        *(Scalar(f"{above}{name}.seconds", quotient(time, 1_000_000), "published", "int") for name, time in times),
        *(Scalar(f"{above}{name}.nanos", remainder(time, 1_000_000, 1000), "published", "int") for name, time in times),
    )


def _product_id(sources: Sequence[Source], key: str) -> Value:
    return joined(PRODUCT, _of_token(sources, key))


def _of_token(sources: Sequence[Source], key: str) -> Value:
    """Take what the first token that counts has under a key."""
    return first(*(_if(source.condition, field(*source.token, key)) for source in sources))


def _at(sources: Sequence[Source], *keys: str) -> Value:
    """Take what the first process that counts has at a place."""
    return first(*(_if(source.condition, field(*source.path, *keys)) for source in sources))


def _if(condition: Condition | None, value: Value) -> Value:
    return value if condition is None else when(condition, value)
