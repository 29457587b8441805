"""The first stage of a scan on one kind of record: which rows of a batch are candidates of which slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from windshear.engine.batch import EventBatch
from windshear.engine.demand import Demand
from windshear.engine.pile import Numbers
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.nodes import Formula

Hits = Mapping[int, Numbers]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a batch (`rows[i]` is the batch's row of row `i`) with what hits them."""

    table: pa.Table
    rows: Numbers
    hits: Hits

    def only(self, slots: frozenset[int]) -> Part:
        """Leave out the candidates of other slots."""
        return Part(self.table, self.rows, {slot: rows for slot, rows in self.hits.items() if slot in slots})


class Sifting:
    """The filters of all slots over one kind of record."""

    def __init__(self, wanted: Demand, uses_sift: bool) -> None:
        """`uses_sift`: off, every row is a candidate of every slot."""
        self.columns = wanted.every
        self.late_slots = frozenset(number for number, slot in wanted.slots.items() if slot.is_late)
        at_once = {number: slot.at_once for number, slot in wanted.slots.items()}
        again = {n: slot.formula for n, slot in wanted.slots.items() if slot.formula != slot.at_once}
        self._early = _filter(at_once, uses_sift=uses_sift)
        self._late = _filter(again, uses_sift=uses_sift)
        self._looked_at_again = frozenset(again)

    def parts(self, batch: EventBatch) -> list[Part]:
        """Return the candidates; those of late slots get all columns, and are looked at again if that may tell more."""
        every = np.arange(batch.table.num_rows)
        hits = self._early(batch.table)
        late = {slot: rows for slot, rows in hits.items() if slot in self.late_slots}
        parts = [Part(batch.table, every, {slot: rows for slot, rows in hits.items() if slot not in self.late_slots})]
        if late:
            rows = every if batch.late is None else np.unique(np.concatenate(list(late.values())))
            table = batch.table if batch.late is None else batch.late(rows)
            decided = {slot: rows.searchsorted(hit) for slot, hit in late.items() if slot not in self._looked_at_again}
            parts.append(Part(table, rows, decided | self._late(table)))
        return [part for part in parts if part.hits]


def _filter(formulas: Mapping[int, Formula], *, uses_sift: bool) -> Callable[[pa.Table], dict[int, Numbers]]:
    """Return what gives the candidate rows of a table per slot."""
    if uses_sift:
        return compile_sift(list(formulas.items())).apply

    def everything(table: pa.Table) -> dict[int, Numbers]:
        return dict.fromkeys(formulas, np.arange(table.num_rows)) if table.num_rows else {}

    return everything
