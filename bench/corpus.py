"""Corpora for measuring: real records replicated with fresh ids and times and partly unique values.

Replication flatters dictionaries and compression, so a share of the values that rules look at is made unique. Real
records hardly ever hold what a rule is for, so one in a thousand events may be of a rare kind: written records that the
rules are known to fire on. The same seed records, size and seed number give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from windshear.logs.catalogue import log_types
from windshear.logs.detect import Recognised, identify
from windshear.logs.normalise import Normaliser
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch, batch_of

Record = dict[str, object]

_START = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
_MILLISECONDS_APART = 90
_USERS = 2_000
_HOSTS = 1_000
_ADDRESSES = 5_000
_HOT_SHARE = 0.2  # of events belong to one user, as in real tenants
_UNIQUE_SHARE = 0.3  # of events have a user agent or command line of their own
_RARE_SHARE = 0.001  # of events are of the rare kind, where there is one

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_AUDIT_ID = re.compile(r"\b\d{10}\.\d{3}:\d+\b")  # seconds, milliseconds and serial of the Linux audit log
_GUID = re.compile(r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file of JSON Lines: its records and bytes."""

    path: Path
    records: int
    size: int


@dataclass(frozen=True, slots=True)
class Seeds:
    """Records to replicate, as JSON; `rare` may be empty."""

    log_type: str
    usual: Sequence[bytes]
    rare: Sequence[bytes]
    shape: str = ""


class NoSeedsError(Exception):
    """No real record of the wanted log type was found to replicate."""


def find_seeds(real: Iterable[Path], written: Iterable[Path], log_type: str) -> Seeds:
    """Return the records of one log type to replicate: real ones, and written ones as the rare kind."""
    found = [seeds for seeds in all_seeds(real) if seeds.log_type == log_type]
    if not found:
        raise NoSeedsError(f"no record of {log_type} below {', '.join(map(str, real))}")
    # One file of a real log holds one shape: the most frequent one is taken.
    most = max(found, key=lambda seeds: len(seeds.usual))
    rare = [seeds.usual for seeds in all_seeds(written) if (seeds.log_type, seeds.shape) == (log_type, most.shape)]
    return replace(most, rare=rare[0] if rare else [])


def all_seeds(folders: Iterable[Path]) -> list[Seeds]:
    """Return the records below some folders as JSON, by log type and shape, byte-equal ones once."""
    found: dict[tuple[str, str], dict[bytes, None]] = {}
    for item in read([str(folder) for folder in folders], io.BytesIO()):
        if isinstance(item, RecordBatch):
            for text in item.texts.to_pylist():
                recognised = _recognised(text)
                if recognised is not None:
                    found.setdefault((recognised.log_type, recognised.shape), {})[text.encode()] = None
    seeds = [
        Seeds(log_type, _events(list(texts), log_type, shape), [], shape)
        for (log_type, shape), texts in sorted(found.items())
    ]
    return [one for one in seeds if one.usual]


def _events(texts: Sequence[bytes], log_type: str, shape: str) -> list[bytes]:
    """Return the records that are events: what is broken costs other work than what is measured."""
    records = batch_of([text.decode() for text in texts])
    return [texts[row] for row in Normaliser().normalise(records, log_type, {}, shape).rows]


def build(folder: Path, seeds: Seeds, size: int, seed: int = 7) -> Corpus:
    """Return a corpus of about `size` bytes, written below `folder` unless one of the same parameters is there."""
    origin = hashlib.sha256(b"\n".join([*seeds.usual, b"", *seeds.rare])).hexdigest()[:12]
    path = folder / f"{_slug(seeds)}-{size}-{seed}-{origin}.jsonl"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        write(unfinished, seeds, size, seed)
        unfinished.rename(path)
    with path.open("rb") as stream:
        return Corpus(
            path, sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")), path.stat().st_size
        )


def _slug(seeds: Seeds) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{seeds.log_type} {seeds.shape}".lower()).strip("-")


def sample(corpus: Corpus, records: int) -> Corpus:
    """Return the first records of a corpus as a corpus beside it."""
    path = corpus.path.with_name(f"{corpus.path.stem}-first-{records}.jsonl")
    count = 0
    with corpus.path.open("rb") as stream, path.open("wb") as target:
        for count, line in enumerate(stream, start=1):
            target.write(line)
            if count == records:
                break
    return Corpus(path, count, path.stat().st_size)


def write(path: Path, seeds: Seeds, size: int, seed: int) -> None:
    """Write fresh variants of randomly chosen records until `size` bytes are reached."""
    chooser = random.Random(seed)
    freshen = _FRESHEN.get(seeds.log_type, _any_record)
    written = count = 0
    with path.open("wb") as stream:
        while written < size:
            is_rare = bool(seeds.rare) and chooser.random() < _RARE_SHARE
            record = orjson.loads(chooser.choice(seeds.rare if is_rare else seeds.usual))
            offset = _MILLISECONDS_APART * count + chooser.randrange(_MILLISECONDS_APART)
            freshen(record, _START + timedelta(milliseconds=offset), chooser)
            written += stream.write(orjson.dumps(record) + b"\n")
            count += 1


def _recognised(text: str) -> Recognised | None:
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    found = identify(record) if isinstance(record, dict) else None
    return found if isinstance(found, Recognised) else None


def _cloudtrail(record: Record, moment: datetime, chooser: random.Random) -> None:
    record["eventTime"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    record["eventID"] = _guid(chooser)
    record["requestID"] = _guid(chooser)
    record["sourceIPAddress"] = _address(chooser)
    if chooser.random() < _UNIQUE_SHARE:
        record["userAgent"] = f"{record.get('userAgent', 'aws-cli')} run/{chooser.getrandbits(48):012x}"
    identity = record.get("userIdentity")
    if isinstance(identity, dict) and "userName" in identity:
        user = _user(chooser)
        identity["userName"] = user
        identity["arn"] = f"arn:aws:iam::{identity.get('accountId', '111122223333')}:user/{user}"


def _sysmon(record: Record, moment: datetime, chooser: random.Random) -> None:
    written = moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
    for key in ("UtcTime", "CreationUtcTime", "EventTime"):
        if key in record:
            record[key] = written
    for key in ("@timestamp", "TimeCreated"):
        if key in record:
            record[key] = written.replace(" ", "T") + "Z"
    for key in ("ProcessGuid", "ParentProcessGuid", "LogonGuid"):
        if key in record:
            record[key] = "{" + _guid(chooser) + "}"
    if "Hostname" in record:
        record["Hostname"] = f"host-{chooser.randrange(_HOSTS)}.example.com"
    if "User" in record:
        record["User"] = f"EXAMPLE\\{_user(chooser)}"
    if "CommandLine" in record and chooser.random() < _UNIQUE_SHARE:
        record["CommandLine"] = f"{record['CommandLine']} --run {chooser.getrandbits(48):012x}"


def _entra(record: Record, moment: datetime, chooser: random.Random) -> None:
    written = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    inner = record.get("properties")
    user = _user(chooser)
    fresh = {
        "time": written,
        "createdDateTime": written,
        "id": _guid(chooser),
        "correlationId": _guid(chooser),
        "ipAddress": _address(chooser),
        "callerIpAddress": _address(chooser),
        "userPrincipalName": f"{user}@example.com",
        "userDisplayName": user,
        "timeGenerated": written,
    }
    for part in (record, inner if isinstance(inner, dict) else {}):
        for key in part:
            value = fresh.get(key[0].lower() + key[1:] if key != "IPAddress" else "ipAddress")
            if value is not None:
                part[key] = value


def _any_record(record: Record, moment: datetime, chooser: random.Random) -> None:
    """Make every identifier and time fresh, wherever it stands; equal identifiers stay equal."""
    fresh: dict[str, str] = {}
    for key, value in record.items():
        record[key] = _freshened(value, moment, fresh, chooser)


def _freshened(value: object, moment: datetime, fresh: dict[str, str], chooser: random.Random) -> object:
    match value:
        case dict():
            return {key: _freshened(inner, moment, fresh, chooser) for key, inner in value.items()}
        case list():
            return [_freshened(inner, moment, fresh, chooser) for inner in value]
        case str() if found := _TIME.fullmatch(value):
            return moment.isoformat(value[10], "milliseconds").removesuffix("+00:00") + (found[2] or "")
        case str() if value.startswith("{") and value.endswith("}"):  # an object as text, or an identifier in braces
            try:
                inner = orjson.loads(value)
            except orjson.JSONDecodeError:
                return _with_fresh_ids(value, fresh, chooser)
            return orjson.dumps(_freshened(inner, moment, fresh, chooser)).decode()
        case str():
            return _with_fresh_ids(value, fresh, chooser)
        case _:
            return value


def _with_fresh_ids(text: str, fresh: dict[str, str], chooser: random.Random) -> str:
    text = _AUDIT_ID.sub(lambda found: fresh.setdefault(found[0], _audit_id(chooser)), text)
    return _GUID.sub(lambda found: fresh.setdefault(found[0], _guid(chooser)), text)


def _audit_id(chooser: random.Random) -> str:
    second = int(_START.timestamp()) + chooser.randrange(86_400)
    return f"{second}.{chooser.randrange(1_000):03d}:{chooser.getrandbits(40)}"


def _user(chooser: random.Random) -> str:
    return f"user-{0 if chooser.random() < _HOT_SHARE else chooser.randrange(1, _USERS)}"


def _address(chooser: random.Random) -> str:
    number = chooser.randrange(_ADDRESSES)
    return f"10.{number >> 8}.{number & 255}.{number % 251 + 1}"


def _guid(chooser: random.Random) -> str:
    digits = f"{chooser.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


_FRESHEN: Mapping[str, Callable[[Record, datetime, random.Random], None]] = {
    "AWS_CLOUDTRAIL": _cloudtrail,
    "WINDOWS_SYSMON": _sysmon,
    "AZURE_AD": _entra,
}
LOG_TYPES = (*_FRESHEN, *(log_type for log_type in log_types() if log_type not in _FRESHEN))
