"""What could not become an event: broken records with their text and reason, and sources that were passed over.

Nothing is dropped silently: every record that was read ends as an event, as `Quarantined` (it should have been one),
or is counted in a `Skipped` (it is no log that we read).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Literal

import orjson

# `partial`: some of it was read. `unreadable`: missing or broken from the start. `not logs`: nothing that we read.
ProblemKind = Literal["partial", "unreadable", "not logs"]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One record that could not be read as an event."""

    source: str
    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Records of one source that no parser claims; `number` is the first of them."""

    source: str
    number: int
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """A source that could not be read, or not to its end."""

    source: str
    reason: str
    kind: ProblemKind


def write_quarantine(records: Iterable[Quarantined], stream: BinaryIO) -> int:
    """Write one JSON line per record and return their number."""
    count = 0
    for record in records:
        stream.write(orjson.dumps(record) + b"\n")
        count += 1
    return count
