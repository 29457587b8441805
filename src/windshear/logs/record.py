"""Raw records between a reader and the parsers: columns of text, never one object per record.

A batch may hold records of several sources, because logs often arrive as many small files and a statement per file
would cost more than its records. `origin` says where one record came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: a source and the number of its line or element, from 1."""

    source: str
    number: int


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Raw records as text, in the order of reading."""

    texts: pa.StringArray
    sources: tuple[str, ...]
    source_of: Indices  # index into `sources`, one per record
    numbers: Indices  # line or element number in the source, from 1, one per record

    def __len__(self) -> int:
        return len(self.texts)

    def text(self, index: int) -> str:
        """Return the raw text of one record."""
        return str(self.texts[index].as_py())

    def origin(self, index: int) -> Origin:
        """Return where one record came from."""
        return Origin(self.sources[int(self.source_of[index])], int(self.numbers[index]))

    def take(self, indices: Indices) -> RecordBatch:
        """Return the chosen records, in the given order."""
        return RecordBatch(
            self.texts.take(pa.array(indices)), self.sources, self.source_of[indices], self.numbers[indices]
        )

    def slice(self, start: int, stop: int) -> RecordBatch:
        """Return the records from `start` up to `stop`, without copying their texts."""
        return RecordBatch(
            self.texts.slice(start, stop - start),
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
        pa.concat_arrays([part.texts for part in parts]),
        sources,
        np.concatenate(renumbered),
        np.concatenate([part.numbers for part in parts]),
    )
