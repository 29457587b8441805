"""Scan: batches of events through sift into the candidate store, and detections out of settle.

Memory is bounded: a batch's candidates go to a database that spills, their raw text to a compressed file. Rules
without a match section settle whenever enough candidates wait, and stream out; the others settle at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from windshear.detections.detection import Detection
from windshear.engine.demand import all_columns, demand
from windshear.engine.identities import PRODUCT_LOG_ID, identities
from windshear.engine.pile import Numbers
from windshear.engine.plan import Plan
from windshear.engine.settle.detections import Json, detections
from windshear.engine.settle.fields import TIME
from windshear.engine.settle.groups import qualifying_groups, suppressed
from windshear.engine.settle.rows import NUMBER
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.nodes import Formula
from windshear.engine.spill import RawSpill
from windshear.engine.store import CandidateStore, SettleError, Slot, StoreLimits
from windshear.logs.record import RecordBatch
from windshear.udm.columns import Column

FullEvents = Callable[[str, Sequence[str]], Sequence[Json]]
Late = Callable[[Numbers], pa.Table]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scan runs.

    detection_limit: detections rendered per rule (the service keeps
    10,000 per rule and day); the rest are counted. settle_at: waiting candidates at which rules without a match
    section settle. uses_sift: off, every event is a candidate of every rule, and the answer is the same.
    """

    uses_sift: bool = True
    detection_limit: int = 10_000
    settle_at: int = 100_000
    memory_limit: str = "160MB"
    threads: int = 1


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events of one log type: flat columns with `ts_us` first, and the raw record of each row.

    late: gives, for some rows, a table with the late columns of the demand, too; None where `table` has them all.
    """

    log_type: str
    table: pa.Table
    records: RecordBatch
    late: Late | None = None

    def late_rows(self, rows: Numbers) -> pa.Table:
        """Return some rows with all columns that late slots read."""
        return self.table.take(pa.array(rows)) if self.late is None else self.late(rows)


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
    """What a scan did so far."""

    events: int = 0
    candidates: int = 0
    duplicates: int = 0
    rules: dict[str, RuleCount] = field(default_factory=dict)


def required_columns(plans: Iterable[Plan]) -> dict[str, Column]:
    """Return all columns that a rule set reads, for events that are at hand as a whole."""
    return all_columns(demand(plans))


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of a batch (`rows[i]` is the batch's row of row `i`) with what hits them."""

    table: pa.Table
    rows: Numbers
    hits: Mapping[int, Numbers]


class Scan:
    """One run of a rule set over event batches. Use as a context manager: it owns temporary files."""

    def __init__(self, plans: Sequence[Plan], full_events: FullEvents, settings: Settings | None = None) -> None:
        """Prepare a run. `full_events` gives the whole UDM (proto-JSON) of raw records of a log type."""
        self.settings = settings or Settings()
        self.counts = Counts(rules={plan.facts.name: RuleCount() for plan in plans})
        self._plans = plans
        self._full_events = full_events
        self._owners = {slot: plan for plan in plans for slot in plan.slots.values()}
        self._demand = demand(plans)
        self._sift = _filter(self._demand.early_formulas, self.settings)
        self._late_sift = _filter(self._demand.late_formulas, self.settings)
        self._next_number = 0
        self._waiting = 0
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        directory = Path(self._resources.enter_context(tempfile.TemporaryDirectory(prefix="windshear-")))
        self._spill = RawSpill(self._resources.enter_context((directory / "raw").open("w+b")))
        slots = [
            Slot(number, plan.columns[name], plan.settles_at_end, number in self._demand.late_formulas)
            for plan in self._plans
            for name, number in plan.slots.items()
        ]
        limits = StoreLimits(self.settings.memory_limit, self.settings.threads)
        self._store = CandidateStore(directory, slots, limits, shares_piles=not self.settings.uses_sift)
        self._resources.callback(self._store.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def feed(self, batch: EventBatch) -> Iterator[Detection]:
        """Take in a batch; yield the detections that are already certain."""
        self.counts.events += batch.table.num_rows
        self._add(batch, self._parts(batch))
        if self._waiting >= self.settings.settle_at:
            yield from self._settle_batch()

    def finish(self) -> Iterator[Detection]:
        """Yield all remaining detections."""
        pa.default_memory_pool().release_unused()  # what reading needed is for settle now
        yield from self._settle_batch()
        for plan in self._plans:
            if plan.settles_at_end:
                yield from self._settle(plan)

    def _parts(self, batch: EventBatch) -> list[_Part]:
        """Sift; rows that hit a late slot are looked at again with all columns."""
        hits = self._sift(batch.table)
        late = [rows for slot, rows in hits.items() if slot in self._demand.late_formulas]
        early = {slot: rows for slot, rows in hits.items() if slot not in self._demand.late_formulas}
        parts = [_Part(batch.table, np.arange(batch.table.num_rows), early)]
        if late:
            rows = np.unique(np.concatenate(late))
            table = batch.late_rows(rows)
            parts.append(_Part(table, rows, self._late_sift(table)))
        return [part for part in parts if part.hits]

    def _add(self, batch: EventBatch, parts: Sequence[_Part]) -> None:
        """Give the hit rows consecutive event numbers and store them."""
        is_hit = np.zeros(batch.table.num_rows, np.bool_)
        for part in parts:
            for found in part.hits.values():
                is_hit[part.rows[found]] = True
        rows = np.flatnonzero(is_hit)
        if not len(rows):
            return
        first = self._next_number
        self._next_number += len(rows)
        self.counts.candidates += len(rows)
        header, records = batch.table.select(_header(batch.table)), batch.records
        if len(rows) < len(records):
            header, records = header.take(pa.array(rows)), records.take(rows)
        self._spill.append(first, records.texts, batch.log_type)
        self._store.add_identities(identities(first, header, records, batch.log_type))
        self.counts.duplicates = self._store.duplicates
        numbers = np.where(is_hit, first - 1 + np.cumsum(is_hit), -1)
        for part in parts:
            events = part.table.append_column(NUMBER, pa.array(numbers[part.rows]))
            stored = self._store.add(events.append_column(TIME, part.table.column("ts_us")), part.hits)
            for slot, count in stored.items():
                plan = self._owners[slot]
                self.counts.rules[plan.facts.name].candidates += count
                self._waiting += 0 if plan.settles_at_end else count

    def _settle_batch(self) -> Iterator[Detection]:
        """Settle the rules that look at one event at a time, and forget their candidates."""
        streaming = [plan for plan in self._plans if not plan.settles_at_end]
        for plan in streaming:
            yield from self._settle(plan)
        self._store.clear(slot for plan in streaming for slot in plan.slots.values())
        self._waiting = 0

    def _settle(self, plan: Plan) -> Iterator[Detection]:
        count = self.counts.rules[plan.facts.name]
        if count.failure or not all(self._store.waiting(plan.slots[name]) for name in plan.rule.bounded):
            return
        try:
            self._store.open(plan.slots.values())
            groups = suppressed(plan, qualifying_groups(plan, self._store), self._store)
            shown = list(islice(groups, max(0, self.settings.detection_limit - count.rendered)))
            count.detections += len(shown) + sum(1 for _ in groups)
            count.rendered += len(shown)
            yield from detections(plan, shown, self._store, self._show)
        except SettleError as error:
            count.failure = str(error)

    def _show(self, numbers: Sequence[int]) -> Mapping[int, Json]:
        """Return the full events of some numbers, one normalising call per log type."""
        raw = self._spill.read(numbers)
        by_type: dict[str, list[int]] = {}
        for number, (log_type, _) in raw.items():
            by_type.setdefault(log_type, []).append(number)
        events: dict[int, Json] = {}
        for log_type, some in by_type.items():
            full = self._full_events(log_type, [raw[number][1] for number in some])
            events.update(zip(some, full, strict=True))
        return events


def _header(table: pa.Table) -> list[str]:
    return [name for name in ("ts_us", PRODUCT_LOG_ID) if name in table.column_names]


def _filter(formulas: Mapping[int, Formula], settings: Settings) -> Callable[[pa.Table], Mapping[int, Numbers]]:
    """Return what gives the candidate rows of a table per slot."""
    if settings.uses_sift:
        return compile_sift(list(formulas.items())).apply

    def everything(table: pa.Table) -> Mapping[int, Numbers]:
        return dict.fromkeys(formulas, np.arange(table.num_rows)) if table.num_rows else {}

    return everything
