"""Corpora for measuring: real records replicated with fresh ids and times and partly unique values.

Replication flatters dictionaries and compression, so a share of the values that rules look at is made unique.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

_START = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
_USERS = 2_000
_ADDRESSES = 5_000
_HOT_SHARE = 0.2  # of events belong to one user, as in real tenants
_UNIQUE_SHARE = 0.3  # of events have a user agent of their own


def cloudtrail_seeds(folder: Path) -> list[dict[str, object]]:
    """Return the CloudTrail records of a folder (JSON Lines, arrays and `Records` files, plain or gzip)."""
    seeds = []
    for path in sorted(folder.rglob("*.json*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        seeds += [record for record in _records(raw) if "eventVersion" in record and "eventTime" in record]
    return seeds


def _records(raw: bytes) -> Iterator[dict[str, object]]:
    try:
        documents = [orjson.loads(raw)]
    except orjson.JSONDecodeError:
        documents = [orjson.loads(line) for line in raw.splitlines() if line.startswith(b"{")]
    for document in documents:
        listed = document.get("Records", [document]) if isinstance(document, dict) else document
        yield from (record for record in listed if isinstance(record, dict))


def write_cloudtrail(path: Path, seeds: list[dict[str, object]], size: int, seed: int = 7) -> int:
    """Write about `size` bytes of CloudTrail JSON Lines and return the number of records."""
    chooser = random.Random(seed)
    prepared = [orjson.dumps(record) for record in seeds]
    written = count = 0
    with path.open("wb") as stream:
        while written < size:
            record = orjson.loads(chooser.choice(prepared))
            _freshen(record, chooser, count)
            line = orjson.dumps(record) + b"\n"
            stream.write(line)
            written += len(line)
            count += 1
    return count


def _freshen(record: dict[str, object], chooser: random.Random, number: int) -> None:
    moment = _START + timedelta(milliseconds=90 * number + chooser.randrange(90))
    record["eventTime"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    record["eventID"] = f"{chooser.getrandbits(128):032x}"
    record["requestID"] = f"{chooser.getrandbits(64):016x}"
    address = chooser.randrange(_ADDRESSES)
    record["sourceIPAddress"] = f"10.{address >> 8 & 255}.{address & 255}.{chooser.randrange(1, 255)}"
    if chooser.random() < _UNIQUE_SHARE:
        record["userAgent"] = f"{record.get('userAgent', 'aws-cli')} run/{chooser.getrandbits(48):012x}"
    identity = record.get("userIdentity")
    if isinstance(identity, dict) and "userName" in identity:
        user = 0 if chooser.random() < _HOT_SHARE else chooser.randrange(1, _USERS)
        identity["userName"] = f"user-{user}"
        identity["arn"] = f"arn:aws:iam::{identity.get('accountId', '111122223333')}:user/user-{user}"
