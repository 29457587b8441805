"""Piles: the candidates of one event variable while they wait for settle, in memory up to a bound, then in files.

Parquet written from Arrow costs a twentieth of an insert into a database table, and holds just what one variable
reads. A pile becomes a list of files when its rule settles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from windshear.core import sql
from windshear.engine.settle.fields import NUMBER, TIME, VALID_FROM, VALID_TO
from windshear.udm.columns import Columns, arrow_type
from windshear.udm.schema import Root

Numbers = npt.NDArray[np.int64]


def schema_of(columns: Columns, source: Root = "udm") -> pa.Schema:
    """Return the columns of a pile: number, time, of entities their interval, and what the variable reads."""
    known = [NUMBER, TIME, *((VALID_FROM, VALID_TO) if source == "graph" else ())]
    read = [(name, arrow_type(column)) for name, column in sorted(columns.items())]
    return pa.schema([*((name, pa.int64()) for name in known), *read])


@dataclass(slots=True)
class Pile:
    """Candidates with the columns of one schema. `row_count` counts all, `waiting_bytes` those in memory."""

    schema: pa.Schema
    row_count: int = 0
    waiting_bytes: int = 0
    _waiting: list[pa.Table] = field(default_factory=list)
    _files: list[Path] = field(default_factory=list)

    def add(self, events: pa.Table, rows: Numbers) -> None:
        """Take some rows of a table; columns that it lacks are absent in all of them."""
        present = set(events.column_names)
        columns = []
        for wanted in self.schema:
            if wanted.name not in present:
                columns.append(pa.nulls(len(rows), wanted.type))
            elif len(rows) == events.num_rows:
                columns.append(events.column(wanted.name))
            else:
                columns.append(events.column(wanted.name).take(pa.array(rows)))
        table = pa.table(columns, schema=self.schema)
        self._waiting.append(table)
        self.row_count += len(rows)
        self.waiting_bytes += table.nbytes

    def write(self, path: Path) -> None:
        """Move what waits in memory to a new file."""
        table = pa.concat_tables(self._waiting) if self._waiting else self.schema.empty_table()
        table = table.rename_columns([sql.folded(name) for name in table.column_names])
        # No statistics: every row of the file is wanted, and NaN has no place among minimum and maximum.
        pq.write_table(table, path, compression="zstd", write_statistics=False)
        self._files.append(path)
        self._waiting.clear()
        self.waiting_bytes = 0

    def files(self, path: Path) -> list[Path]:
        """Return the files that hold the pile, after writing to `path` what is still in memory."""
        if self._waiting or not self._files:
            self.write(path)
        return self._files

    def clear(self) -> None:
        """Forget all candidates."""
        for path in self._files:
            path.unlink()
        self._waiting.clear()
        self._files.clear()
        self.row_count = self.waiting_bytes = 0


def largest(piles: Iterable[Pile], most_bytes: int) -> list[Pile]:
    """Return the piles to move to disk, largest first, so that the others hold at most half of `most_bytes`.

    None as long as all together hold no more than `most_bytes`.
    """
    waiting = sorted(piles, key=lambda pile: pile.waiting_bytes, reverse=True)
    total = sum(pile.waiting_bytes for pile in waiting)
    if total <= most_bytes:
        return []
    chosen = []
    for pile in waiting:
        if total <= most_bytes // 2:
            break
        chosen.append(pile)
        total -= pile.waiting_bytes
    return chosen
