"""Parquet files of events that `normalize` wrote: the column that holds each event whole is what is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from windshear.logs.readers.frames import Framed, decoded
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.stream import BrokenStreamError

PARQUET = b"PAR1"
_COLUMN = "udm"
_ROWS = 1_000


class NotEventsError(Exception):
    """A Parquet file that holds something else."""


def frame_parquet(stream: IO[bytes], limits: Limits) -> Iterator[Framed]:
    """Yield the events of a file, numbered from 1; the stream can be wound back."""
    try:
        file = pq.ParquetFile(stream, read_dictionary=[_COLUMN])  # so that a repeated text is held once
    except KeyError as error:
        raise NotEventsError(f"a Parquet file without the column `{_COLUMN}` that `normalize` writes") from error
    except (OSError, pa.ArrowException) as error:
        raise BrokenStreamError(f"broken Parquet file ({error})") from error
    number = 1
    try:
        for batch in file.iter_batches(batch_size=_ROWS, columns=[_COLUMN]):
            for texts in _pieces(batch.column(0), limits):
                yield from decoded(texts, np.arange(number, number + len(texts), dtype=np.int64))
                number += len(texts)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise BrokenStreamError(f"broken Parquet file ({error})") from error


def _pieces(column: pa.Array, limits: Limits) -> Iterator[pa.BinaryArray]:
    """Give the texts of a column in pieces that are no larger than a batch, but for a single text."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    lengths = pc.binary_length(column.dictionary).take(column.indices).fill_null(0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(lengths)
    start = 0
    while start < len(column):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + limits.batch_bytes, side="right")))
        piece = column.slice(start, stop - start)
        yield piece.dictionary.take(piece.indices).fill_null("").cast(pa.binary())
        start = stop
