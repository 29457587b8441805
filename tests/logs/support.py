"""What the tests of the logs package share: reading a text the way a scan does."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from windshear.logs.catalogue import entity_types
from windshear.logs.intake import Events, Intake
from windshear.logs.normalise import Normaliser, ingest_connection
from windshear.logs.quarantine import Quarantined, Skipped, SourceProblem
from windshear.logs.readers.frames import JoinedLines
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch
from windshear.udm.columns import Column, Columns, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.schema import Root

TEXT = ScalarColumn("text")
TEXTS = ListColumn("text")
COLUMNS: dict[str, Column] = {
    "metadata.event_type": TEXT,
    "metadata.product_event_type": TEXT,
    "principal.hostname": TEXT,
    "principal.ip": TEXTS,
    "target.user.userid": TEXT,
    "security_result": MessagesColumn({"action": TEXTS, "rule_id": TEXT}),
}


@dataclass
class Taken:
    """Everything that became of an input."""

    records: int = 0
    events: list[Events] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[SourceProblem] = field(default_factory=list)
    joined_lines: int = 0
    joined_records: int = 0

    @property
    def count(self) -> int:
        """Records that ended somewhere."""
        events = sum(len(part.records) for part in self.events)
        return events + len(self.quarantined) + sum(part.count for part in self.skipped)

    def rows(self) -> list[dict[str, object]]:
        """Return the events' columns in order of reading."""
        numbered = [
            (part.records.origin(index), row)
            for part in self.events
            for index, row in enumerate(part.table.to_pylist())
        ]
        return [row for _, row in sorted(numbered, key=lambda pair: (pair[0].source, pair[0].number))]


def take(
    inputs: list[str] | bytes | Path,
    columns: Columns | None = None,
    log_type: str | None = None,
    limits: Limits | None = None,
    normaliser: Normaliser | None = None,
) -> Taken:
    """Read inputs (bytes are standard input) and take them in; every record must end somewhere."""
    stream = io.BytesIO(inputs if isinstance(inputs, bytes) else b"")
    names = ["-"] if isinstance(inputs, bytes) else [str(inputs)] if isinstance(inputs, Path) else inputs
    asked = COLUMNS if columns is None else columns
    intake = Intake(normaliser or Normaliser(), lambda _: asked, log_type)
    taken = Taken()
    for item in read(names, stream, limits):
        match item:
            case RecordBatch():
                taken.records += len(item)
                result = intake.take_in(item)
                taken.records += result.added
                taken.events += result.events
                taken.quarantined += result.quarantined
                taken.skipped += result.skipped
            case Quarantined():
                taken.records += 1
                taken.quarantined.append(item)
            case Skipped():
                taken.records += item.count
                taken.skipped.append(item)
            case SourceProblem():
                taken.problems.append(item)
            case JoinedLines():
                taken.joined_lines += item.lines
                taken.joined_records += item.records
    taken.skipped += intake.finish()
    assert taken.records == taken.count
    return taken


@lru_cache(maxsize=4)
def normaliser_of(_log_type: str, threads: int = 1) -> Normaliser:
    """Return a normaliser for samples of a log type, whose statements are planned once."""
    return Normaliser(ingest_connection(threads))


def begin_anew_after(taken: Taken) -> None:
    """Let the next sample be read by statements that have met nothing broken: they are more careful from then on."""
    if taken.quarantined or taken.skipped:
        normaliser_of.cache_clear()


def json_lines(*records: object) -> bytes:
    """Write records as JSON Lines; a text is a line of its own."""
    return b"".join((r if isinstance(r, str) else json.dumps(r)).encode() + b"\n" for r in records)


def full_events(taken: Taken, normaliser: Normaliser) -> list[dict[str, Any]]:
    """Return the whole events as proto-JSON, in order of reading."""
    numbered = []
    for part in taken.events:
        root: Root = "graph" if part.log_type in entity_types() else "udm"
        events = normaliser.normalise_full(part.records.texts.to_pylist(), part.log_type)
        for event in events:
            assert event is not None
            # canonical: nothing empty, nothing that is not UDM
            assert read_event(write_event(event, root), root) == (event, [])
        origins = [part.records.origin(index).number for index in range(len(events))]
        numbered += [(number, write_event(event, root)) for number, event in zip(origins, events, strict=True) if event]
    return [event for _, event in sorted(numbered, key=lambda pair: pair[0])]
