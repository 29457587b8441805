"""CSV exports, as the portals write them: each row becomes a JSON object of text, by the names of the header.

Of a name that stands twice in the header the first column counts; an empty cell is left out. A row has the number of
the line on which it begins. Log Analytics writes `TimeGenerated [UTC]` over times as the viewer's country writes them:
such a column becomes `TimeGenerated`, and its times ISO 8601.
"""

from __future__ import annotations

import csv
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from operator import itemgetter

import numpy as np
import orjson
import pyarrow as pa

from windshear.logs.readers.frames import BadFrame, Framed, Frames, too_large
from windshear.logs.readers.limits import Limits

_DELIMITERS = (",", ";", "\t")
_FEWEST_COLUMNS = 3
_NAME = re.compile(r"[\w@$][\w@$ .:/()\[\]'-]{0,79}")
_ROWS_TOGETHER = 5_000
_IN_UTC = " [UTC]"
_LOCAL = re.compile(
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}), "
    r"(?P<hour>\d{1,2}):(?P<rest>\d\d:\d\d(?:\.\d{1,9})?)[ \u202f](?P<half>[AP])M"
)


def delimiter_of(head: bytes) -> str | None:
    r"""Return what stands between the columns of a CSV text, given its beginning; None if it does not look like one.

    Its first line must be names, and the second row as wide as the first.

    >>> delimiter_of(b'Date (UTC),Request ID,"IP address"\n2025-03-12T09:00:00Z,1,192.0.2.1\n')
    ','
    """
    lines = head.decode("utf-8", "replace").splitlines(keepends=True)
    if len(lines) > 1 and not head.endswith(b"\n"):
        lines = lines[:-1]  # cut off
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(lines, delimiter=delimiter, strict=True)
            header, first = next(rows, []), next(rows, None)
        except csv.Error:
            continue
        is_header = len(header) >= _FEWEST_COLUMNS and all(_NAME.fullmatch(name.strip()) for name in header)
        if is_header and (first is None or len(first) == len(header)):
            return delimiter
    return None


def frame_rows(chunks: Iterable[bytes], delimiter: str, limits: Limits) -> Iterator[Framed]:
    """Yield the rows of a CSV text behind its header."""
    csv.field_size_limit(limits.record_bytes)
    lines = _Lines(chunks, limits)
    rows = csv.reader(iter(lines), delimiter=delimiter)
    table = _Table(next(rows, []))
    texts: list[bytes] = []
    numbers: list[int] = []
    waiting = 0
    while True:
        lines.begin_row()
        number = lines.number + 1
        found = _row(rows, table, lines, number, limits)
        if isinstance(found, BadFrame):
            yield found
        elif found:
            texts.append(found)
            numbers.append(number)
            waiting += len(found)
        if texts and (found is None or len(texts) >= _ROWS_TOGETHER or waiting >= limits.chunk_bytes):
            yield Frames(pa.array(texts, pa.binary()).cast(pa.string()), np.array(numbers, np.int64))
            texts, numbers, waiting = [], [], 0
        if found is None:
            return


class _Table:
    """The columns of a table by their names; where a name stands twice, the first counts."""

    def __init__(self, header: list[str]) -> None:
        written = [name.strip() for name in header]
        names = [name.removesuffix(_IN_UTC) for name in written]
        self._names = names if len({*names}) == len(names) else None
        self._places = {name: place for place, name in reversed([*enumerate(names)])}
        self._times = [place for place, name in enumerate(written) if name.endswith(_IN_UTC)]
        self.width = len(names)

    def record(self, row: list[str]) -> bytes:
        """Return a row as JSON; TypeError if it is not UTF-8."""
        for place in self._times:
            row[place] = _iso_time(row[place])
        if self._names is not None:
            return orjson.dumps({name: cell for name, cell in zip(self._names, row, strict=True) if cell})
        return orjson.dumps(
            {name: row[place] for name, place in sorted(self._places.items(), key=itemgetter(1)) if row[place]}
        )


def _row(
    rows: Iterator[list[str]], table: _Table, lines: _Lines, number: int, limits: Limits
) -> bytes | BadFrame | None:
    """Return the next row as JSON, nothing for an empty line, or None at the end."""
    try:
        row = next(rows, None)
    except csv.Error:
        return too_large(number, limits.record_bytes, lines.kept())
    if row is None:
        return None
    if lines.is_too_large:
        return too_large(number, limits.record_bytes, lines.kept())
    if not any(row):
        return b""
    if len(row) != table.width:
        reason = f"a row of {len(row)} columns where the header has {table.width}"
        return BadFrame(number, reason, lines.kept().decode("utf-8", "replace"))
    try:
        return table.record(row)
    except TypeError:
        return BadFrame(number, "not valid UTF-8", lines.kept().decode("utf-8", "replace"))


def _iso_time(text: str) -> str:
    """Return a time that is written month first and by halves of a day in ISO 8601; another one as it is.

    >>> _iso_time("5/20/2020, 7:58:14.250 PM")
    '2020-05-20T19:58:14.250Z'
    """
    found = _LOCAL.fullmatch(text)
    if found is None:
        return text
    hour = int(found["hour"]) % 12 + (12 if found["half"] == "P" else 0)
    return f"{found['year']}-{found['month']:0>2}-{found['day']:0>2}T{hour:02}:{found['rest']}Z"


class _Lines:
    """The lines of a text, with the beginning of those that the row at hand is made of."""

    def __init__(self, chunks: Iterable[bytes], limits: Limits) -> None:
        self._chunks = chunks
        self._limits = limits
        self._row: list[str] = []
        self._size = 0
        self.number = 0
        self.is_too_large = False

    def __iter__(self) -> Iterator[str]:
        for line in self._split():
            self.number += 1
            if self._size < self._limits.kept_bytes or not self.is_too_large:
                self._row.append(line)
            self._size += len(line)
            self.is_too_large |= self._size > self._limits.record_bytes
            yield "\n" if self.is_too_large else line

    def kept(self) -> bytes:
        """Return the beginning of the row at hand."""
        return "".join(self._row).encode("utf-8", "surrogateescape")[: self._limits.kept_bytes].rstrip(b"\r\n")

    def begin_row(self) -> None:
        """Begin a new row."""
        self._row.clear()
        self._size, self.is_too_large = 0, False

    def _split(self) -> Iterator[str]:
        decoder = getincrementaldecoder("utf-8")("surrogateescape")
        rest = ""
        for chunk in self._chunks:
            *whole, rest = (rest + decoder.decode(chunk)).split("\n")
            for line in whole:
                yield line + "\n"
            if len(rest) > self._limits.record_bytes:
                yield rest
                rest = ""
        if rest:
            yield rest
