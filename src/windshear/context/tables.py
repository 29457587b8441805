"""Data tables: typed rows that rules look values up in, or join events with.

A table is a CSV file whose header types the columns: `user:string,net:cidr,host:string[],score:number`. A column
without a type holds strings. `[]` allows several values in a cell, written with `|` between them; `:key` at the end
marks a column that identifies a row. Lines that begin with `#` are comments.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, get_args

import pyarrow as pa

from windshear.core.errors import InputError
from windshear.language import expressions as ex
from windshear.language.patterns import compile_pattern
from windshear.language.rule import CheckedRule
from windshear.language.tables import ColumnType, TableColumn, TableSchema

_HEADER = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<type>[a-z]+))?(?P<several>\[\])?(?P<key>:key)?")
_MOST_COLUMNS, _MOST_ROWS = 1_000, 10_000_000  # what the service allows
_LARGEST_CELL = 1_000_000
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table with its rows: one Arrow column per table column (text or double, or a list of them).

    problems: why rules cannot use it, each with place and reason, at most the first 20. source: its file, or where it
    stands.
    """

    name: str
    columns: TableSchema
    rows: pa.Table
    source: str
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Columns:
    """The values of a table while its rows are read."""

    schema: TableSchema
    values: list[list[object]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.values = [[] for _ in self.schema]

    def add(self, place: str, cells: Sequence[str]) -> None:
        """Take in a row; a row with a cell that does not fit its column is left out and told."""
        if len(cells) != len(self.schema):
            self._report(f"{place}: {len(cells)} cells, the header has {len(self.schema)} columns")
            return
        row = []
        for cell, (name, column) in zip(cells, self.schema.items(), strict=True):
            try:
                row.append(_value(cell, column))
            except ValueError as error:
                self._report(f"{place}, column `{name}`: {error}")
                return
        for values, value in zip(self.values, row, strict=True):
            values.append(value)

    def _report(self, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)

    def table(self, name: str, source: str) -> DataTable:
        """Return what was read."""
        arrays = {
            column: pa.array(values, _arrow_type(kind))
            for (column, kind), values in zip(self.schema.items(), self.values, strict=True)
        }
        return DataTable(name, self.schema, pa.table(arrays), source, tuple(self.problems))


def read_table(path: Path) -> DataTable:
    """Read a CSV file; what is wrong with its rows is in the table's problems."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, strict=True)
        csv.field_size_limit(_LARGEST_CELL)
        try:
            header = next(reader, None)
            if header is None:
                raise InputError(f"data table `{path}` is empty: its first line names the columns")
            columns = _Columns(_schema([_column(text, f"{path}:{lines.number}") for text in header], str(path)))
            for row in reader:
                if row:
                    columns.add(f"{path}:{lines.number}", row)
                if len(columns.values[0]) > _MOST_ROWS:
                    raise InputError(f"data table `{path}` has more than {_MOST_ROWS:,} rows")
        except csv.Error as error:
            raise InputError(f"data table `{path}`, line {lines.number}: {error}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"data table `{path}` is not UTF-8 text: {error.reason}") from error
    return columns.table(path.stem, str(path))


def table_of(name: str, header: Iterable[tuple[str, str]], rows: Iterable[Sequence[object]]) -> DataTable:
    """Make a table of columns, as (name, type) in the spelling of a CSV header, and rows of text or number cells."""
    schema = _schema([_column(f"{column}:{kind}", f"table `{name}`") for column, kind in header], f"table `{name}`")
    columns = _Columns(schema)
    for number, row in enumerate(rows, start=1):
        cells = ["|".join(map(str, cell)) if isinstance(cell, list) else str(cell) for cell in row]
        columns.add(f"data table `{name}`, row {number}", cells)
    return columns.table(name, f"table `{name}`")


def tables_problem(rule: CheckedRule, tables: Mapping[str, DataTable]) -> str | None:
    """Return why a rule cannot be evaluated with these tables, or None."""
    for name in tables_read(rule):
        found = tables.get(name)
        if found is None:
            return f"data table `%{name}` is missing"
        if found.problems:
            more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
            return f"data table `%{name}` is broken: {found.problems[0]}{more}"
    return None


def tables_read(rule: CheckedRule) -> tuple[str, ...]:
    """Return the names of the tables that a rule joins or looks values up in."""
    roots = [*rule.predicates, *(outcome.value for outcome in rule.outcomes)]
    for definition in rule.placeholders.values():
        roots += [binding.value for binding in (*definition.bindings, *definition.alternatives)]
    looked_up = [
        node.list_name
        for root in roots
        for node in ex.walk(root)
        if isinstance(node, ex.Membership) and node.column is not None
    ]
    joined = [name[1:] for name, variable in rule.variables.items() if variable.source == "table"]
    return tuple(dict.fromkeys([*joined, *looked_up]))


class _Lines:
    """The lines of a CSV file without comments; `number` is that of the last line given."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_quoted = False  # inside a cell that goes on over a line break
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            self.number += 1
            if self._is_quoted or not line.startswith("#"):
                self._is_quoted ^= line.count('"') % 2 == 1
                yield line


def _schema(columns: Sequence[tuple[str, TableColumn]], where: str) -> TableSchema:
    if len(columns) > _MOST_COLUMNS:
        raise InputError(f"{where}: {len(columns)} columns, at most {_MOST_COLUMNS} are allowed")
    schema = dict(columns)
    if len(schema) < len(columns):
        names = [name for name, _ in columns]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{where}: the column `{twice}` is named twice")
    return schema


def _column(text: str, where: str) -> tuple[str, TableColumn]:
    found = _HEADER.fullmatch(text.strip())
    kinds = get_args(ColumnType)
    if found is None or (found["type"] or "string") not in kinds:
        raise InputError(
            f"{where}: `{text}` is not a column: write `name:type`, where the type is {', '.join(kinds[:-1])} or "
            f"{kinds[-1]}, then `[]` if a cell may hold several values"
        )
    kind: ColumnType = next(kind for kind in kinds if kind == (found["type"] or "string"))
    return found["name"], TableColumn(kind, bool(found["several"]), bool(found["key"]))


def _value(cell: str, column: TableColumn) -> object:
    if not column.is_repeated:
        return _one(cell, column.type)
    return [_one(part.strip(), column.type) for part in cell.split("|") if part.strip()]


def _one(text: str, kind: ColumnType) -> str | float:
    match kind:
        case "number":
            try:
                return float(text) if text.strip() else 0.0
            except ValueError:
                raise ValueError(f"`{text}` is not a number") from None
        case "cidr" if text:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError:
                raise ValueError(f"`{text}` is neither a network nor an address") from None
        case "regex" if problem := compile_pattern(text).problem:
            raise ValueError(f"`{text}` is not a pattern of RE2: {problem}")
        case _:
            pass
    return text


def _arrow_type(column: TableColumn) -> pa.DataType:
    scalar = pa.float64() if column.type == "number" else pa.string()
    return pa.list_(scalar) if column.is_repeated else scalar
