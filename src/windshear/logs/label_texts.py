"""Labels that free-form objects, arrays and texts give, as proto-JSON text: functions over columns.

What SQL cannot say is said here. Objects repeat from record to record, so what was written of short ones is kept for a
while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from json.encoder import encode_basestring  # quicker than a call of orjson for one text
from types import MappingProxyType
from typing import TypeVar

import pyarrow as pa

from windshear.logs.assembly import LabelList
from windshear.logs.flatten import flatten
from windshear.logs.pair_texts import Entries, entries_of_lists, entries_of_pairs, entries_of_texts, members, together
from windshear.logs.pair_texts import labels as written_labels

_MOST_KEPT, _LONGEST_KEPT = 1 << 20, 1024  # signs of all texts, and of one: what is kept of them is ten times as much
_TOGETHER = 10_000  # labels that are written at a time: an object may have a million

Found = Iterable[tuple[str, str]]
Members = Mapping[str, str]  # what is written of each key
_T = TypeVar("_T")
_NO_MEMBERS: Members = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LabelFunction:
    """A function that a connection must know, from whole columns of the same length to one of text."""

    name: str
    column: Callable[..., pa.Array]


def listed(labels: LabelList) -> Iterator[tuple[LabelFunction, tuple[str, ...]]]:
    """Yield what writes the labels of each column that gives several, and the columns that it reads."""
    for prefix, column in labels.flattened:
        written = _by_value(partial(flatten, prefix))
        yield LabelFunction(f"flattened:{prefix}", written), (column,)
    if labels.pairs or labels.numbered:
        few = replace(labels, flattened=())
        yield LabelFunction(f"labels:{_named(few)}", partial(_labels, few)), tuple(few.columns_of_several())


def _named(labels: LabelList) -> str:
    """Tell labels of arrays and texts from others."""
    names = [*(f"{pairs.prefix}:{pairs.is_bare}" for pairs, _, _ in labels.pairs), *dict(labels.numbered)]
    return ":".join(names)


def _labels(labels: LabelList, *columns: pa.ChunkedArray) -> pa.Array:
    return written_labels(_entries(labels, columns), len(columns[0]))


def _entries(labels: LabelList, columns: Iterable[pa.ChunkedArray]) -> Entries:
    """Return all labels of columns that give several."""
    cells = dict(zip(labels.columns_of_several(), columns, strict=True))
    return together(
        [
            *(entries_of_texts(partial(flatten, prefix), cells[column]) for prefix, column in labels.flattened),
            *(entries_of_pairs(pairs, cells[keys], cells[values]) for pairs, keys, values in labels.pairs),
            *(entries_of_lists(prefix, cells[column]) for prefix, column in labels.numbered),
        ]
    )


def united(name: str, labels: LabelList, own: Sequence[str]) -> LabelFunction:
    """Return what writes the labels of all columns that give several as the members of a Struct, whose keys are unique.

    own: the keys that stand before these. Which of them a record has, a list of truth values, is the last argument.
    """
    if labels.pairs or labels.numbered:
        return LabelFunction(name, partial(_members_of, labels, own))
    places = {key: place for place, key in enumerate(own)}
    finds = [_members_by_value(partial(flatten, prefix)) for prefix, _ in labels.flattened]

    def column(*columns: pa.ChunkedArray) -> pa.Array:
        *cells, is_there = columns
        if all(cell.null_count == len(cell) for cell in cells):
            return pa.nulls(len(is_there), pa.string())
        found = (map(find, cell.to_pylist()) for find, cell in zip(finds, cells, strict=True))
        rows = enumerate(zip(*found, strict=True))
        texts = (_united(row, places, is_there, at) if any(row) else None for at, row in rows)
        return pa.array(texts, pa.string())

    return LabelFunction(name, column)


def _members_of(labels: LabelList, own: Sequence[str], *columns: pa.ChunkedArray) -> pa.Array:
    *cells, is_there = columns
    return members(_entries(labels, cells), own, is_there)


def _united(row: Iterable[Members], own: Mapping[str, int], is_there: pa.ChunkedArray, at: int) -> str | None:
    """Join the members of a record: each key once, as it first stands, and none that stands before these."""
    united = _NO_MEMBERS
    for found in row:
        if not united or not found:
            united = united or found
        else:
            united = {**united, **{key: text for key, text in found.items() if key not in united}}
    if not own.keys().isdisjoint(united):
        stands = is_there[at].as_py()
        united = {key: text for key, text in united.items() if key not in own or not stands[own[key]]}
    return ",".join(united.values()) or None


def _members_by_value(find: Callable[[str], Found]) -> Callable[[str | None], Members]:
    return _kept(lambda value: _members(find(value)), _NO_MEMBERS)


def _members(labels: Found) -> Members:
    """Write labels as members; of equal keys the first counts."""
    written: dict[str, str] = {}
    for key, value in labels:
        if key not in written:
            written[key] = f"{encode_basestring(key)}:{encode_basestring(value)}"
    return written


def _kept(written: Callable[[str], _T], nothing: _T) -> Callable[[str | None], _T]:
    """Keep for a while what is written of short texts."""
    known: dict[str, _T] = {}
    left = _MOST_KEPT

    def kept(text: str | None) -> _T:
        nonlocal left
        if text is None:
            return nothing
        found = known.get(text)
        if found is None:
            found = written(text)
            if len(text) <= _LONGEST_KEPT:
                if len(text) > left:
                    known.clear()
                    left = _MOST_KEPT
                left -= len(text)
                known[text] = found
        return found

    return kept


def _by_value(find: Callable[[str], Found]) -> Callable[[pa.ChunkedArray], pa.Array]:
    text_of = _kept(lambda value: _labels_text(find(value)), "")

    def column(values: pa.ChunkedArray) -> pa.Array:
        if values.null_count == len(values):
            return pa.nulls(len(values), pa.string())
        return pa.array([text_of(value) or None for value in values.to_pylist()], pa.string())

    return column


def _labels_text(labels: Found) -> str:
    """Write labels as the elements of a list, without the brackets."""
    found = iter(labels)
    parts = iter(lambda: list(islice(found, _TOGETHER)), [])
    return ",".join(
        ",".join([f'{{"key":{encode_basestring(key)},"value":{encode_basestring(value)}}}' for key, value in part])
        for part in parts
    )
