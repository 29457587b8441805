"""Scan: batches of events through sift into the candidate store, and detections out of settle.

Memory is bounded: a batch's candidates go to a database that spills, their raw text to a compressed file. Rules
without a match section settle whenever enough candidates wait, and stream out; the others settle at the end, each
after the rules whose detections it reads: what these find is taken in like what was read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from windshear.detections.detection import Detection
from windshear.engine.batch import EventBatch
from windshear.engine.composite import compose, detection_slots
from windshear.engine.demand import demand
from windshear.engine.hits import HitCounter
from windshear.engine.partitions import Partitions, seen_only
from windshear.engine.plan import Plan
from windshear.engine.records import LOG_TYPES, batch_of_detections, full_records
from windshear.engine.rollups import add_rollups
from windshear.engine.settle.detections import Json, detections
from windshear.engine.settle.fields import PARTITION_BITS
from windshear.engine.settle.graph_setup import TABLE_ROW
from windshear.engine.settle.groups import qualifying_groups, suppressed
from windshear.engine.settle.lower import table_relation
from windshear.engine.settle.variables import records_of
from windshear.engine.sift.nodes import ALWAYS
from windshear.engine.sifting import Part, Sifting
from windshear.engine.spill import RawSpill
from windshear.engine.store import CandidateStore, SettleError, Slot, StoreLimits
from windshear.engine.table_rows import appending_slots, full_rows, row_batches
from windshear.udm.schema import Root

FullEvents = Callable[[str, Sequence[str]], Sequence[Json]]
SOURCES: tuple[Root, ...] = ("udm", "graph", "detection")
_HANDED_ON_TOGETHER = 200  # detections


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scan runs.

    detection_limit: detections rendered per rule (the service keeps
    10,000 per rule and day); the rest are counted. settle_at: waiting candidates at which rules without a match
    section settle. uses_sift: off, every event is a candidate of every rule, and the answer is the same.
    shows_samples: off, detections carry neither samples nor evidence, which is less work; those that other rules read
    keep their samples. listing: without samples, the rules whose detections still say which events are bound to them;
    None for all. now_seconds: what rules see as the time of the run. seed: what their random numbers depend on.
    pair_limit: combinations of events that the joins of one rule may compare; it is stopped before it makes more.
    """

    uses_sift: bool = True
    shows_samples: bool = True
    listing: frozenset[str] | None = None
    detection_limit: int = 10_000
    pair_limit: int = 500_000_000
    settle_at: int = 100_000
    memory_limit: str = "160MB"
    threads: int = 1
    now_seconds: int = 0
    seed: int = 0

    def lists_events_of(self, rule: str) -> bool:
        """Whether the detections of a rule say which events are bound to them."""
        return self.listing is None or rule in self.listing


@dataclass(slots=True)
class RuleCount:
    """What one rule did: candidates of all its variables, detections in all and how many were rendered.

    failure: why the rule stopped early, empty if it did not; what it had found until then stands.
    """

    candidates: int = 0
    detections: int = 0
    rendered: int = 0
    failure: str = ""


@dataclass(slots=True)
class Counts:
    """What a scan did so far. Detections that it found itself are not among `detections`."""

    events: int = 0
    entities: int = 0
    detections: int = 0
    candidates: int = 0
    duplicates: int = 0
    rules: dict[str, RuleCount] = field(default_factory=dict)


class Scan:
    """One run of a rule set over event batches. Use as a context manager: it owns temporary files."""

    def __init__(
        self,
        plans: Sequence[Plan],
        full_events: FullEvents,
        settings: Settings | None = None,
        unsettled: Collection[str] = (),
        partitions: Partitions | None = None,
    ) -> None:
        """Prepare a run. `full_events` gives the whole UDM (proto-JSON) of raw records of a log type.

        unsettled: rules that take every event as a candidate and only keep it, for an explanation. partitions: data
        sets that do not meet; plans and batches are then partitioned, too.
        """
        self.settings = settings or Settings()
        self.counts = Counts(rules={plan.facts.name: RuleCount() for plan in plans})
        self._plans = plans
        self._unsettled = frozenset(unsettled)
        self._full_events = full_events
        self._owners = {slot: plan for plan in plans for slot in plan.slots.values()}
        composition = compose(plans)
        self._order = composition.order
        self._readers = {name: detection_slots(plans, readers) for name, readers in composition.readers.items()}
        sifted = [replace(p, formulas=dict.fromkeys(p.formulas, ALWAYS)) if self._is_left(p) else p for p in plans]
        self._sifting = {source: Sifting(demand(sifted, source), self.settings.uses_sift) for source in SOURCES}
        self._partitions = partitions
        self._seen = partitions.seen(plans) if partitions else {}
        self._waiting = 0
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.push(self._resources)  # nothing stays behind if opening fails half-way
            self._open()
            opened.pop_all()
        return self

    def _open(self) -> None:
        directory = Path(self._resources.enter_context(tempfile.TemporaryDirectory(prefix="windshear-")))
        self._spill = RawSpill(self._resources.enter_context((directory / "raw").open("w+b")))
        appending = appending_slots(self._plans)
        slots = [
            Slot(
                number,
                plan.columns[name],
                plan.settles_at_end,
                number in self._sifting["udm"].late_slots,
                records_of(plan.rule, name),
                name in plan.identified,
                number in appending,
            )
            for plan in self._plans
            for name, number in plan.slots.items()
        ]
        limits = StoreLimits(
            self.settings.memory_limit,
            self.settings.threads,
            now_seconds=self.settings.now_seconds,
            seed=self.settings.seed,
            pairs=self.settings.pair_limit,
        )
        is_shared = not self.settings.uses_sift and self._partitions is None
        self._store = CandidateStore(directory, slots, limits, shares_piles=is_shared)
        self._resources.callback(self._store.close)
        self._hits = HitCounter(self._store)
        tables = {name: plan.lists.tables[name] for plan in self._plans for name in plan.tables}
        for name, rows in tables.items():
            self._store.add_table(table_relation(name), rows)
        graph = self._sifting["graph"]
        for batch, readers in row_batches(self._plans, graph.columns):
            parts = [part.only(readers) for part in graph.parts(batch)]
            names = frozenset(self._owners[slot].facts.name for slot in readers)
            for one in [batch] if self._partitions is None else self._partitions.copies(batch, names):
                self._add(one, parts)
        add_rollups(self._store, self._plans)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def feed(self, batch: EventBatch) -> Iterator[Detection]:
        """Take in a batch; yield the detections that are already certain."""
        self._count(batch)
        self._add(batch, self._sifting[batch.source].parts(batch))
        if self._waiting >= self.settings.settle_at:
            yield from self._settle_batch()

    def finish(self) -> Iterator[Detection]:
        """Yield all remaining detections."""
        pa.default_memory_pool().release_unused()  # what reading needed is for settle now
        yield from self._settle_batch()
        for plan in self._order:
            if plan.settles_at_end:
                yield from self._settle(plan)

    @property
    def store(self) -> CandidateStore:
        """Where candidates wait, of a run that is open."""
        return self._store

    def _count(self, batch: EventBatch) -> None:
        match batch.source:
            case "udm":
                self.counts.events += batch.table.num_rows
            case "graph":
                self.counts.entities += batch.table.num_rows
            case "detection":
                self.counts.detections += batch.table.num_rows

    def _add(self, batch: EventBatch, parts: Sequence[Part]) -> None:
        """Store the hit rows, and their raw text for the samples of detections."""
        if self._partitions is not None:
            parts = [seen_only(part, batch, self._seen) for part in parts]
        added = self._hits.add(batch, parts)
        if added is None:
            return
        if not all(map(self._is_left, self._plans)):
            self._spill.append(added.first, added.records.texts, batch.log_type)
        self.counts.candidates += len(added.records)
        self.counts.duplicates = self._store.duplicates
        for slot, count in added.stored.items():
            plan = self._owners[slot]
            self.counts.rules[plan.facts.name].candidates += count
            self._waiting += 0 if plan.settles_at_end else count

    def _settle_batch(self) -> Iterator[Detection]:
        """Settle the rules that look at one event at a time, and forget their candidates."""
        streaming = [plan for plan in self._plans if not plan.settles_at_end and not self._is_left(plan)]
        for plan in streaming:
            yield from self._settle(plan)
        self._store.clear(slot for plan in streaming for slot in plan.slots.values())
        self._waiting = 0

    def _is_possible(self, plan: Plan) -> bool:
        return not self._is_left(plan) and all(map(self._store.waiting, plan.required_slots))

    def _is_left(self, plan: Plan) -> bool:
        return plan.facts.name in self._unsettled

    def _settle(self, plan: Plan) -> Iterator[Detection]:
        count = self.counts.rules[plan.facts.name]
        if count.failure or not self._is_possible(plan):
            return
        try:
            self._store.open(plan.slots.values())
            groups = suppressed(plan, qualifying_groups(plan, self._store), self._store)
            shown = list(islice(groups, max(0, self.settings.detection_limit - count.rendered)))
            count.detections += len(shown) + sum(1 for _ in groups)
            count.rendered += len(shown)
            is_shown = self.settings.shows_samples or plan.facts.name in self._readers
            show, is_listed = (self._show if is_shown else None), self.settings.lists_events_of(plan.facts.name)
            found = detections(plan, shown, self._store, show, lists_events=is_listed)
            yield from self._handed_on(plan, found, count.rendered - len(shown) + 1)
        except SettleError as error:
            count.failure = str(error)

    def _handed_on(self, plan: Plan, found: Iterator[Detection], first: int) -> Iterator[Detection]:
        """Pass detections on, to the composite rules that read them as well; `first` is the number of the first."""
        slots = self._readers.get(plan.facts.name)
        if not slots:
            yield from found
            return
        waiting: list[Detection] = []

        def hand_on() -> None:
            batch = batch_of_detections(waiting, first, self._sifting["detection"].columns)
            batch = replace(batch, partitions=np.array([one.partition for one in waiting], np.int64))
            self._add(batch, [part.only(slots) for part in self._sifting["detection"].parts(batch)])

        try:
            for detection in found:
                waiting.append(detection)
                yield detection
                if len(waiting) == _HANDED_ON_TOGETHER:
                    hand_on()
                    first += len(waiting)
                    waiting.clear()
        except SettleError:
            hand_on()
            raise
        hand_on()

    def _show(self, numbers: Sequence[int]) -> Mapping[int, Json]:
        """Return the full events of some numbers, one normalising call per log type."""
        places = {number: number & 2**PARTITION_BITS - 1 for number in numbers}
        stored = self._spill.read(places.values())
        raw = {number: stored[place] for number, place in places.items()}
        by_type: dict[str, list[int]] = {}
        for number, (log_type, _) in raw.items():
            by_type.setdefault(log_type, []).append(number)
        events: dict[int, Json] = {}
        for log_type, some in by_type.items():
            texts = [raw[number][1] for number in some]
            if log_type == TABLE_ROW:
                full = full_rows(texts)
            elif log_type in LOG_TYPES.values():
                full = full_records(log_type, texts)
            else:
                full = self._full_events(log_type, texts)
            events.update(zip(some, full, strict=True))
        return events
