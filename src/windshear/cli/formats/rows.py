"""Rows of a search: one writer per format, each takes rows one by one and is closed at the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import orjson

from windshear.cli.formats.names import SearchFormat
from windshear.cli.formats.story import shorten
from windshear.engine.search.values import shown_value
from windshear.language.query import ResultColumn

Row = Sequence[object]
_WIDEST = 160  # characters of a cell of the table
_NARROWEST = 12  # characters that a column keeps on a narrow terminal
_GAP = "  "
_MEASURED = 500  # rows by which the widths of the table are chosen


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Where rows go."""

    write: Callable[[Row], None]
    close: Callable[[], None]


def row_writer(
    form: SearchFormat, columns: Sequence[ResultColumn], stream: BinaryIO, *, width: int | None = None
) -> RowWriter:
    """Return the writer of a format. `width`: of the terminal that a table has to fit on, None for any other place."""
    match form:
        case SearchFormat.TABLE:
            table = _Table(columns, stream, width)
            return RowWriter(table.write, table.close)
        case SearchFormat.JSONL:
            return RowWriter(lambda row: _put(stream, _json(columns, row) + b"\n"), lambda: None)
        case SearchFormat.JSON:
            return _json_array(columns, stream)
        case SearchFormat.CSV:
            return _csv(columns, stream)


def _put(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)


def _json(columns: Sequence[ResultColumn], row: Row) -> bytes:
    pairs = zip(columns, row, strict=True)
    return orjson.dumps({column.name: shown_value(column, value) for column, value in pairs})


def _json_array(columns: Sequence[ResultColumn], stream: BinaryIO) -> RowWriter:
    opening = [b"[\n"]

    def write(row: Row) -> None:
        stream.write(opening[0] + _json(columns, row))
        opening[0] = b",\n"

    return RowWriter(write, lambda: _put(stream, b"\n]\n" if opening[0] == b",\n" else b"[]\n"))


def _csv(columns: Sequence[ResultColumn], stream: BinaryIO) -> RowWriter:
    """Write a header and rows; a list is a JSON array in one cell, null an empty cell."""
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])

    def write(row: Row) -> None:
        cells = zip(columns, row, strict=True)
        writer.writerow([_cell(shown_value(column, value), null="") for column, value in cells])

    return RowWriter(write, lambda: _put(text.detach(), b""))  # whoever opened the stream closes it


def _cell(value: object, *, null: str) -> str:
    match value:
        case None:
            return null
        case bool():
            return "true" if value else "false"
        case list():
            return orjson.dumps(value).decode()
        case _:
            return str(value)


class _Table:
    """Aligned columns: the first rows decide how wide they are, cells that are too long are cut in the middle."""

    def __init__(self, columns: Sequence[ResultColumn], stream: BinaryIO, width: int | None) -> None:
        self._columns = columns
        self._width = width
        self._stream = stream
        self._waiting: list[list[str]] = []
        self._widths: list[int] | None = None

    def write(self, row: Row) -> None:
        cells = [
            shorten(_plain(shown_value(column, value)), _WIDEST)
            for column, value in zip(self._columns, row, strict=True)
        ]
        if self._widths is not None:
            self._print(cells)
            return
        self._waiting.append(cells)
        if len(self._waiting) == _MEASURED:
            self._begin()

    def close(self) -> None:
        if self._widths is None and self._waiting:
            self._begin()

    def _begin(self) -> None:
        header = [shorten(column.name, _WIDEST) for column in self._columns]
        self._widths = _fitting(
            [max(map(len, cells)) for cells in zip(header, *self._waiting, strict=True)], self._width
        )
        self._print(header)
        self._print(["-" * width for width in self._widths])
        for cells in self._waiting:
            self._print(cells)
        self._waiting.clear()

    def _print(self, cells: Sequence[str]) -> None:
        widths = self._widths or [0] * len(cells)
        numbers = [column.type.is_number and not column.is_time for column in self._columns]
        placed = (
            f"{_cut(cell, width):>{width}}" if is_number else f"{_cut(cell, width):<{width}}"
            for cell, width, is_number in zip(cells, widths, numbers, strict=True)
        )
        self._stream.write((_GAP.join(placed).rstrip() + "\n").encode("utf-8", "backslashreplace"))


def _fitting(widths: list[int], total: int | None) -> list[int]:
    """Take from the widest columns what does not fit."""
    while total is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > total and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths = [width - (place == widest) for place, width in enumerate(widths)]
    return widths


def _cut(cell: str, width: int) -> str:
    """Leave out the middle of a cell that is wider than its column by the choice of a terminal."""
    return cell if len(cell) <= max(width, _NARROWEST) else shorten(cell, width)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(item, null="null") for item in value)
    return _cell(value, null="null")
