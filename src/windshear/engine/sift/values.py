"""The values of one leaf in one batch: distinct values, and which row has which.

Reads every shape that a column may have (scalars, lists, lists of flat messages with lists in them, slices, chunks,
dictionaries, NULL or missing) into one form: codes into distinct values, the row of each, and the rows that read as
zero because a list on the way is empty or absent.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.sift.nodes import Leaf, Value
from windshear.udm.columns import ScalarColumn, arrow_type
from windshear.udm.requests import EVENT_NANOS, EVENT_SECONDS, Each, Element, Hop, Member

TIME_COLUMN = "ts_us"
_MICROSECONDS = 1_000_000

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Values:
    """Values of a leaf.

    distinct: the values; some may not occur. codes: which of them each element is. rows: the row of each element, None
    if element i is row i. absent: the rows that, read plainly, have one value more, the zero value. zero: its code,
    None if no row needs it. is_known: if not, any value may stand for any other.
    """

    distinct: pa.Array
    codes: Numbers
    rows: Numbers | None
    absent: Flags | None
    zero: int | None
    row_count: int
    is_known: bool = True


def is_present(leaf: Leaf, names: Collection[str]) -> bool:
    """Say whether a table with columns of these names can hold values of the leaf."""
    return (TIME_COLUMN if _is_time(leaf) else leaf.column) in names


def read_values(leaf: Leaf, table: pa.Table) -> Values:
    """Read the values of a leaf from a table; a column that the table lacks reads as absent."""
    cells = _cells(leaf, table)
    elements = _Elements(cells, None, None, table.num_rows)
    for hop in leaf.hops:
        elements = elements.follow(hop)
    encoded = _encode(elements.array, arrow_type(ScalarColumn(leaf.kind)))
    distinct, indices = encoded.dictionary, encoded.indices.cast(pa.int64())
    zero = None
    if indices.null_count or (elements.absent is not None and elements.absent.any()):
        distinct, zero = _with_zero(distinct, leaf.zero)
        indices = indices.fill_null(zero)
    return Values(
        distinct, indices.to_numpy(zero_copy_only=False), elements.rows, elements.absent, zero, table.num_rows
    )


def _is_time(leaf: Leaf) -> bool:
    return leaf.column in (EVENT_SECONDS, EVENT_NANOS)


def _cells(leaf: Leaf, table: pa.Table) -> pa.Array:
    if not is_present(leaf, table.column_names):
        return pa.nulls(table.num_rows)
    if not _is_time(leaf):
        return _contiguous(table.column(leaf.column))
    times = _contiguous(table.column(TIME_COLUMN)).fill_null(0).to_numpy(zero_copy_only=False)
    seconds, rest = np.divmod(times, _MICROSECONDS)
    return pa.array(rest * 1000 if leaf.column == EVENT_NANOS else seconds)


def _contiguous(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


@dataclass(frozen=True, slots=True)
class _Elements:
    """The cells reached so far, their rows, and the rows that have lost a value to an empty list."""

    array: pa.Array
    rows: Numbers | None
    absent: Flags | None
    row_count: int

    def follow(self, hop: Hop) -> _Elements:
        match hop:
            case Each():
                return self._each()
            case Element(index):
                return _Elements(self._element(index), self.rows, self.absent, self.row_count)
            case Member(name):
                return _Elements(self._member(name), self.rows, self.absent, self.row_count)

    def _each(self) -> _Elements:
        lengths, inner = _lists(self.array)
        parents = np.repeat(np.arange(len(lengths)), lengths)
        rows = parents if self.rows is None else self.rows[parents]
        absent = np.zeros(self.row_count, dtype=np.bool_) if self.absent is None else self.absent.copy()
        empty = np.flatnonzero(lengths == 0)
        absent[empty if self.rows is None else self.rows[empty]] = True
        return _Elements(inner, rows, absent, self.row_count)

    def _element(self, index: int) -> pa.Array:
        lengths, inner = _lists(self.array)
        positions = np.cumsum(lengths) - lengths + index
        return inner.take(pa.array(positions, mask=lengths <= index))

    def _member(self, name: str) -> pa.Array:
        array_type = self.array.type
        place = array_type.get_field_index(name) if pa.types.is_struct(array_type) else -1
        return pa.nulls(len(self.array)) if place < 0 else pc.struct_field(self.array, [place])


def _lists(array: pa.Array) -> tuple[Numbers, pa.Array]:
    """Return the length of every list (0 for an absent one) and all their elements in order."""
    if pa.types.is_null(array.type):
        return np.zeros(len(array), dtype=np.int64), pa.nulls(0)
    lengths = pc.list_value_length(array).fill_null(0).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return lengths, array.flatten()


def _encode(array: pa.Array, scalar: pa.DataType) -> pa.DictionaryArray:
    if pa.types.is_dictionary(array.type):
        if array.type.value_type == scalar and not array.dictionary.null_count:
            return array
        array = array.dictionary_decode()
    return array.cast(scalar).dictionary_encode()


def _with_zero(dictionary: pa.Array, zero: Value) -> tuple[pa.Array, int]:
    constant = _array_of(zero, dictionary.type)
    found = pc.index(dictionary, constant[0]).as_py()
    return (dictionary, found) if found >= 0 else (pa.concat_arrays([dictionary, constant]), len(dictionary))


@functools.cache
def _array_of(zero: Value, scalar: pa.DataType) -> pa.Array:
    """Return an array of one value; few differ, and making one costs more than a batch can spare."""
    return pa.array([zero], type=scalar)
