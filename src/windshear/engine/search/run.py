"""One search: batches of events through sift into the candidate store, and rows out of the query's statements.

A query that lists events gives rows while reading goes on and keeps nothing of them; every other query answers at the
end. Memory is bounded either way: what waits goes to a database that spills.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.core.sql import Sql
from windshear.engine.as_read import as_read
from windshear.engine.batch import EventBatch
from windshear.engine.demand import Demand, demand, slots_over
from windshear.engine.hits import HitCounter
from windshear.engine.pile import Numbers
from windshear.engine.plan import Plan, build_plans, slot_relation
from windshear.engine.search.groups import as_alternatives
from windshear.engine.search.merging import kept_windows
from windshear.engine.search.rows import reading_all
from windshear.engine.search.statement import kept_statement, merges, shaped, unshaped
from windshear.engine.settle.lower import NO_LISTS, Lists, table_relation
from windshear.engine.sifting import Part, Sifting
from windshear.engine.store import CandidateStore, Row, Slot, StoreLimits
from windshear.language.query import RAW, CheckedQuery, CheckedStage, ResultColumn
from windshear.language.tables import joined_table
from windshear.udm.schema import Root

ARRAY_CAP = 1000  # elements of a list in searches
MOST_ROWS = 10_000  # of a result with aggregates, order or dedup, as in the service
SOURCES: tuple[Root, ...] = ("udm", "graph")


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How a search runs.

    most_rows: rows of a result that is not simply a list of events. uses_sift: off, every event is a candidate, and
    the answer is the same.
    """

    most_rows: int = MOST_ROWS
    uses_sift: bool = True
    memory_limit: str = "160MB"
    threads: int = 1
    now_seconds: int = 0
    seed: int = 0


@dataclass(slots=True)
class SearchCounts:
    """What a search did so far. is_cut: there were more rows than `most_rows`."""

    events: int = 0
    candidates: int = 0
    duplicates: int = 0
    rows: int = 0
    is_cut: bool = False


class Search:
    """One run of a query over event batches. Use as a context manager: it owns temporary files."""

    def __init__(
        self,
        query: CheckedQuery,
        lists: Lists = NO_LISTS,
        settings: SearchSettings | None = None,
        readings: Readings | None = None,
    ) -> None:
        """Prepare a run."""
        self.counts = SearchCounts()
        self._query = query
        self._lists = lists
        self._settings = settings or SearchSettings()
        self._readings = readings or Readings(array_cap=ARRAY_CAP)
        rules = [as_alternatives(reading_all(stage.body, stage)) for stage in query.parts]
        self._plans = build_plans(rules, lists, self._readings)
        wanted = {source: demand(self._plans, source) for source in SOURCES}
        self._wanted = wanted["udm"].without(RAW)
        self._sifting = {source: Sifting(wanted[source], self._settings.uses_sift) for source in SOURCES}
        self._slots = [slot for plan in self._plans for source in SOURCES for slot in slots_over(plan, source).values()]
        self._reads_raw = any(RAW in columns for plan in self._plans for columns in plan.columns.values())
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        directory = Path(self._resources.enter_context(tempfile.TemporaryDirectory(prefix="windshear-")))
        settings = self._settings
        slots = [
            Slot(
                number,
                plan.columns[name],
                is_kept=not self._streams,
                source=source,
                reads_identity=name in plan.identified,
            )
            for plan in self._plans
            for source in SOURCES
            for name, number in slots_over(plan, source).items()
        ]
        limits = StoreLimits(
            settings.memory_limit, settings.threads, now_seconds=settings.now_seconds, seed=settings.seed
        )
        self._store = CandidateStore(directory, slots, limits, shares_piles=not settings.uses_sift)
        self._resources.callback(self._store.close)
        self._hits = HitCounter(self._store)
        for name in {table for plan in self._plans for table in plan.tables}:
            self._store.add_table(table_relation(name), self._lists.tables[name])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    @property
    def header(self) -> tuple[ResultColumn, ...]:
        """The columns of the result, in order."""
        root = self._query.root
        return tuple(root.column(name) for name in root.shown)

    @property
    def is_done(self) -> bool:
        """Whether no further event can add to the result, because its limit is reached."""
        return self._streams and self._query.root.limit is not None and self.counts.rows >= self._query.root.limit

    @property
    def plans(self) -> Sequence[Plan]:
        """What the stages read, for whoever feeds the search."""
        return self._plans

    @property
    def wanted(self) -> Demand:
        """What the query asks of events, for whoever reads them; their raw text comes with every batch."""
        return self._wanted

    def feed(self, batch: EventBatch) -> Iterator[Row]:
        """Take in a batch; yield the rows that are already certain."""
        if batch.source == "udm":
            self.counts.events += batch.table.num_rows
        given = _with_raw(batch) if self._reads_raw else batch
        self._add(given, self._sifting[given.source].parts(given))
        if self._streams and any(map(self._store.waiting, self._slots)):
            yield from self._listed()
            self._store.clear(self._slots)

    def finish(self) -> Iterator[Row]:
        """Yield all remaining rows; SettleError says why a query cannot be answered."""
        if self._streams:
            return
        pa.default_memory_pool().release_unused()  # what reading needed is for the answer now
        self._store.open(self._slots)
        for stage, plan in zip(self._query.stages, self._plans, strict=False):
            self._store.keep(stage_relation(stage.name), kept_statement(stage, self._answer(stage, plan)))
        for row in self._store.stream(self._answer(self._query.root, self._plans[-1])):
            if self.counts.rows >= self._settings.most_rows:
                self.counts.is_cut = True
                return
            self.counts.rows += 1
            yield row

    def rows_of(self, part: int, since: int) -> Iterator[Row]:
        """Yield the rows of one part of the query alone, of events from a moment (µs since 1970) on.

        For queries that have nothing to do with each other, and are parts of one so that reading serves all of them.
        """
        stage, plan = self._query.parts[part], self._plans[part]
        self._store.open(plan.slots.values(), since)
        yield from self._store.stream(self._answer(stage, plan))

    @property
    def _streams(self) -> bool:
        return self._query.root.lists_events and not self._query.stages

    def _listed(self) -> Iterator[Row]:
        root = self._query.root
        left = None if root.limit is None else root.limit - self.counts.rows
        self._store.open(self._slots)
        for row in islice(self._store.stream(self._answer(root, self._plans[-1])), left):
            self.counts.rows += 1
            yield row

    def _answer(self, stage: CheckedStage, plan: Plan) -> str:
        """Return the SELECT of a stage's result; overlapping windows are merged on the way."""
        body = as_read(stage.body, self._readings)
        filters = as_read(replace(stage.body, predicates=stage.filters), self._readings).predicates
        stage = replace(stage, filters=filters)

        def candidates(name: str) -> Sql:
            source = body.variables[name].source
            if source == "stage":
                return sql.name(stage_relation(name))
            if source == "table":
                return sql.name(table_relation(joined_table(name)))
            return sql.name(slot_relation(plan.slots[name]))

        rows = unshaped(stage, body, candidates, self._lists, self._readings.array_cap)
        if merges(stage):
            rows = kept_windows(stage, rows, self._store, self._readings)
        return shaped(stage, rows)

    def _add(self, batch: EventBatch, parts: Sequence[Part]) -> None:
        """Store the hit rows."""
        if added := self._hits.add(batch, parts):
            self.counts.candidates += len(added.records)
            self.counts.duplicates = self._store.duplicates


def stage_relation(name: str) -> str:
    """Name the relation in which later stages see a stage."""
    return f"stage {name}"


def _with_raw(batch: EventBatch) -> EventBatch:
    """Return the batch with the raw text of each record as a column."""
    if batch.source != "udm":
        return batch
    late, texts = batch.late, batch.records.texts

    def late_with_raw(rows: Numbers) -> pa.Table:
        assert late is not None
        return late(rows).append_column(RAW, texts.take(pa.array(rows)))

    table = batch.table.append_column(RAW, texts)
    return replace(batch, table=table, late=None if late is None else late_with_raw)
