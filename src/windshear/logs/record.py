"""Raw records between a reader and the parsers: columns of text, never one object per record.

A batch may hold records of several sources, because logs often arrive as many small files and a statement per file
would cost more than its records. `origin` says where one record came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Indices = npt.NDArray[np.int64]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: a source and the number of its line or element, from 1."""

    source: str
    number: int


@dataclass(frozen=True, slots=True)
class Values:
    """What stands at some places of records; null where there is nothing.

    own: for each record. shared: for each of the rows that differ. row_of: which of these each record has.
    """

    own: Mapping[Path, pa.Array]
    shared: Mapping[Path, pa.Array]
    row_of: Indices


class Unwritten(Protocol):
    """Records that a reader puts together: their text is written when somebody asks for it."""

    def __len__(self) -> int: ...

    @property
    def sizes(self) -> Indices:
        """About how many bytes each record takes."""

    def take(self, indices: Indices) -> Self:
        """Return the chosen records, in the given order."""

    def texts(self) -> pa.StringArray:
        """Return the records as text."""

    @property
    def own(self) -> frozenset[Path]:
        """The places at which each record has a value of its own."""

    def values(self, own: Sequence[Path], shared: Sequence[Path]) -> Values | None:
        """Return what stands at some places of the records, as their text would tell; None if only the text can.

        shared: places at which records have the same values again and again.
        """

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put records one after the other."""


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Raw records as text, in the order of reading."""

    held: pa.StringArray | Unwritten
    sources: tuple[str, ...]
    source_of: Indices  # index into `sources`, one per record
    numbers: Indices  # line or element number in the source, from 1, one per record

    def __len__(self) -> int:
        return len(self.held)

    @property
    def texts(self) -> pa.StringArray:
        """The raw texts of the records."""
        return self.held if isinstance(self.held, pa.StringArray) else self.held.texts()

    @property
    def sizes(self) -> Indices:
        """The sizes of the records in bytes; about, where they are not written."""
        if isinstance(self.held, pa.StringArray):
            sizes: Indices = pc.binary_length(self.held).to_numpy(zero_copy_only=False).astype(np.int64)
            return sizes
        return self.held.sizes

    @property
    def nbytes(self) -> int:
        """The size of all records, as `sizes` has them."""
        return self.held.nbytes if isinstance(self.held, pa.StringArray) else int(self.held.sizes.sum())

    def text(self, index: int) -> str:
        """Return the raw text of one record."""
        return str(self.texts[index].as_py())

    def origin(self, index: int) -> Origin:
        """Return where one record came from."""
        return Origin(self.sources[int(self.source_of[index])], int(self.numbers[index]))

    def take(self, indices: Indices) -> RecordBatch:
        """Return the chosen records, in the given order."""
        held = self.held.take(pa.array(indices) if isinstance(self.held, pa.StringArray) else indices)
        return RecordBatch(held, self.sources, self.source_of[indices], self.numbers[indices])

    def slice(self, start: int, stop: int) -> RecordBatch:
        """Return the records from `start` up to `stop`, without copying texts that are written."""
        if not isinstance(self.held, pa.StringArray):
            return self if stop - start == len(self) else self.take(np.arange(start, stop, dtype=np.int64))
        return RecordBatch(
            self.held.slice(start, stop - start),
            self.sources,
            self.source_of[start:stop],
            self.numbers[start:stop],
        )


def batch_of(texts: Sequence[str], source: str = "-", first: int = 1) -> RecordBatch:
    """Make a batch of records of one source, numbered from `first`."""
    count = len(texts)
    numbers = np.arange(first, first + count, dtype=np.int64)
    return RecordBatch(pa.array(texts, pa.string()), (source,), np.zeros(count, np.int64), numbers)


def join_batches(batches: Iterable[RecordBatch]) -> RecordBatch:
    """Put batches one after the other."""
    parts = list(batches)
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return batch_of([])
    sources = tuple(dict.fromkeys(source for part in parts for source in part.sources))
    place = {source: index for index, source in enumerate(sources)}
    renumbered = [np.array([place[source] for source in part.sources], np.int64)[part.source_of] for part in parts]
    return RecordBatch(
        _joined([part.held for part in parts]),
        sources,
        np.concatenate(renumbered),
        np.concatenate([part.numbers for part in parts]),
    )


def _joined(parts: Sequence[pa.StringArray | Unwritten]) -> pa.StringArray | Unwritten:
    kinds = {type(part) for part in parts}
    if len(kinds) == 1 and pa.StringArray not in kinds:
        return kinds.pop().joined(parts)
    return pa.concat_arrays([part if isinstance(part, pa.StringArray) else part.texts() for part in parts])
