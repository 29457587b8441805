"""Who must not teach a baseline: persons, hosts and other principals of earlier detections, from some moment on.

History may hold the attack. What was done around a detection and after it, by whom it is about, would become usual, and
the rule that found it once would stay quiet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.batch import EventBatch
from windshear.udm.columns import Columns, ScalarColumn

_NEVER = np.iinfo(np.int64).max
_TEXT = ScalarColumn("text")
_COLUMNS: Columns = dict.fromkeys(
    (
        'principal.user.attribute.labels["person_id"]',
        'target.user.attribute.labels["person_id"]',
        "principal.user.userid",
        "target.user.userid",
        "principal.hostname",
    ),
    _TEXT,
)


@dataclass(slots=True)
class Exclusion:
    """From when on events of whom are left out: names in lower case, µs since 1970. `events`: how many were."""

    since: Mapping[str, int] = field(default_factory=dict)
    events: int = 0

    @property
    def columns(self) -> Columns:
        """What the batches must hold."""
        return _COLUMNS if self.since else {}

    def without(self, batch: EventBatch) -> EventBatch:
        """Return a batch without the events that are left out."""
        present = [name for name in self.columns if name in batch.table.column_names]
        if not present or not batch.table.num_rows:
            return batch
        starts = np.min([self._starts(batch.table.column(name)) for name in present], axis=0)
        kept = np.flatnonzero(batch.table.column("ts_us").to_numpy() < starts)
        if len(kept) == batch.table.num_rows:
            return batch
        self.events += batch.table.num_rows - len(kept)
        return EventBatch(batch.log_type, batch.table.take(pa.array(kept)), batch.records.take(kept))

    def _starts(self, column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Return for each row from when on its name is left out."""
        encoded = column.combine_chunks().dictionary_encode()
        distinct = [self.since.get(str(name).lower(), _NEVER) for name in encoded.dictionary.to_pylist()]
        codes = pc.fill_null(encoded.indices, len(distinct)).to_numpy()
        starts: npt.NDArray[np.int64] = np.array([*distinct, _NEVER], np.int64)[codes]
        return starts
