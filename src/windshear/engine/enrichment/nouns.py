"""Nouns: the parties of many events as columns with names below the noun (`user.userid`), to be looked at together.

Additions see the principals of a batch, or all elements of its `about` lists, and need not know which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.udm.columns import Columns, MessagesColumn, ScalarColumn, arrow_type, merge
from windshear.udm.rows import to_arrays

Numbers = npt.NDArray[np.int64]
_MESSAGE = "Noun"
_ENTRIES = MessagesColumn({"key": ScalarColumn("text"), "value": ScalarColumn("text")})


@dataclass(frozen=True, slots=True)
class Nouns:
    """Some nouns: flat columns, of which those that none fills are absent, and how many there are."""

    columns: Mapping[str, pa.Array]
    count: int

    def get(self, name: str) -> pa.Array | None:
        """Return a column, None if no noun fills it."""
        return self.columns.get(name)


def single_nouns(table: pa.Table, noun: str, reads: Columns) -> Nouns:
    """Return the nouns of a field that is not repeated, one per event."""
    names = {name: f"{noun}.{name}" for name in reads}
    present = {name: whole for name, whole in names.items() if whole in table.column_names}
    return Nouns({name: _combined(table.column(whole)) for name, whole in present.items()}, table.num_rows)


def in_lists(reads: Columns) -> Columns:
    """Return what to ask of nouns in a list: of a map the entries, for a key is asked for over all nouns together."""
    return merge(
        {name.partition("[")[0]: _ENTRIES} if "[" in name else {name: column} for name, column in reads.items()
    )


def repeated_nouns(table: pa.Table, noun: str, reads: Columns) -> tuple[Nouns, Numbers]:
    """Return the nouns of a repeated field, all events' together, and the row of each."""
    column = _combined(table.column(noun))
    elements = column.flatten()
    columns = dict(zip((field.name for field in elements.type), elements.flatten(), strict=True))
    for name in reads:
        base, _, key = name.partition('["')
        if key and base in columns:
            columns[name] = _entries(columns[base], key.removesuffix('"]'))
    rows = pc.list_parent_indices(column).to_numpy().astype(np.int64)
    return Nouns(columns, len(elements)), rows


def _entries(maps: pa.Array, key: str) -> pa.Array:
    """Return what stands under a key of each map, of several the first."""
    entries = maps.flatten()
    is_key = pc.fill_null(pc.equal(pc.struct_field(entries, "key"), key), fill_value=False)
    values = pc.if_else(is_key, pc.fill_null(pc.struct_field(entries, "value"), ""), None)
    rows = pc.list_parent_indices(maps).to_numpy().astype(np.int64)
    return firsts_of(rows, values, len(maps))


def canonical_nouns(messages: Sequence[Mapping[str, object]], reads: Columns) -> Nouns:
    """Return nouns of canonical events."""
    return Nouns(to_arrays(messages, reads, _MESSAGE), len(messages))


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a column without repetition: text `codes[i]` of `distinct` stands in row `rows[i]`."""

    rows: Numbers
    codes: Numbers
    distinct: Sequence[str]

    def numbers(self, number: Callable[[str], int]) -> Numbers:
        """Return a number for each of `rows`, worked out once per distinct text."""
        return spread(map(number, self.distinct), self.codes)


def spread(values: Iterable[int], codes: Numbers) -> Numbers:
    """Return the value of each code."""
    found = np.fromiter(values, np.int64)
    return found[codes] if len(found) else np.zeros(0, np.int64)


def texts_of(column: pa.Array | None) -> Texts:
    """Return the texts of a column, of lists all of them."""
    nothing = np.zeros(0, np.int64)
    if column is None:
        return Texts(nothing, nothing, [])
    if pa.types.is_list(column.type):
        rows, values = pc.list_parent_indices(column).to_numpy().astype(np.int64), column.flatten()
    else:
        rows, values = np.arange(len(column), dtype=np.int64), column
    encoded = values.dictionary_encode()
    if encoded.null_count:
        is_there = encoded.is_valid()
        rows, encoded = rows[is_there.to_numpy(zero_copy_only=False)], encoded.filter(is_there)
    return Texts(rows, encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist())


def first_filled(column: pa.Array | None, added: pa.Array) -> pa.Array:
    """Return what a column holds, and where it holds nothing what is added."""
    if column is None:
        return added
    column = column.cast(added.type)
    if pa.types.is_list(column.type):
        lengths = pc.fill_null(pc.list_value_length(column), 0)
        return pc.if_else(pc.greater(lengths, 0), column, added)
    return pc.coalesce(column, added)


def lists_of(rows: Numbers, values: pa.Array, count: int) -> pa.Array:
    """Return lists, one for each of `count` rows, of values that stand in the order of their rows."""
    ends = np.cumsum(np.bincount(rows, minlength=count))
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]), pa.int32()), values)


def firsts_of(rows: Numbers, values: pa.Array, count: int) -> pa.Array:
    """Return for each of `count` rows the first of its values that is not NULL; `rows` says whose each value is."""
    is_there = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    filled, firsts = np.unique(rows[is_there], return_index=True)
    places = np.full(count, -1, np.int64)
    places[filled] = is_there[firsts]
    return values.take(pa.array(places, mask=places < 0))


def joined_lists(one: pa.Array | None, other: pa.Array) -> pa.Array:
    """Return lists that hold the elements of two lists each; NULL counts as empty. Their type is that of `other`."""
    if one is None:
        return other
    parts = [fitted(one, other.type), other]
    rows = np.concatenate([pc.list_parent_indices(part).to_numpy() for part in parts]).astype(np.int64)
    order = np.argsort(rows, kind="stable")
    values = pa.concat_arrays([part.flatten() for part in parts]).take(pa.array(order))
    return lists_of(rows[order], values, len(other))


def with_members(column: MessagesColumn, elements: Nouns, rows: Numbers, count: int) -> pa.Array:
    """Return a list of messages for each of `count` rows, with the members of a column; `rows` says whose each is."""
    wanted = arrow_type(column)
    members = [
        pa.nulls(elements.count, field.type)
        if (array := elements.get(field.name)) is None
        else fitted(array, field.type)
        for field in wanted.value_type
    ]
    return lists_of(rows, pa.StructArray.from_arrays(members, [field.name for field in wanted.value_type]), count)


def fitted(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return an array in a type that has fewer members; a list that is NULL becomes empty."""
    if array.type == kind:
        return array
    messages = dict(zip((field.name for field in array.type.value_type), array.flatten().flatten(), strict=True))
    elements = Nouns(messages, len(array.flatten()))
    rows = pc.list_parent_indices(array).to_numpy().astype(np.int64)
    members = [
        fitted(elements.columns[field.name], field.type)
        if field.name in elements.columns
        else pa.nulls(elements.count, field.type)
        for field in kind.value_type
    ]
    return lists_of(rows, pa.StructArray.from_arrays(members, [field.name for field in kind.value_type]), len(array))


def _combined(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else combined.chunk(0)
