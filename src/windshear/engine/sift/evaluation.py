"""Computing values in a database that sees nothing else. What comes of few values is remembered between batches.

One statement costs a millisecond however few the values are, and most fields have the same few in every batch.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.kernels import register
from windshear.engine.sift.computed import column
from windshear.engine.sift.nodes import Computed
from windshear.engine.sift.values import Values
from windshear.udm.columns import ScalarColumn, arrow_type

_FEW = 1_000  # rows
_REMEMBERED_BYTES = 1_000_000  # per computed value
_ENTRY_BYTES = 200  # what a remembered row costs beside its texts
_GIVEN, _MADE = "given", "made"

_Row = tuple[object, ...]


class Evaluation:
    """Computes one value for many rows."""

    def __init__(self, leaf: Computed) -> None:
        """Begin with no memory."""
        self._leaf = leaf
        self._type = arrow_type(ScalarColumn(leaf.kind))
        self._memory: dict[_Row, object] = {}
        self._remembered_bytes = 0

    def values(self, given: Values) -> Values:
        """Return what is made of the values of the leaves (structures). If that fails, settle will report it."""
        columns: list[pa.Array] = given.distinct.flatten()
        made = self._remembered(columns) if _are_few(columns) else _computed(self._leaf.value, columns)
        if made is None:
            zero = pa.array([self._leaf.zero], type=self._type)
            return Values(zero, np.zeros_like(given.codes), given.rows, None, None, given.row_count, is_known=False)
        encoded = made.cast(self._type).dictionary_encode()
        codes = encoded.indices.cast(pa.int64()).to_numpy(zero_copy_only=False)[given.codes]
        return Values(encoded.dictionary, codes, given.rows, None, None, given.row_count)

    def _remembered(self, columns: Sequence[pa.Array]) -> pa.Array | None:
        rows: list[_Row] = list(zip(*(values.to_pylist() for values in columns), strict=True))
        known = [self._memory.get(row) for row in rows]
        new = [place for place, value in enumerate(known) if value is None]
        if new:
            given = [values.take(pa.array(new)) for values in columns]
            made = _computed(self._leaf.value, given)
            if made is None:
                return None
            self._make_room(len(new) * _ENTRY_BYTES + sum(values.nbytes for values in (*given, made)))
            for place, value in zip(new, made.to_pylist(), strict=True):
                known[place] = self._memory[rows[place]] = value
        return pa.array(known, type=self._type)

    def _make_room(self, needed: int) -> None:
        if self._remembered_bytes + needed > _REMEMBERED_BYTES:
            self._memory.clear()
            self._remembered_bytes = 0
        self._remembered_bytes += needed


def _are_few(columns: Sequence[pa.Array]) -> bool:
    """Say whether rows may be remembered; numbers may not, where Python takes different ones for the same."""
    is_exact = not any(pa.types.is_floating(values.type) for values in columns)
    return is_exact and len(columns[0]) <= _FEW and sum(values.nbytes for values in columns) <= _REMEMBERED_BYTES


def _computed(value: Sql, columns: Sequence[pa.Array]) -> pa.Array | None:
    connection = _connection()
    connection.register(_GIVEN, pa.table({column(place): values for place, values in enumerate(columns)}))
    try:
        made = connection.sql(sql.select([sql.aliased(value, _MADE)], sql.name(_GIVEN)).text).to_arrow_table()
    except duckdb.Error:
        return None
    finally:
        connection.unregister(_GIVEN)
    return made.column(_MADE).combine_chunks()  # values are total: none is missing


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    """Return the database for all this. Nothing stays in it, and opening one takes longer than most scans need it."""
    connection = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": "100MB",
            "temp_directory": "",
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": True,
        }
    )
    register(connection, 0, 0)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
