"""Feeding: the data sets of many trials as batches that say which rows are whose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import orjson
import pyarrow as pa

from windshear.context.records import BrokenRecord, ContextRecord
from windshear.engine.batch import EventBatch
from windshear.engine.demand import required_columns, slots_over
from windshear.engine.enrichment.supplied import supplied_by
from windshear.engine.inline import UDM
from windshear.engine.plan import Plan
from windshear.engine.records import batch_of_records, detection_text
from windshear.logs.intake import Intake
from windshear.logs.normalise import Normaliser
from windshear.logs.record import RecordBatch, join_batches
from windshear.ruletest.odd_events import described
from windshear.ruletest.trial import Data
from windshear.udm.columns import merge
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.rows import to_table
from windshear.udm.schema import Root

_ROWS = 50_000  # of a batch
_OWNER = "\x1f"  # stands between the number of a data set and the name of its source


class Feeding:
    """Feeds data sets, numbered from 1. `unread` and `read` grow: per data set what is no event, and how many are."""

    def __init__(self, data: Sequence[Data], plans: Sequence[Plan], normaliser: Normaliser) -> None:
        """Prepare to give what plans read."""
        self.unread: list[list[str]] = [[] for _ in data]
        self.read = [0] * len(data)
        self._data = data
        self._plans = plans
        self._normaliser = normaliser
        self._columns = required_columns(plans)
        by_context = {id(one.context): supplied_by(one.context).enrichment for one in data}
        self._enrichments = list({id(found): found for found in by_context.values() if not found.is_nothing}.values())
        places = {id(found): place for place, found in enumerate(self._enrichments, start=1)}
        # Which enrichment each data set has, by its number; 0 is none.
        self._enriched = np.array([0, *(places.get(id(by_context[id(one.context)]), 0) for one in data)], np.int64)
        self._asked = merge([found.asked(self._columns) for found in self._enrichments] or [self._columns])

    def batches(self) -> Iterator[EventBatch]:
        """Yield all records: entities, earlier detections, then events."""
        yield from self._context("graph")
        yield from self._context("detection")
        yield from self._events()
        yield from self._records()

    def full_events(self, log_type: str, texts: Sequence[str]) -> Sequence[Mapping[str, object]]:
        """Return the whole UDM of raw records, as proto-JSON."""
        if log_type == UDM:
            events = [read_event(orjson.loads(text))[0] for text in texts]
        else:
            events = [event or {} for event in self._normaliser.normalise_full(texts, log_type)]
        for enrichment in self._enrichments:  # where whole events matter, all data sets have the same
            enrichment.whole(events, counts=False)
        return [write_event(event) for event in events]

    def _context(self, root: Root) -> Iterator[EventBatch]:
        if not any(slots_over(plan, root) for plan in self._plans):
            return
        found: list[tuple[int, ContextRecord]] = []
        for number, data in enumerate(self._data, start=1):
            source = data.context.entities if root == "graph" else data.context.detections
            for record in source.read() if source is not None else ():
                if isinstance(record, BrokenRecord):
                    self.unread[number - 1].append(f"{record.source}:{record.number}: {record.reason}")
                else:
                    found.append((number, record))
        columns = required_columns(self._plans, root)
        for start in range(0, len(found), _ROWS):
            some = found[start : start + _ROWS]
            records = [record for _, record in some]
            texts = [detection_text(record.value) if root == "detection" else record.text for record in records]
            raw = _raw(texts, [(number, record.source, record.number) for number, record in some])
            batch = batch_of_records(root, [record.value for record in records], raw, columns)
            yield replace(batch, partitions=_owners(raw))

    def _events(self) -> Iterator[EventBatch]:
        texts: list[str] = []
        events: list[dict[str, object]] = []
        places: list[tuple[int, str, int]] = []
        for number, data in enumerate(self._data, start=1):
            self.read[number - 1] += len(data.events)
            for place, written in enumerate(data.events, start=1):
                event, problems = read_event(written)
                self.unread[number - 1] += [f"event {place}: {described(problem)}" for problem in problems]
                texts.append(orjson.dumps(written).decode())
                events.append(event)
                places.append((number, "events", place))
        for start in range(0, len(texts), _ROWS):
            stop = start + _ROWS
            raw = _raw(texts[start:stop], places[start:stop])
            yield from self._batches(UDM, to_table(events[start:stop], self._asked), raw)

    def _records(self) -> Iterator[EventBatch]:
        by_type: dict[str | None, list[RecordBatch]] = {}
        for number, data in enumerate(self._data, start=1):
            for records in data.records:
                by_type.setdefault(records.log_type, []).append(_owned(records.batch, number))
        for log_type, parts in by_type.items():
            whole = join_batches(parts)
            intake = Intake(self._normaliser, lambda _: self._asked, log_type)
            for start in range(0, len(whole), _ROWS):
                taken = intake.take_in(whole.slice(start, start + _ROWS))
                for record in taken.quarantined:
                    self._note(record.source, record.number, record.reason)
                for skipped in taken.skipped:
                    self._note(skipped.source, skipped.number, skipped.reason, skipped.count)
                for events in taken.events:
                    for number, count in zip(*np.unique(_owners(events.records), return_counts=True), strict=True):
                        self.read[int(number) - 1] += int(count)
                    yield from self._batches(events.log_type, events.table, events.records)
            for skipped in intake.finish():
                self._note(skipped.source, skipped.number, skipped.reason, skipped.count)

    def _batches(self, log_type: str, table: pa.Table, records: RecordBatch) -> Iterator[EventBatch]:
        """Yield events with what the context of each data set adds to them."""
        owners = _owners(records)
        if not self._enrichments:
            yield EventBatch(log_type, table, records, partitions=owners)
            return
        of_rows = self._enriched[owners]
        for place in np.unique(of_rows):
            rows = np.flatnonzero(of_rows == place)
            part = table.take(pa.array(rows))
            if place:
                part = self._enrichments[place - 1].added(part, self._columns)
            yield EventBatch(log_type, part, records.take(rows), partitions=owners[rows])

    def _note(self, source: str, number: int, reason: str, count: int = 1) -> None:
        owner, _, name = source.partition(_OWNER)
        more = f" (and {count - 1:,} more)" if count > 1 else ""
        self.unread[int(owner) - 1].append(f"{name}:{number}: {reason}{more}")


def place_of(source: str) -> str:
    """Return where a record was read, without whose it is."""
    return source.rpartition(_OWNER)[2]


def _raw(texts: Sequence[str], places: Sequence[tuple[int, str, int]]) -> RecordBatch:
    names = [f"{owner}{_OWNER}{source}" for owner, source, _ in places]
    sources = tuple(dict.fromkeys(names))
    place = {name: index for index, name in enumerate(sources)}
    return RecordBatch(
        pa.array(texts, pa.string()),
        sources,
        np.array([place[name] for name in names], np.int64),
        np.array([number for _, _, number in places], np.int64),
    )


def _owned(batch: RecordBatch, owner: int) -> RecordBatch:
    return replace(batch, sources=tuple(f"{owner}{_OWNER}{source}" for source in batch.sources))


def _owners(records: RecordBatch) -> np.typing.NDArray[np.int64]:
    """Return whose each record is."""
    owners = np.array([int(source.partition(_OWNER)[0]) for source in records.sources], np.int64)
    return owners[records.source_of]
