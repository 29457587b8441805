"""Rows of data tables that have ended: those whose cell in a column of the type `until` is past do not count.

A row counts through the day of its date (UTC), or until its time; an empty cell ends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from windshear.context.cells import end_of
from windshear.context.context import Context
from windshear.context.tables import DataTable

_MICROSECONDS = 1_000_000


def in_force(context: Context, now_seconds: int) -> Context:
    """Return a context whose tables hold the rows that count at a time, in seconds since 1970."""
    tables = {name: _in_force(table, now_seconds) for name, table in context.tables.items()}
    is_same = all(tables[name] is table for name, table in context.tables.items())
    return context if is_same else replace(context, tables=tables)


def expired_rows(tables: Mapping[str, DataTable]) -> dict[str, int]:
    """Return how many rows of tables have ended, by name; only of those that have any."""
    counted = {name: table.whole.num_rows - table.rows.num_rows for name, table in tables.items()}
    return {name: number for name, number in counted.items() if number}


def _in_force(table: DataTable, now_seconds: int) -> DataTable:
    is_past = np.zeros(table.whole.num_rows, np.bool_)
    for name, column in table.columns.items():
        if column.type == "until":
            is_past |= _is_past(table.whole.column(name), now_seconds)
    if is_past.sum() == table.whole.num_rows - table.rows.num_rows:
        return table
    return replace(table, rows=table.whole.filter(pa.array(~is_past)))


def _is_past(column: pa.ChunkedArray, now_seconds: int) -> npt.NDArray[np.bool_]:
    if not len(column):
        return np.zeros(0, np.bool_)
    encoded = column.combine_chunks().dictionary_encode()
    ends = (end_of(text) for text in encoded.dictionary.to_pylist())
    past: npt.NDArray[np.bool_] = np.array(
        [end is not None and end <= now_seconds * _MICROSECONDS for end in ends], np.bool_
    )
    codes: npt.NDArray[np.int32] = encoded.indices.to_numpy()
    return past[codes]
