"""The lines of CSV files without comments, which are lines that begin with `#`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO


class CsvLines:
    """Lines to be given to a CSV reader; `number` is that of the last line given."""

    def __init__(self, stream: TextIO) -> None:
        """Read from a stream."""
        self._stream = stream
        self._is_quoted = False  # inside a cell that goes on over a line break
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        """Yield the lines."""
        for line in self._stream:
            self.number += 1
            if self._is_quoted or not line.startswith("#"):
                self._is_quoted ^= line.count('"') % 2 == 1
                yield line
