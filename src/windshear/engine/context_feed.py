"""The feed of a scan from its context: entities and earlier detections as batches, and what could not be used.

Only what some rule reads is read at all. Every record ends in a batch, in quarantine, or outside the time range; an
entity has no time of its own and is always inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from windshear.context.context import Context
from windshear.context.records import BrokenRecord, ContextRecord, RecordSource
from windshear.engine.batch import EventBatch
from windshear.engine.demand import required_columns, slots_over
from windshear.engine.input_report import Reasons
from windshear.engine.plan import Plan
from windshear.engine.records import batch_of_records, detection_text
from windshear.logs.quarantine import Quarantined
from windshear.logs.record import RecordBatch
from windshear.udm.columns import Columns
from windshear.udm.rows import microseconds
from windshear.udm.schema import Root

_MOST_RECORDS, _MOST_CHARACTERS = 5_000, 16_000_000  # of a batch; records are Python objects while it is made


@dataclass(slots=True)
class RecordReport:
    """What became of one kind of record; read = used + quarantined + outside_range.

    is_wanted: whether a rule reads such records; if not, the source is left alone.
    """

    name: str
    is_wanted: bool
    used: int = 0
    outside_range: int = 0
    quarantined: Reasons = field(default_factory=Reasons)


class ContextFeed:
    """Reads the records of a context once. `reports` grows while `batches` is consumed."""

    def __init__(
        self,
        context: Context,
        plans: Sequence[Plan],
        on_quarantine: Callable[[Quarantined], None],
        since: int | None = None,
        until: int | None = None,
    ) -> None:
        """Prepare to read what plans want; detections from `since` up to `until` (µs) only."""
        self.reports: dict[Root, RecordReport] = {}
        self._sources: dict[Root, RecordSource] = {}
        self._columns: dict[Root, Columns] = {}
        self._on_quarantine = on_quarantine
        self._since, self._until = since, until
        self._prepare("graph", context.entities, plans)
        self._prepare("detection", context.detections, plans)

    def batches(self) -> Iterator[EventBatch]:
        """Yield the records, entities first."""
        for root, source in self._sources.items():
            waiting: list[ContextRecord] = []
            size = 0
            for record in self._usable(root, source):
                waiting.append(record)
                size += len(record.text)
                if len(waiting) == _MOST_RECORDS or size > _MOST_CHARACTERS:
                    yield self._batch(root, waiting)
                    waiting, size = [], 0
            if waiting:
                yield self._batch(root, waiting)

    def _prepare(self, root: Root, source: RecordSource | None, plans: Sequence[Plan]) -> None:
        if source is None:
            return
        is_wanted = any(slots_over(plan, root) for plan in plans)
        self.reports[root] = RecordReport(source.name, is_wanted)
        if is_wanted:
            self._sources[root] = source
            self._columns[root] = required_columns(plans, root)

    def _usable(self, root: Root, source: RecordSource) -> Iterator[ContextRecord]:
        report = self.reports[root]
        for record in source.read():
            if isinstance(record, BrokenRecord):
                report.quarantined.note(record.reason, f"{record.source}:{record.number}")
                self._on_quarantine(Quarantined(record.source, record.number, record.reason, record.text))
            elif self._is_in_range(root, record):
                report.used += 1
                yield record
            else:
                report.outside_range += 1

    def _is_in_range(self, root: Root, record: ContextRecord) -> bool:
        if root != "detection":
            return True
        time = microseconds(record.value, root) or 0
        return (self._since is None or self._since <= time) and (self._until is None or time < self._until)

    def _batch(self, root: Root, records: Sequence[ContextRecord]) -> EventBatch:
        shown = (detection_text(record.value) if root == "detection" else record.text for record in records)
        texts = pa.array(list(shown), pa.string())
        numbers = np.array([record.number for record in records], np.int64)
        sources = tuple(dict.fromkeys(record.source for record in records))
        source_of = np.array([sources.index(record.source) for record in records], np.int64)
        raw = RecordBatch(texts, sources, source_of, numbers)
        return batch_of_records(root, [record.value for record in records], raw, self._columns[root])
