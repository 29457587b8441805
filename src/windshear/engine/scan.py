"""Scan: batches of events through sift into the candidate store, and detections out of settle.

Memory is bounded: a batch's candidates go to a database that spills, their raw text to a compressed file. Rules
without a match section settle whenever enough candidates wait, and stream out; the others settle at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.detections.detection import Detection, event_id
from windshear.detections.merging import Strategy
from windshear.engine.plan import Plan
from windshear.engine.settle.fields import TIME
from windshear.engine.settle.rows import NUMBER
from windshear.engine.settle.run import Json, detections, qualifying_groups, suppressed
from windshear.engine.sift.compile import Sift, compile_sift
from windshear.engine.spill import RawSpill
from windshear.engine.store import CandidateStore, Numbers
from windshear.logs.record import RecordBatch
from windshear.udm.columns import Column, ScalarColumn, merge

PRODUCT_LOG_ID = "metadata.product_log_id"
_HEADER: dict[str, Column] = {PRODUCT_LOG_ID: ScalarColumn("text")}

FullEvents = Callable[[str, Sequence[str]], Sequence[Json]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a scan runs.

    strategy: how overlapping hop windows merge. detection_limit: detections rendered per rule (the service keeps
    10,000 per rule and day); the rest are counted. settle_at: waiting candidates at which rules without a match
    section settle. uses_sift: off, every event is a candidate of every rule, and the answer is the same.
    """

    uses_sift: bool = True
    strategy: Strategy = "coverage"
    detection_limit: int = 10_000
    settle_at: int = 100_000
    memory_limit: str = "160MB"
    threads: int = 1


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events of one log type: flat columns with `ts_us` first, and the raw record of each row."""

    log_type: str
    table: pa.Table
    records: RecordBatch


@dataclass(slots=True)
class RuleCount:
    """What one rule did: candidates of all its variables, detections in all and how many were rendered."""

    candidates: int = 0
    detections: int = 0
    rendered: int = 0


@dataclass(slots=True)
class Counts:
    """What a scan did so far."""

    events: int = 0
    candidates: int = 0
    duplicates: int = 0
    rules: dict[str, RuleCount] = field(default_factory=dict)


def required_columns(plans: Iterable[Plan]) -> dict[str, Column]:
    """Return the columns that normalising must give for a rule set."""
    return merge([_HEADER, *(columns for plan in plans for columns in plan.columns.values())])


class Scan:
    """One run of a rule set over event batches. Use as a context manager: it owns temporary files."""

    def __init__(self, plans: Sequence[Plan], full_events: FullEvents, settings: Settings | None = None) -> None:
        """Prepare a run. `full_events` gives the whole UDM (proto-JSON) of raw records of a log type."""
        self.settings = settings or Settings()
        self.counts = Counts(rules={plan.facts.name: RuleCount() for plan in plans})
        self._plans = plans
        self._full_events = full_events
        self._slots = [slot for plan in plans for slot in plan.slots.values()]
        self._kept_slots = [slot for plan in plans if plan.settles_at_end for slot in plan.slots.values()]
        self._sift: Sift | None = None
        if self.settings.uses_sift:
            formulas = [(plan.slots[name], formula) for plan in plans for name, formula in plan.formulas.items()]
            self._sift = compile_sift(formulas)
        self._next_number = 0
        self._batch_first = 0
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        directory = Path(self._resources.enter_context(tempfile.TemporaryDirectory(prefix="windshear-")))
        self._spill = RawSpill(self._resources.enter_context((directory / "raw").open("w+b")))
        columns = required_columns(self._plans)
        columns.pop(PRODUCT_LOG_ID)
        wanted = merge([columns for plan in self._plans for columns in plan.columns.values()])
        settings = self.settings
        self._store = CandidateStore(directory, wanted, settings.memory_limit, settings.threads)
        self._resources.callback(self._store.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def feed(self, batch: EventBatch) -> Iterator[Detection]:
        """Take in a batch; yield the detections that are already certain."""
        self.counts.events += batch.table.num_rows
        hits = self._hits(batch.table)
        if hits:
            self._add(batch, hits)
        if self._next_number - self._batch_first >= self.settings.settle_at:
            yield from self._settle_batch()

    def finish(self) -> Iterator[Detection]:
        """Yield all remaining detections."""
        yield from self._settle_batch()
        waiting = self._store.slots_hit("kept")
        for plan in self._plans:
            if plan.settles_at_end:
                yield from self._settle(plan, waiting)

    def _hits(self, table: pa.Table) -> Mapping[int, Numbers]:
        if self._sift is not None:
            return self._sift.apply(table)
        everything = np.arange(table.num_rows, dtype=np.int64)
        return {slot: everything for slot in self._slots} if table.num_rows else {}

    def _add(self, batch: EventBatch, hits: Mapping[int, Numbers]) -> None:
        """Give the hit rows consecutive event numbers and store them."""
        rows = np.unique(np.concatenate(list(hits.values())))
        first = self._next_number
        self._next_number += len(rows)
        self.counts.candidates += len(rows)
        chosen = batch.table.take(pa.array(rows))
        records = batch.records.take(rows)
        numbers = pa.array(np.arange(first, self._next_number, dtype=np.int64))
        times = chosen.column("ts_us")
        self._spill.append(first, records.texts, batch.log_type)
        identities = pa.table(
            {
                NUMBER: numbers,
                "id": pa.array([event_id(batch.log_type, text) for text in records.texts.to_pylist()], pa.string()),
                "time": times,
                "log_type": pa.array([batch.log_type] * len(rows), pa.string()),
                "product_log_id": _text_column(chosen, PRODUCT_LOG_ID),
                "source": pa.array(_places(records), pa.string()),
            }
        )
        events = chosen.drop_columns(["ts_us"]).append_column(NUMBER, numbers).append_column(TIME, times)
        located = {slot: np.searchsorted(rows, found) + first for slot, found in hits.items()}
        self._store.add(events, identities, located)

    def _settle_batch(self) -> Iterator[Detection]:
        if self._next_number == self._batch_first:
            return
        self._store.drop_duplicates(self._batch_first)
        self.counts.duplicates = self._store.duplicates
        waiting = self._store.slots_hit("batch")
        for plan in self._plans:
            self.counts.rules[plan.facts.name].candidates += sum(waiting.get(s, 0) for s in plan.slots.values())
            if not plan.settles_at_end:
                yield from self._settle(plan, waiting)
        self._store.keep(self._kept_slots)
        self._batch_first = self._next_number

    def _settle(self, plan: Plan, waiting: Mapping[int, int]) -> Iterator[Detection]:
        if not all(waiting.get(plan.slots[name], 0) for name in plan.rule.bounded):
            return
        groups = suppressed(plan, qualifying_groups(plan, self._store, self.settings.strategy), self._store)
        count = self.counts.rules[plan.facts.name]
        count.detections += len(groups)
        shown = groups[: max(0, self.settings.detection_limit - count.rendered)]
        count.rendered += len(shown)
        yield from detections(plan, shown, self._store, self._show)

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


def _places(records: RecordBatch) -> list[str]:
    """Return where each record was read, as `source:number`."""
    pairs = zip(records.source_of.tolist(), records.numbers.tolist(), strict=True)
    return [f"{records.sources[source]}:{number}" for source, number in pairs]


def _text_column(table: pa.Table, name: str) -> pa.ChunkedArray | pa.Array:
    if name not in table.column_names:
        return pa.array([""] * table.num_rows, pa.string())
    return pc.fill_null(table.column(name), "")
