"""The feed of a scan: inputs read, normalised to the columns that the rules need, and counted.

Every record that was read ends as an event, in quarantine, or as skipped with a reason; the counts add up.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.scan import EventBatch
from windshear.engine.settle.run import Json
from windshear.logs.intake import Decision, Events, Intake
from windshear.logs.normalise import Normaliser
from windshear.logs.quarantine import Quarantined, Skipped, SourceProblem
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.udm.columns import Columns
from windshear.udm.proto_json import write_event


@dataclass(frozen=True, slots=True)
class Input:
    """What to read: files, folders or `-`, one log type for all or None to find out, and a time range (µs)."""

    sources: Sequence[str]
    log_type: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(slots=True)
class InputReport:
    """What became of the input so far."""

    read: int = 0
    events: Counter[str] = field(default_factory=Counter)
    outside_range: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    skipped: dict[tuple[str, str], Skipped] = field(default_factory=dict)
    problems: list[SourceProblem] = field(default_factory=list)
    decisions: tuple[Decision, ...] = ()
    bytes_read: int = 0

    @property
    def quarantined_count(self) -> int:
        """Records in quarantine."""
        return sum(self.quarantined.values())

    @property
    def skipped_count(self) -> int:
        """Records that no parser claims."""
        return sum(item.count for item in self.skipped.values())

    def note_skipped(self, item: Skipped) -> None:
        """Count skipped records, together per source and reason."""
        known = self.skipped.get((item.source, item.reason))
        count = item.count + (known.count if known else 0)
        first = known.number if known else item.number
        self.skipped[item.source, item.reason] = Skipped(item.source, first, count, item.reason)


class Feed:
    """Reads an input once. `report` grows while `batches` is consumed."""

    def __init__(
        self,
        given: Input,
        columns: Columns,
        on_quarantine: Callable[[Quarantined], None],
        limits: Limits | None = None,
        standard_input: BinaryIO | None = None,
    ) -> None:
        """Prepare to read with the columns that the rules need."""
        self.report = InputReport()
        self._given = given
        self._limits = limits
        self._standard_input = standard_input or sys.stdin.buffer
        self._on_quarantine = on_quarantine
        self._normaliser = Normaliser()
        self._intake = Intake(self._normaliser, columns, given.log_type)

    def batches(self) -> Iterator[EventBatch]:
        """Yield the events of the input, in the order of reading."""
        for item in read(self._given.sources, self._standard_input, self._limits):
            match item:
                case SourceProblem():
                    self.report.problems.append(item)
                case Quarantined():
                    self.report.read += 1
                    self._quarantine(item)
                case batch:
                    self.report.read += len(batch)
                    self.report.bytes_read += batch.texts.nbytes
                    taken = self._intake.take_in(batch)
                    for record in taken.quarantined:
                        self._quarantine(record)
                    for skipped in taken.skipped:
                        self.report.note_skipped(skipped)
                    self.report.decisions = self._intake.decisions
                    for events in taken.events:
                        yield self._in_range(events)

    def full_events(self, log_type: str, texts: Sequence[str]) -> Sequence[Json]:
        """Return the whole UDM of raw records, as proto-JSON."""
        events = self._normaliser.normalise_full(texts, log_type)
        return [write_event(event or {}) for event in events]

    def _quarantine(self, item: Quarantined) -> None:
        self.report.quarantined[item.reason] += 1
        self._on_quarantine(item)

    def _in_range(self, events: Events) -> EventBatch:
        table, records = events.table, events.records
        self.report.events[events.log_type] += table.num_rows
        mask = _time_mask(table.column("ts_us"), self._given)
        if mask is not None:
            before = table.num_rows
            table, records = table.filter(mask), records.take(np.flatnonzero(mask.to_numpy()))
            self.report.outside_range += before - table.num_rows
        return EventBatch(events.log_type, table, records)


def _time_mask(times: pa.ChunkedArray, given: Input) -> pa.ChunkedArray | None:
    """Return which rows lie in `[since, until)`, or None where all do."""
    masks = []
    if given.since is not None:
        masks.append(pc.greater_equal(times, given.since))
    if given.until is not None:
        masks.append(pc.less(times, given.until))
    if not masks:
        return None
    return masks[0] if len(masks) == 1 else pc.and_(masks[0], masks[1])
