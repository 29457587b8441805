"""The first stage of a scan on one kind of record: which rows of a batch are candidates of which slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from windshear.engine.batch import EventBatch
from windshear.engine.demand import Asked, Demand
from windshear.engine.pile import Numbers
from windshear.engine.sift.compile import Probes, Sift, compile_sift, probes_of
from windshear.logs.known import Known

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
        self._wanted = wanted
        self._uses_sift = uses_sift
        self._looks: dict[str, tuple[Known, _Look]] = {}
        self._probes = probes_of(slot.formula for slot in wanted.slots.values())

    def parts(self, batch: EventBatch) -> list[Part]:
        """Return the candidates; those of late slots get all columns, and are looked at again if that may tell more."""
        every = np.arange(batch.table.num_rows)
        if not self._uses_sift:
            table = batch.table if batch.late is None else batch.late(every)
            hits = dict.fromkeys(self._wanted.slots, every) if len(every) else {}
            return [Part(table, every, hits)] if hits else []
        look = self._look(batch)
        hits = look.first.apply(batch.table)
        late = {slot: rows for slot, rows in hits.items() if slot in look.asked.late}
        parts = [Part(batch.table, every, {slot: rows for slot, rows in hits.items() if slot not in late})]
        if late:
            rows = every if batch.late is None else np.unique(np.concatenate(list(late.values())))
            table = batch.table if batch.late is None else batch.late(rows)
            decided = {slot: rows.searchsorted(hit) for slot, hit in late.items() if slot not in look.again}
            again = {slot: hit for slot, hit in self._again.apply(table).items() if slot in look.again}
            parts.append(Part(table, rows, decided | again))
        return [part for part in parts if part.hits]

    @cached_property
    def _again(self) -> Sift:
        """The second look, at the candidates of all log types."""
        return compile_sift([(number, slot.formula) for number, slot in self._wanted.slots.items()], self._probes)

    def _look(self, batch: EventBatch) -> _Look:
        """Return how the records of a log type are looked at."""
        known = self._looks.get(batch.log_type)
        if known is None or known[0] is not batch.known:
            known = self._looks[batch.log_type] = (batch.known, _Look(self._wanted, batch.known, self._probes))
        return known[1]


class _Look:
    """The first look at the records of one log type. again: slots whose candidates are looked at again."""

    def __init__(self, wanted: Demand, known: Known, probes: Probes) -> None:
        self.asked: Asked = wanted.asked(known)
        self.first: Sift = compile_sift(list(self.asked.at_once.items()), probes)
        late = self.asked.late
        self.again = frozenset(slot for slot in late if wanted.slots[slot].formula != self.asked.at_once[slot])
