"""Data tables: typed rows that rules look values up in, or join events with.

A table is a CSV file whose header types the columns: `user:string,net:cidr,host:string[],score:number`. A column
without a type holds strings. `[]` allows several values in a cell, written with `|` between them; `:key` at the end
marks a column that identifies a row. A column of the type `until` says when its row ends. In place of a type a column
may name the field of entities that it is mapped to, as in `host:entity.hostname`. Lines that begin with `#` are
comments.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from windshear.context.cells import CellValue, arrow_type, cell_value, json_text
from windshear.context.csv_lines import CsvLines
from windshear.context.headers import schema_of
from windshear.core.errors import InputError
from windshear.language import expressions as ex
from windshear.language.entity_fields import INTERVAL_END, INTERVAL_START
from windshear.language.rule import CheckedRule
from windshear.language.tables import TableSchema, joined_table

_MOST_ROWS = 10_000_000  # what the service allows
_LARGEST_CELL = 1_000_000
_ROWS_TOGETHER = 50_000
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table with its rows: one Arrow column per table column (text or number, or a list of them).

    rows: those that count. whole: with those that have ended, which rules do not see. problems: why rules cannot use
    it, each with place and reason, at most the first 20. source: its file, or where it stands.
    """

    name: str
    columns: TableSchema
    rows: pa.Table
    whole: pa.Table
    source: str
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Columns:
    """The values of a table while its rows are read: as Python objects they take many times the room of a column."""

    schema: TableSchema
    problems: list[str] = field(default_factory=list)
    row_count: int = 0
    _waiting: list[list[CellValue]] = field(default_factory=list)
    _parts: list[pa.Table] = field(default_factory=list)

    def add(self, place: str, cells: Sequence[str]) -> None:
        """Take in a row; a row with a cell that does not fit its column is left out and told."""
        if len(cells) != len(self.schema):
            self.report(f"{place}: {len(cells)} cells, the header has {len(self.schema)} columns")
            return
        row: list[CellValue] = []
        for cell, (name, column) in zip(cells, self.schema.items(), strict=True):
            try:
                row.append(cell_value(cell, column))
            except ValueError as error:
                self.report(f"{place}, column `{name}`: {error}")
                return
        if problem := self._bad_interval(row):
            self.report(f"{place}: {problem}")
            return
        self.row_count += 1
        self._waiting.append(row)
        if len(self._waiting) == _ROWS_TOGETHER:
            self._pack()

    def _bad_interval(self, row: Sequence[CellValue]) -> str | None:
        """Say so if a row that is valid during an interval is valid at no time; 0 is no bound."""
        columns = zip(self.schema.values(), row, strict=True)
        bounds = {column.field.path: cell for column, cell in columns if column.field is not None}
        start, end = bounds.get(INTERVAL_START, 0), bounds.get(INTERVAL_END, 0)
        is_bad = isinstance(start, int) and isinstance(end, int) and 0 != end < start
        return f"the interval ends ({end}) before it begins ({start})" if is_bad else None

    def report(self, problem: str) -> None:
        """Say what is wrong with a row."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)

    def table(self, name: str, source: str) -> DataTable:
        """Return what was read."""
        self._pack()
        rows = pa.concat_tables(self._parts)
        return DataTable(name, self.schema, rows, rows, source, tuple(self.problems))

    def _pack(self) -> None:
        columns = list(zip(*self._waiting, strict=True)) or [()] * len(self.schema)
        arrays = [
            pa.array(values, arrow_type(column)) for values, column in zip(columns, self.schema.values(), strict=True)
        ]
        self._parts.append(pa.table(arrays, names=list(self.schema)))
        self._waiting.clear()


def read_table(path: Path) -> DataTable:
    """Read a CSV file; what is wrong with its rows is in the table's problems, `InputError` says the rest."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _read(stream, path)
    except OSError as error:
        raise InputError(f"cannot read data table `{path}`: {error.strerror or error}") from error


def _read(stream: TextIO, path: Path) -> DataTable:
    lines = CsvLines(stream)
    reader = csv.reader(lines, strict=True)
    csv.field_size_limit(_LARGEST_CELL)
    try:
        header = next(filter(None, reader), None)
        if header is None:
            raise InputError(f"data table `{path}` is empty: its first line names the columns")
        columns = _Columns(schema_of(header, f"data table `{path}`, line {lines.number}"))
        for row in filter(None, reader):
            columns.add(f"{path}:{lines.number}", row)
            if columns.row_count > _MOST_ROWS:
                raise InputError(f"data table `{path}` has more than {_MOST_ROWS:,} rows")
    except csv.Error as error:
        raise InputError(f"data table `{path}`, line {lines.number}: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"data table `{path}` is not UTF-8 text: {error.reason}") from error
    return columns.table(path.stem, str(path))


def table_of(name: str, header: Iterable[tuple[str, str]], rows: Iterable[Sequence[object]]) -> DataTable:
    """Make a table of columns, as (name, type) in the spelling of a CSV header, and rows of text or number cells."""
    columns = _Columns(schema_of([f"{column}:{kind}" for column, kind in header], f"data table `{name}`"))
    for number, row in enumerate(rows, start=1):
        place = f"data table `{name}`, row {number}"
        try:
            columns.add(place, [json_text(cell) for cell in row])
        except ValueError as error:
            columns.report(f"{place}: {error}")
    return columns.table(name, f"table `{name}`")


def tables_problem(rule: CheckedRule, tables: Mapping[str, DataTable]) -> str | None:
    """Return why a rule cannot be evaluated with these tables, or None."""
    for name in tables_read(rule):
        found = tables.get(name)
        if found is None:
            return f"data table `%{name}` is missing: a context folder holds it as tables/{name}.csv (--context DIR)"
        if found.problems:
            more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
            return f"data table `%{name}` is broken: {found.problems[0]}{more}"
    for change in rule.setup:
        if change.operation != "exclude" and not change.columns:
            return f"the rule was checked without the data table `%{change.table}`, whose mapped columns it needs"
    return None


def tables_read(rule: CheckedRule) -> tuple[str, ...]:
    """Return the names of the tables that a rule joins, looks values up in, changes the graph by, or writes to."""
    looked_up = [
        node.list_name
        for root in rule.row_expressions
        for node in ex.walk(root)
        if isinstance(node, ex.Membership) and node.column is not None
    ]
    joined = [joined_table(name) for name, variable in rule.variables.items() if variable.source == "table"]
    changing = [change.table for change in rule.setup]
    written = [rule.export.table] if rule.export else []
    return tuple(dict.fromkeys([*joined, *looked_up, *changing, *written]))
