"""Scan: batches of events through sift into the candidate store, and detections out of settle.

Memory is bounded: a batch's candidates go to a database that spills, their raw text to a compressed file. Rules
without a match section settle whenever enough candidates wait, and stream out; the others settle at the end, each
after the rules whose detections it reads: what these find is taken in like what was read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from windshear.detections.detection import Detection
from windshear.engine.batch import EventBatch
from windshear.engine.composite import compose, detection_slots
from windshear.engine.demand import demand, slots_over
from windshear.engine.hits import HitCounter
from windshear.engine.partitions import Partitions, seen_only
from windshear.engine.plan import Plan
from windshear.engine.records import batch_of_detections, is_of_elements
from windshear.engine.rollups import add_rollups
from windshear.engine.settle.detections import Show, detections
from windshear.engine.settle.groups import qualifying_groups, suppressed
from windshear.engine.settle.lower import table_relation
from windshear.engine.settle.variables import records_of
from windshear.engine.sift.nodes import ALWAYS
from windshear.engine.sifting import Part, Sifting
from windshear.engine.spill import RawSpill
from windshear.engine.store import CandidateStore, SettleError, Slot, StoreLimits
from windshear.engine.table_rows import appending_slots, row_batches
from windshear.engine.whole_events import FullEvents, WholeEvents
from windshear.udm.schema import Root

SOURCES: tuple[Root, ...] = ("udm", "graph", "detection")
_TAKEN_IN_TOGETHER = 200  # detections
_MADE_TOGETHER = 1_000  # events in full
_LISTED_TOGETHER = 10_000  # references to events


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scan runs.

    detection_limit: detections rendered per rule (the service keeps
    10,000 per rule and day); the rest are counted. settle_at: waiting candidates at which rules without a match
    section settle. uses_sift: off, every event is a candidate of every rule, and the answer is the same. shows_events:
    off, the samples of detections say what is true of an event but do not hold it, which is less work.
    shows_samples: off, detections carry neither samples nor evidence, which is still less. listing: without samples,
    the rules whose detections still say which events are bound to them; None for all. now_seconds: what rules see as
    the time of the run. seed: what their random numbers depend on. pair_limit: combinations of events that the joins of
    one rule may compare; it is stopped before it makes more.
    """

    uses_sift: bool = True
    shows_events: bool = True
    shows_samples: bool = True
    listing: frozenset[str] | None = None
    detection_limit: int = 10_000
    pair_limit: int = 500_000_000
    settle_at: int = 100_000
    memory_limit: str = "144MB"
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
        self._reads_elements = any(map(is_of_elements, self._sifting["detection"].columns))
        self._partitions = partitions
        self._seen = partitions.seen(plans) if partitions else {}
        self._waiting = 0
        self._kept: dict[str, tuple[int, list[Detection]]] = {}  # for composite rules: by rule, number of the first
        self._kept_count = 0
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
        self._events = WholeEvents(self._spill, self._full_events)
        appending = appending_slots(self._plans)
        slots = [
            Slot(
                number,
                plan.columns[name],
                plan.settles_at_end,
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
            yield from self._with_events(self._settle_batch())

    def finish(self) -> Iterator[Detection]:
        """Yield all remaining detections."""
        pa.default_memory_pool().release_unused()  # what reading needed is for settle now
        yield from self._with_events(chain(self._settle_batch(), self._settle_at_end()))

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

    def _settle_at_end(self) -> Iterator[Detection]:
        for plan in self._order:
            if slots_over(plan, "detection"):
                self._take_in_kept()
            if plan.settles_at_end:
                yield from self._settle(plan)
        self._take_in_kept()

    def _with_events(self, found: Iterable[Detection]) -> Iterator[Detection]:
        """Hold detections back until enough of their events are asked for, and fill these in together."""
        if not self.settings.shows_events:
            yield from found
            return
        waiting: list[Detection] = []
        listed = 0
        for detection in found:
            waiting.append(detection)
            listed += sum(len(bound.references) for bound in detection.bound.values())
            if not self._events.asked or self._events.asked >= _MADE_TOGETHER or listed >= _LISTED_TOGETHER:
                self._events.make()
                yield from waiting
                waiting.clear()
                listed = 0
        self._events.make()
        yield from waiting

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
            show, is_listed = self._show(plan.facts.name), self.settings.lists_events_of(plan.facts.name)
            found = detections(plan, shown, self._store, show, lists_events=is_listed)
            yield from self._handed_on(plan, found, count.rendered - len(shown) + 1)
        except SettleError as error:
            count.failure = str(error)

    def _handed_on(self, plan: Plan, found: Iterator[Detection], first: int) -> Iterator[Detection]:
        """Pass detections on, and keep them for the composite rules that read them; `first` numbers the first."""
        name = plan.facts.name
        for number, detection in enumerate(found, first):
            if name in self._readers:
                self._kept.setdefault(name, (number, []))[1].append(detection)
                self._kept_count += 1
            yield detection
            if self._kept_count >= _TAKEN_IN_TOGETHER or self._events.asked >= _MADE_TOGETHER:
                self._take_in_kept()

    def _take_in_kept(self) -> None:
        """Store the detections that were kept, as candidates of composite rules."""
        if self._reads_elements:
            self._events.make()
        sifting = self._sifting["detection"]
        for name, (first, found) in self._kept.items():
            batch = batch_of_detections(found, first, sifting.columns)
            batch = replace(batch, partitions=np.array([one.partition for one in found], np.int64))
            self._add(batch, [part.only(self._readers[name]) for part in sifting.parts(batch)])
        self._kept.clear()
        self._kept_count = 0

    def _show(self, rule: str) -> Show | None:
        """Return what gives the samples of a rule their records."""
        if self._reads_elements and rule in self._readers:
            return self._events.ask
        if self.settings.shows_samples:
            return self._events.ask if self.settings.shows_events else self._events.ask_but_events
        return None
