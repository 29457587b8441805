"""Hit rows: the rows of a batch that some slot wants, numbered and put into the candidate store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from windshear.engine.batch import EventBatch
from windshear.engine.identities import HANDLES, identities
from windshear.engine.settle.fields import NUMBER, PARTITION_BITS, TIME
from windshear.engine.sifting import Part
from windshear.engine.store import CandidateStore
from windshear.logs.record import RecordBatch


@dataclass(frozen=True, slots=True)
class HitRows:
    """The hit rows of one batch.

    first: the event number, within its partition, of the first of `records`; the others follow. stored: candidates per
    slot, repeats left out.
    """

    first: int
    records: RecordBatch
    stored: Mapping[int, int]


class HitCounter:
    """Gives the hit rows of one run their event numbers, consecutive over all batches, and stores them."""

    def __init__(self, store: CandidateStore) -> None:
        """Begin with event number 0."""
        self._store = store
        self._next_number = 0

    def add(self, batch: EventBatch, parts: Sequence[Part]) -> HitRows | None:
        """Store the rows of a batch that the parts hit; None if there is none."""
        is_hit = np.zeros(batch.table.num_rows, np.bool_)
        for part in parts:
            for found in part.hits.values():
                is_hit[part.rows[found]] = True
        rows = np.flatnonzero(is_hit)
        if not len(rows):
            return None
        first = self._next_number
        self._next_number += len(rows)
        header = batch.table.select(
            [name for name in ("ts_us", HANDLES[batch.source]) if name in batch.table.column_names]
        )
        records = batch.records
        if len(rows) < len(records):
            header, records = header.take(pa.array(rows)), records.take(rows)
        numbers = np.where(is_hit, first - 1 + np.cumsum(is_hit), -1)
        if batch.partitions is not None:
            numbers += batch.partitions << PARTITION_BITS
        self._store.add_identities(identities(numbers[rows], header, records, batch.log_type, batch.source))
        stored: Counter[int] = Counter()
        for part in parts:
            events = part.table.append_column(NUMBER, pa.array(numbers[part.rows]))
            stored.update(self._store.add(events.append_column(TIME, part.table.column("ts_us")), part.hits))
        return HitRows(first, records, stored)
