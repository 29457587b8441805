"""Building baselines: several queries over one reading of history, each for the rows of one table.

Queries are searches, here the parts of one, so that events are read, sifted and kept once. Which events belong to the
history is known only when all are read, for it ends with the last of them; so candidates wait, and those from before
the window are left out when the queries are answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import numpy as np

from windshear.context.cells import cell_text
from windshear.engine.baseline.exclusion import Exclusion
from windshear.engine.batch import EventBatch
from windshear.engine.plan import Plan
from windshear.engine.search.run import Search, SearchSettings
from windshear.engine.settle.lower import Lists
from windshear.engine.store import SettleError
from windshear.language.query import CheckedQuery, CheckedStage, OrderKey
from windshear.language.tables import TableSchema
from windshear.udm.columns import Columns, merge

Cells = Mapping[str, str]

DAY = 86_400_000_000  # microseconds
_MOST_ROWS = 10_000_000  # of a data table


@dataclass(frozen=True, slots=True)
class BaselineQuery:
    """A query, the columns of the table that its rows are for, and those by which rows are told apart."""

    name: str
    query: CheckedQuery
    schema: TableSchema

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        return self.query.root.body.match_keys


@dataclass(slots=True)
class Span:
    """The history that was read: its first and last moment (µs since 1970), and its days (UTC)."""

    first: int | None = None
    last: int | None = None
    days: frozenset[int] = frozenset()

    def add(self, times: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        """Take in the times of events."""
        if len(times):
            first, last = int(times.min()), int(times.max())
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)
            self.days |= set(np.unique(times // DAY).tolist())

    def days_since(self, moment: int) -> int:
        """Return the number of days with events from a moment on."""
        return sum(day >= moment // DAY for day in self.days)


class BaselineBuilder:
    """Runs queries over batches of history. Use as a context manager: it owns temporary files."""

    def __init__(self, queries: Sequence[BaselineQuery], lists: Lists, now_seconds: int, exclusion: Exclusion) -> None:
        """Prepare to read for one query or more; events that `exclusion` names feed no table."""
        self.queries = queries
        self.span = Span()
        self._exclusion = exclusion
        self._latest = (int(time.time()) + 86_400) * 1_000_000  # what is later is a wrong time, and no end of history
        *stages, root = [_ordered(query) for query in queries]
        settings = SearchSettings(now_seconds=now_seconds)
        self._search = Search(CheckedQuery(tuple(stages), root), lists, settings)
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        self._resources.enter_context(self._search)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    @property
    def columns(self) -> Columns:
        """What the batches must hold."""
        return merge([self._search.wanted.every, self._exclusion.columns])

    @property
    def plans(self) -> Sequence[Plan]:
        """What the queries read."""
        return self._search.plans

    def add(self, batch: EventBatch) -> None:
        """Take in a batch, of events or of entities."""
        if batch.source == "udm":
            times = batch.table.column("ts_us").to_numpy()
            self.span.add(times[times <= self._latest])
            batch = self._exclusion.without(batch)
        for _row in self._search.feed(batch):
            raise AssertionError("queries of baselines give rows at the end")

    def rows(self, number: int, since: int) -> Iterator[Cells]:
        """Yield the rows of a query from a moment (µs) on, by their keys; SettleError says why there are none."""
        query = self.queries[number]
        for place, row in enumerate(self._search.rows_of(number, since)):
            if place == _MOST_ROWS:
                raise SettleError(f"it has more than {_MOST_ROWS:,} rows, the most of a data table")
            said = dict(zip(query.query.root.shown, row, strict=True))
            yield {name: _text(said[name], query.schema, name) for name in query.schema}


def _ordered(query: BaselineQuery) -> CheckedStage:
    order = tuple(OrderKey(key, is_descending=False) for key in query.keys)
    return replace(query.query.root, name=query.name, order=order)


def _text(value: object, schema: TableSchema, name: str) -> str:
    if value is None:
        return ""
    return cell_text(value if isinstance(value, str | int | float | list) else str(value), schema[name])
