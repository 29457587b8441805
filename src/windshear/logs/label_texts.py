"""Labels that free-form objects, arrays and texts give, as proto-JSON text: functions over columns.

What SQL cannot say is said here. Objects repeat from record to record, so what was written of short ones is kept for a
while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import orjson
import pyarrow as pa

from windshear.logs.assembly import LabelList
from windshear.logs.flatten import flatten
from windshear.logs.pairs import numbered_in, pairs_of
from windshear.logs.parser import Pairs

_MOST_KEPT, _LONGEST_KEPT = 16_384, 1024  # texts, and the signs of one
_TOGETHER = 10_000  # labels that are written at a time: an object may have a million

Found = Iterable[tuple[str, str]]


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
    for pairs, keys, values in labels.pairs:
        name = f"pairs:{pairs.prefix}:{pairs.is_bare}"
        yield LabelFunction(name, partial(_pairs_column, pairs)), (keys, values)
    for numbered, column in labels.numbered:
        written = _by_value(partial(numbered_in, numbered))
        yield LabelFunction(f"numbered:{numbered.prefix}:{numbered.pattern}", written), (column,)


def united(name: str, labels: LabelList, own: Sequence[str]) -> LabelFunction:
    """Return what writes the labels of all columns that give several as the members of a Struct, whose keys are unique.

    own: the keys that stand before these. Which of them a record has, a list of truth values, is the last argument.
    """
    names = labels.columns_of_several()
    places = {key: place for place, key in enumerate(own)}

    def column(*columns: pa.ChunkedArray) -> pa.Array:
        cells = {name: column.to_pylist() for name, column in zip(names, columns, strict=False)}
        rows = labels.several(cells, len(columns[-1]))
        return pa.array([_members_text(row, places, columns[-1], at) for at, row in enumerate(rows)], pa.string())

    return LabelFunction(name, column)


def _by_value(find: Callable[[str], Found]) -> Callable[[pa.ChunkedArray], pa.Array]:
    known: dict[str, str | None] = {}

    def text_of(value: str) -> str | None:
        if value in known:
            return known[value]
        text = _labels_text(find(value))
        if len(value) <= _LONGEST_KEPT:
            if len(known) >= _MOST_KEPT:
                known.clear()
            known[value] = text
        return text

    def column(values: pa.ChunkedArray) -> pa.Array:
        encoded = values.combine_chunks().dictionary_encode()
        return pa.array(map(text_of, encoded.dictionary.to_pylist()), pa.string()).take(encoded.indices)

    return column


def _pairs_column(pairs: Pairs, keys: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.Array:
    rows = zip(keys.to_pylist(), values.to_pylist(), strict=True)
    return pa.array(
        [
            None if named is None or valued is None else _labels_text(pairs_of(pairs, named, valued))
            for named, valued in rows
        ],
        pa.string(),
    )


def _labels_text(labels: Found) -> str | None:
    """Write labels as the elements of a list; None if there is none."""
    found = list(labels)
    parts = (found[start : start + _TOGETHER] for start in range(0, len(found), _TOGETHER))
    texts = (orjson.dumps([{"key": key, "value": value} for key, value in part])[1:-1] for part in parts)
    return b",".join(texts).decode() or None


def _members_text(labels: Found, own: Mapping[str, int], is_there: pa.ChunkedArray, row: int) -> str | None:
    members: dict[str, str] = {}
    for key, value in labels:
        place = own.get(key)
        if place is None or not is_there[row][place].as_py():
            members.setdefault(key, value)
    return orjson.dumps(members)[1:-1].decode() or None
