"""Keys and values, above all of arrays of objects that hold them, as proto-JSON text: whole columns of them at once.

What `pairs` says of one record is said here of many, for a log may have a dozen such objects in every record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from windshear.logs.pairs import bare
from windshear.logs.parser import Pairs
from windshear.logs.record import Indices
from windshear.logs.text_slices import places

Flags = npt.NDArray[np.bool_]

_LABEL, _MEMBER = ('{"key":"', '","value":"', '"}'), ('"', '":"', '"')
_QUOTE, _BACKSLASH, _FIRST_PRINTABLE = ord('"'), ord("\\"), ord(" ")


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys and values, each with the row that it is of; the rows are in order."""

    rows: Indices
    keys: pa.StringArray
    values: pa.StringArray

    def where(self, kept: Flags) -> Entries:
        """Return some of them."""
        if kept.all():
            return self
        mask = pa.array(kept)
        return Entries(self.rows[kept], self.keys.filter(mask), self.values.filter(mask))

    def texts(self, count: int, written: tuple[str, str, str]) -> pa.StringArray:
        """Join the entries of each row; None where there is none. written: what stands around a key and its value."""
        if not len(self.rows):
            return pa.nulls(count, pa.string())
        before, between, after = map(_text, written)
        keys, values = _escaped(self.keys), _escaped(self.values)
        each = pc.binary_join_element_wise(before, keys, between, values, after, _text(""))
        bounds = np.searchsorted(self.rows, np.arange(count + 1)).astype(np.int32)
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds), each), _text(","))
        return pc.if_else(pa.array(np.diff(bounds) > 0), joined, _text(None))


def together(each: Sequence[Entries]) -> Entries:
    """Put entries together; of each row, those of the first stand first."""
    if len(each) == 1:
        return each[0]
    rows = np.concatenate([one.rows for one in each])
    order = np.argsort(rows, kind="stable")
    keys, values = (pa.concat_arrays(texts) for texts in zip(*((one.keys, one.values) for one in each), strict=True))
    return Entries(rows[order], keys.take(pa.array(order)), values.take(pa.array(order)))


def labels(entries: Entries, count: int) -> pa.StringArray:
    """Write the entries of each row as the elements of a list of labels, without the brackets."""
    return entries.texts(count, _LABEL)


def members(entries: Entries, own: Sequence[str], stands: pa.ChunkedArray) -> pa.StringArray:
    """Write the entries of each row as members of an object: each key once, as it first stands.

    own: keys that stand before these. stands: for each row, a list that says which of them it has.
    """
    is_kept = np.zeros(len(entries.rows), np.bool_)
    is_kept[_first_of_each(entries.rows, entries.keys)[0]] = True
    is_kept &= ~_stand_before(entries, own, stands)
    return entries.where(is_kept).texts(len(stands), _MEMBER)


def entries_of_texts(find: Callable[[str], Iterable[tuple[str, str]]], texts: pa.ChunkedArray) -> Entries:
    """Return what is found in each text that there is."""
    found = [(row, *one) for row, text in enumerate(texts.to_pylist()) if text is not None for one in find(text)]
    rows, keys, values = zip(*found, strict=True) if found else ((), (), ())
    return Entries(np.array(rows, np.int64), pa.array(keys, pa.string()), pa.array(values, pa.string()))


def entries_of_pairs(pairs: Pairs, keys: pa.ChunkedArray, values: pa.ChunkedArray) -> Entries:
    """Return the entries of arrays.

    A key counts as it first stands in its row: if it has no value there, it has none.
    """
    key_lists, value_lists = _in_one_piece(keys), _in_one_piece(values)
    counts = _counts(key_lists)
    rows = np.arange(len(counts))
    if not np.array_equal(counts, _counts(value_lists)):
        both = pc.and_(key_lists.is_valid(), value_lists.is_valid())
        key_lists, value_lists = key_lists.filter(both), value_lists.filter(both)
        counts, rows = _counts(key_lists), rows[both.to_numpy(zero_copy_only=False)]
    found = Entries(np.repeat(rows, counts), key_lists.flatten(), value_lists.flatten())
    if pairs.is_bare and _begins_with_quote(found.values):
        found = Entries(found.rows, found.keys, _each_once(found.values, bare))
    has_value = _lengths(found.values) > 0
    is_kept = has_value & (_lengths(found.keys) > 0)
    if not has_value.all():
        first, place = _first_of_each(found.rows, found.keys)
        is_kept &= has_value[first][place]
    found = found.where(is_kept)
    if not pairs.prefix:
        return found
    return Entries(found.rows, pc.binary_join_element_wise(_text(pairs.prefix), found.keys, _text("")), found.values)


def entries_of_lists(prefix: str, lists: pa.ChunkedArray) -> Entries:
    """Return the texts of lists under a prefix and their number from 0; an empty text is none, but counted."""
    every = _in_one_piece(lists)
    counts = _counts(every)
    ends = np.cumsum(counts)
    numbers = np.arange(counts.sum()) - np.repeat(ends - counts, counts)
    keys = pc.binary_join_element_wise(_text(prefix), pa.array(numbers).cast(pa.string()), _text(""))
    found = Entries(np.repeat(np.arange(len(counts)), counts), keys, every.flatten())
    return found.where(_lengths(found.values) > 0)


def _stand_before(entries: Entries, own: Sequence[str], stands: pa.ChunkedArray) -> Flags:
    """Say which entries have a key that stands before them in their row."""
    number = pc.index_in(entries.keys, pa.array(own, pa.string())).fill_null(-1).to_numpy()
    found = np.flatnonzero(number >= 0)
    is_before = np.zeros(len(number), np.bool_)
    if len(found):
        flags = stands.combine_chunks().flatten().to_numpy(zero_copy_only=False)
        is_before[found] = flags[entries.rows[found] * len(own) + number[found]]
    return is_before


def _first_of_each(rows: Indices, keys: pa.StringArray) -> tuple[Indices, Indices]:
    """Return where each key of each row first stands, and for every key which of these places is its own."""
    codes = keys.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    _, first, place = np.unique(rows * (codes.max(initial=0) + 2) + codes, return_index=True, return_inverse=True)
    return first, place


def _in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _counts(lists: pa.ListArray) -> Indices:
    """Return the numbers of elements; 0 where there is no list."""
    counts: Indices = pc.list_value_length(lists).fill_null(0).to_numpy()
    return counts


def _lengths(texts: pa.StringArray) -> Indices:
    """Return the numbers of bytes; 0 where there is no text."""
    return np.diff(places(texts)[1])


def _begins_with_quote(texts: pa.StringArray) -> bool:
    data, bounds = places(texts)
    starts = bounds[:-1][bounds[:-1] < bounds[1:]]
    return bool((np.frombuffer(data, np.uint8)[starts] == _QUOTE).any())


def _text(value: str | None) -> pa.StringScalar:
    """Say of what type a value is: to find it out takes Arrow 50 µs."""
    return pa.scalar(value, pa.string())


def _each_once(texts: pa.StringArray, change: Callable[[str], str]) -> pa.StringArray:
    """Change texts, equal ones together."""
    coded = texts.dictionary_encode()
    changed = [None if text is None else change(text) for text in coded.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(coded.indices)


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    """Write texts as JSON does between its quotes."""
    buffer, bounds = places(texts)
    data = np.frombuffer(buffer, np.uint8)[bounds[0] : bounds[-1]]
    signs = np.unique(data[(data == _BACKSLASH) | (data == _QUOTE) | (data < _FIRST_PRINTABLE)]).tolist()
    for sign in sorted(signs, key=lambda sign: sign != _BACKSLASH):  # it is what others are escaped with
        texts = pc.replace_substring(texts, chr(sign), orjson.dumps(chr(sign)).decode()[1:-1])
    return texts
