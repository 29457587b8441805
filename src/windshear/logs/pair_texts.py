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

Flags = npt.NDArray[np.bool_]

_CONTROLS = "[\x00-\x1f]"
_LABEL, _MEMBER = ('{"key":"', '","value":"', '"}'), ('"', '":"', '"')


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
        before, between, after = map(_text, written)
        keys, values = _escaped(self.keys), _escaped(self.values)
        each = pc.binary_join_element_wise(before, keys, between, values, after, _text(""))
        bounds = np.searchsorted(self.rows, np.arange(count + 1)).astype(np.int32)
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds), each), _text(","))
        return pc.if_else(pa.array(np.diff(bounds) > 0), joined, _text(None))


def labels_of_pairs(pairs: Pairs, keys: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.StringArray:
    """Write the entries of each row as the elements of a list, without the brackets."""
    return entries_of_pairs(pairs, keys, values).texts(len(keys), _LABEL)


def labels_of_lists(prefix: str, lists: pa.ChunkedArray) -> pa.StringArray:
    """Write the texts of each row's list as labels, whose keys are a prefix and the number of the text."""
    return entries_of_lists(prefix, lists).texts(len(lists), _LABEL)


def members(each: Sequence[Entries], own: Sequence[str], stands: pa.ChunkedArray) -> pa.StringArray:
    """Write the entries of each row as members of an object: each key once, as it first stands.

    own: keys that stand before these. stands: for each row, a list that says which of them it has.
    """
    entries = Entries(
        np.concatenate([one.rows for one in each]),
        pa.concat_arrays([one.keys for one in each]),
        pa.concat_arrays([one.values for one in each]),
    )
    is_kept = np.zeros(len(entries.rows), np.bool_)
    is_kept[_first_of_each(entries.rows, entries.keys)[0]] = True
    is_kept &= ~_stand_before(entries, own, stands)
    order = np.argsort(entries.rows[is_kept], kind="stable")
    kept = entries.where(is_kept)
    in_order = Entries(kept.rows[order], kept.keys.take(pa.array(order)), kept.values.take(pa.array(order)))
    return in_order.texts(len(stands), _MEMBER)


def entries_of_texts(find: Callable[[str], Iterable[tuple[str, str]]], texts: pa.ChunkedArray) -> Entries:
    """Return what is found in each text that there is."""
    found = [(row, *one) for row, text in enumerate(texts.to_pylist()) if text is not None for one in find(text)]
    rows, keys, values = zip(*found, strict=True) if found else ((), (), ())
    return Entries(np.array(rows, np.int64), pa.array(keys, pa.string()), pa.array(values, pa.string()))


def entries_of_pairs(pairs: Pairs, keys: pa.ChunkedArray, values: pa.ChunkedArray) -> Entries:
    """Return the entries of arrays.

    A key counts as it first stands in its row: if it has no value there, it has none.
    """
    listed = keys.combine_chunks(), values.combine_chunks()
    both = pc.and_(listed[0].is_valid(), listed[1].is_valid())
    rows = np.flatnonzero(both.to_numpy(zero_copy_only=False))
    keys, values = (lists.filter(both) for lists in listed)
    rows = np.repeat(rows, pc.list_value_length(keys).to_numpy())
    found = Entries(rows, keys.flatten(), values.flatten())
    if pairs.is_bare:
        found = Entries(rows, found.keys, _each_once(found.values, bare))
    has_value, has_key = _is_filled(found.values), _is_filled(found.keys)
    is_kept = has_value & has_key
    if not has_value.all():
        first, place = _first_of_each(rows, found.keys)
        is_kept &= has_value[first][place]
    found = found.where(is_kept)
    if not pairs.prefix:
        return found
    return Entries(found.rows, pc.binary_join_element_wise(_text(pairs.prefix), found.keys, _text("")), found.values)


def entries_of_lists(prefix: str, lists: pa.ChunkedArray) -> Entries:
    """Return the texts of lists under a prefix and their number from 0; an empty text is none, but counted."""
    every = lists.combine_chunks()
    counts = pc.list_value_length(every).fill_null(0).to_numpy()
    ends = np.cumsum(counts)
    numbers = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
    keys = pc.binary_join_element_wise(_text(prefix), pa.array(numbers).cast(pa.string()), _text(""))
    found = Entries(np.repeat(np.arange(len(counts)), counts), keys, every.flatten())
    return found.where(_is_filled(found.values))


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


def _is_filled(texts: pa.StringArray) -> Flags:
    filled: Flags = pc.binary_length(texts).fill_null(0).to_numpy() > 0
    return filled


def _text(value: str | None) -> pa.StringScalar:
    """Say of what type a value is: to find out, Arrow looks for a module that is not there, each time."""
    return pa.scalar(value, pa.string())


def _each_once(texts: pa.StringArray, change: Callable[[str], str]) -> pa.StringArray:
    """Change texts, equal ones together."""
    coded = texts.dictionary_encode()
    changed = [None if text is None else change(text) for text in coded.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(coded.indices)


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    """Write texts as JSON does between its quotes."""
    for sign in '\\"':
        texts = pc.replace_substring(texts, sign, "\\" + sign)
    if not pc.any(pc.match_substring_regex(texts, _CONTROLS)).as_py():
        return texts
    for sign in map(chr, range(ord(" "))):
        texts = pc.replace_substring(texts, sign, orjson.dumps(sign).decode()[1:-1])
    return texts
