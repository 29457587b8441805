"""Partitions: which rules of a scan see the records of which data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from windshear.engine.batch import EventBatch
from windshear.engine.plan import Plan
from windshear.engine.sifting import Part

Seen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Partitions:
    """The data sets of a scan, counted from 1: `rules[0]` are the names of the rules that see the first."""

    rules: Sequence[frozenset[str]]

    def seen(self, plans: Sequence[Plan]) -> Mapping[int, Seen]:
        """Return per slot which partitions it sees, by number."""
        found: dict[int, Seen] = {}
        for plan in plans:
            is_seen = np.array([False, *(plan.facts.name in names for names in self.rules)], np.bool_)
            found |= dict.fromkeys(plan.slots.values(), is_seen)
        return found

    def copies(self, batch: EventBatch, names: frozenset[str]) -> list[EventBatch]:
        """Return a batch that every data set holds once for each that one of some rules sees."""
        rows = batch.table.num_rows
        numbers = [number for number, seen in enumerate(self.rules, start=1) if seen & names]
        return [replace(batch, partitions=np.full(rows, number, np.int64)) for number in numbers]


def seen_only(part: Part, batch: EventBatch, seen: Mapping[int, Seen]) -> Part:
    """Leave out the candidates of slots that do not see the partition of their row."""
    if batch.partitions is None:
        raise ValueError("a batch of a partitioned scan says what its rows belong to")
    of_rows = batch.partitions[part.rows]
    kept = {slot: rows[seen[slot][of_rows[rows]]] for slot, rows in part.hits.items()}
    return Part(part.table, part.rows, {slot: rows for slot, rows in kept.items() if len(rows)})
