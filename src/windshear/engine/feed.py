"""The feed of a scan: inputs read, normalised to the columns that the rules need, and counted.

Every record that was read ends as an event, in quarantine, or as skipped with a reason; the counts add up.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.batch import EventBatch, Late
from windshear.engine.demand import Demand
from windshear.engine.enrichment.enrichment import NOTHING_ADDED, Enrichment
from windshear.engine.identities import UDM, event_digests, udm_ids
from windshear.engine.input_report import InputReport
from windshear.engine.looks import Chosen, Looks
from windshear.engine.pile import Numbers
from windshear.engine.settle.detections import Json
from windshear.logs.catalogue import entity_types
from windshear.logs.event_reader import Event
from windshear.logs.event_text import EVENT_COLUMN, lines
from windshear.logs.intake import Events, Intake
from windshear.logs.known import Known
from windshear.logs.normalise import Normaliser
from windshear.logs.quarantine import Quarantined, Skipped, SourceProblem
from windshear.logs.readers.frames import JoinedLines
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read, source_name
from windshear.logs.record import RecordBatch
from windshear.udm.columns import Columns
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.schema import Root

_LINES = 1_000  # made together
_DAY = 86_400  # seconds: clocks and time zones differ
_FUTURE, _PAST = "a time more than a day in the future", "a time before 1970"


@dataclass(frozen=True, slots=True)
class Input:
    """What to read: files, folders or `-`, one log type for all or None to find out, and a time range (µs).

    mappings: the form of its fields that a log type is to have, where it is not the usual one.
    """

    sources: Sequence[str]
    log_type: str | None = None
    since: int | None = None
    until: int | None = None
    mappings: Mapping[str, str] = field(default_factory=dict)


class Feed:
    """Reads an input once. `report` grows while `batches` is consumed."""

    def __init__(
        self,
        given: Input,
        wanted: Demand | Columns,
        on_quarantine: Callable[[Quarantined], None],
        limits: Limits | None = None,
        standard_input: BinaryIO | None = None,
        *,
        enrichment: Enrichment = NOTHING_ADDED,
    ) -> None:
        """Prepare to read what is wanted; plain columns are read of every event.

        enrichment: what is added to events, their columns and their whole UDM alike.
        """
        self.report = InputReport()
        self._given = given
        self._named = frozenset(source_name(name) for name in given.sources)
        self._limits = limits
        self._standard_input = standard_input or sys.stdin.buffer
        self._on_quarantine = on_quarantine
        self._enrichment = enrichment
        self._wanted = wanted if isinstance(wanted, Demand) else Demand(wanted)
        self._looks: dict[str, Looks] = {}
        self._knowledge: dict[str, Known] = {}
        self._batch_size = (0, 0)  # records, bytes
        self._latest = (int(time.time()) + _DAY) * 1_000_000
        self._normaliser = Normaliser(mappings=given.mappings)
        self._intake = Intake(self._normaliser, lambda log_type: self._looks_at(log_type).first.asked, given.log_type)

    def batches(self) -> Iterator[EventBatch]:
        """Yield the events of the input, in the order of reading."""
        for item in read(self._given.sources, self._standard_input, self._limits):
            match item:
                case SourceProblem():
                    self.report.problems.append(item)
                case JoinedLines(lines, records):
                    self.report.joined_lines += lines
                    self.report.joined_records += records
                case Skipped():
                    self.report.read += item.count
                    self.report.with_records |= self._named & {item.source}
                    self._skip(item)
                case Quarantined():
                    self.report.read += 1
                    self.report.with_records |= self._named & {item.source}
                    self._quarantine(item)
                case batch:
                    yield from self._take_in(batch)
                    del item, batch  # before the next one is read
                    pa.default_memory_pool().release_unused()
        for skipped in self._intake.finish():
            self._skip(skipped)

    def _take_in(self, batch: RecordBatch) -> Iterator[EventBatch]:
        report = self.report
        report.read += len(batch)
        self._batch_size = (len(batch), batch.nbytes)
        report.bytes_read += batch.nbytes
        report.with_records |= self._named.intersection(batch.sources)
        for looks in self._looks.values():
            looks.begin(*self._batch_size)
        taken = self._intake.take_in(batch)
        report.read += taken.added
        for record in taken.quarantined:
            self._quarantine(record)
        for skipped in taken.skipped:
            self._skip(skipped)
        report.decisions = self._intake.decisions
        for events in taken.events:
            yield self._in_range(events)

    def whole_events(self, batch: EventBatch, rows: Numbers, digests: Sequence[bytes]) -> list[Event]:
        """Return the whole UDM of some events of a batch that are met for the first time, in canonical form.

        The feed was asked for the column of their texts. digests: the identities of their records.
        """
        root, events = _root(batch.log_type), list[Event]()
        for row, text in zip(
            rows.tolist(), batch.table.column(EVENT_COLUMN).take(pa.array(rows)).to_pylist(), strict=True
        ):
            event, problems = read_event(orjson.loads(text), root)
            if problems:  # larger than what is read from outside
                event = self._normaliser.normalise_full([batch.records.text(row)], batch.log_type)[0] or {}
            events.append(event)
        return self._completed(batch.log_type, events, digests, is_first=True)

    def event_lines(self, log_type: str, texts: pa.ChunkedArray, digests: Sequence[bytes]) -> Iterator[pa.StringArray]:
        """Yield the whole UDM of events as lines of proto-JSON, some at a time.

        texts: the column of the events' texts, if the feed was asked for it. digests: the identities of the records.
        """
        is_named = log_type == UDM or _root(log_type) != "udm"
        for start in range(0, len(digests), _LINES):  # larger ones are fresh memory each time
            part = texts.slice(start, _LINES).combine_chunks()
            yield lines(part, None if is_named else udm_ids(digests[start : start + _LINES]))

    def full_events(self, log_type: str, texts: Sequence[str]) -> Sequence[Json]:
        """Return the whole UDM of raw records, as proto-JSON."""
        events = [event or {} for event in self._normaliser.normalise_full(texts, log_type)]
        digests = event_digests(log_type, pa.array(texts, pa.string()))
        whole = self._completed(log_type, events, digests, is_first=False)
        return [write_event(event, _root(log_type)) for event in whole]

    def _completed(
        self, log_type: str, events: list[Event], digests: Sequence[bytes], *, is_first: bool
    ) -> list[Event]:
        """Give events their ids and what is added to them; what is UDM already has its own id, or none."""
        if log_type in entity_types():
            return events
        if log_type != UDM:
            for event, identity in zip(events, udm_ids(digests).to_pylist(), strict=True):
                metadata = event.get("metadata")
                if isinstance(metadata, dict):
                    metadata["id"] = identity
        self._enrichment.whole(events, counts=is_first)
        return events

    def _skip(self, item: Skipped) -> None:
        self.report.skipped.note(item.reason, f"{item.source}:{item.number}", item.count)

    def _quarantine(self, item: Quarantined) -> None:
        self.report.quarantined.note(item.reason, f"{item.source}:{item.number}")
        self._on_quarantine(item)

    def _in_range(self, events: Events) -> EventBatch:
        table, records = events.table, events.records
        self.report.events[events.log_type] += table.num_rows
        self.report.with_events |= _sources_of(records, self._named - self.report.with_events)
        self._note_odd_times(table.column("ts_us"), records)
        mask = _time_mask(table.column("ts_us"), self._given)
        if mask is not None:
            before = table.num_rows
            table, records = table.filter(mask), records.take(np.flatnonzero(mask.to_numpy()))
            self.report.outside_range += before - table.num_rows
        looks = self._looks_at(events.log_type)
        table = self._enrichment.added(table, looks.first.columns)
        late = None if looks.second is None else self._late(looks, looks.second, events, records)
        return EventBatch(events.log_type, table, records, late, known=self._known(events.log_type))

    def _looks_at(self, log_type: str) -> Looks:
        """Return how records of a log type are read."""
        if log_type not in self._looks:
            asked = self._wanted.asked(self._known(log_type))
            whole = Chosen.of(asked.whole, self._enrichment) if asked.whole else None
            self._looks[log_type] = Looks(Chosen.of(asked.columns, self._enrichment), whole)
            self._looks[log_type].begin(*self._batch_size)
        return self._looks[log_type]

    def _known(self, log_type: str) -> Known:
        """Return what is known of the events of a log type; always the same object."""
        if log_type not in self._knowledge:
            every, tested = self._wanted.every, self._wanted.tested
            own = {name for name in tested if name in every and not self._enrichment.fills(name, every[name])}
            self._knowledge[log_type] = self._normaliser.known(log_type, set().union(*(tested[name] for name in own)))
        return self._knowledge[log_type]

    def _note_odd_times(self, times: pa.ChunkedArray, records: RecordBatch) -> None:
        """Count events in the future or before 1970: clocks that are wrong, or fields that are misread."""
        for reason, is_odd in ((_FUTURE, pc.greater(times, self._latest)), (_PAST, pc.less(times, 0))):
            rows = np.flatnonzero(is_odd.to_numpy())
            if len(rows):
                origin = records.origin(int(rows[0]))
                self.report.odd_times.note(reason, f"{origin.source}:{origin.number}", len(rows))

    def _late(self, looks: Looks, second: Chosen, events: Events, records: RecordBatch) -> Late:
        """Return what gives all columns of candidates, and counts them."""
        looks.note(len(records))

        def late(rows: Numbers) -> pa.Table:
            looks.note_candidates(len(rows))
            found = self._normaliser.normalise(records.take(rows), events.log_type, second.asked, events.shape).table
            return self._enrichment.added(found, second.columns, counts=False)

        return late


def _root(log_type: str) -> Root:
    return "graph" if log_type in entity_types() else "udm"


def _sources_of(records: RecordBatch, wanted: frozenset[str]) -> set[str]:
    """Return which of some sources have a record among these."""
    if not wanted.intersection(records.sources):
        return set()
    return {records.sources[index] for index in np.unique(records.source_of)} & wanted


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
