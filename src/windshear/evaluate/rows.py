"""Rows for data tables: what a rule says would silence it, and such rows put into tables and their files.

A rule's `tuning` entry names table columns and the match or outcome variables whose values belong there:
`dev_workstations.hostname=host; t1021_exclusions.key=host`. Columns of one table make one row. The key of an exclusion
holds the rule's name, too: `rule|value`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from windshear.context.cells import cell_value
from windshear.context.headers import header_of
from windshear.context.tables import DataTable, table_of
from windshear.core.errors import InputError
from windshear.evaluate.findings import Finding

EXCLUSIONS = ("t1021_exclusions", "key")
_META = "tuning"
_ENTRY = re.compile(r"\s*(\w+)\.(\w+)\s*=\s*\$?(\w+)\s*")
_MOST_VALUES = 5  # of one variable that become rows of their own


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the cells that silence a rule, by column. Others are filled when it is written."""

    table: str
    cells: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The row for people: `table: column=value`."""
        return f"{self.table}: " + ", ".join(f"{column}={value}" for column, value in self.cells)

    @property
    def named(self) -> frozenset[str]:
        """What the row names, in lower case: of an exclusion without the rule."""
        is_key = self.table == EXCLUSIONS[0]
        return frozenset((value.partition("|")[2] if is_key else value).lower() for _, value in self.cells)


Candidate = tuple[Row, ...]  # rows that belong together


@dataclass(frozen=True, slots=True)
class TuningEntry:
    """What a rule's `tuning` says of one table: its columns, each with the variable whose value belongs there."""

    table: str
    columns: tuple[tuple[str, str], ...]


def tuning_of(text: str) -> tuple[TuningEntry, ...]:
    """Return what a `tuning` entry says, table by table; parts that cannot be read are left out.

    >>> tuning_of("hosts.name=host; t1021_exclusions.key=host")[0]
    TuningEntry(table='hosts', columns=(('name', 'host'),))
    """
    tables: dict[str, list[tuple[str, str]]] = {}
    for part in text.split(";"):
        if found := _ENTRY.fullmatch(part):
            tables.setdefault(found[1], []).append((found[2], found[3]))
    return tuple(TuningEntry(table, tuple(columns)) for table, columns in tables.items())


def candidates_of(finding: Finding, tables: Mapping[str, DataTable]) -> tuple[Candidate, ...]:
    """Return the rows that may silence a finding, best first: in the rule's order, in lower case and then as found."""
    found: list[Candidate] = []
    for entry in tuning_of(finding.detection.rule.meta_value(_META)):
        table = tables.get(entry.table)
        if table is None or any(column not in table.columns for column, _ in entry.columns):
            continue
        for is_lower in (True, False):
            rows = _rows(finding, entry, table, is_lower=is_lower)
            if rows:
                found.append(rows)
    return tuple(dict.fromkeys(found))


def why_none(finding: Finding, tables: Mapping[str, DataTable]) -> str:
    """Return why there is no row for a finding."""
    entries = tuning_of(finding.detection.rule.meta_value(_META))
    if not entries:
        return "the rule names no table (`tuning` in its meta section)"
    missing = [entry.table for entry in entries if entry.table not in tables]
    if len(missing) == len(entries):
        return f"there is no table `{missing[0]}`"
    names = ", ".join(f"`{variable}`" for entry in entries for _, variable in entry.columns)
    return f"what would be its row is empty or too much: {names}"


def _rows(finding: Finding, entry: TuningEntry, table: DataTable, *, is_lower: bool) -> Candidate:
    values = [finding.values(variable) for _, variable in entry.columns]
    is_single = len(entry.columns) > 1
    if not all(values) or any(len(some) > (1 if is_single else _MOST_VALUES) for some in values):
        return ()
    rows = []
    for cells in [tuple(some[0] for some in values)] if is_single else [(value,) for value in values[0]]:
        made = tuple(
            (column, _cell(finding.rule, entry.table, column, value.lower() if is_lower else value, table))
            for (column, _), value in zip(entry.columns, cells, strict=True)
        )
        if problem_of(made, table):
            return ()
        rows.append(Row(entry.table, made))
    return tuple(rows)


def _cell(rule: str, name: str, column: str, value: str, table: DataTable) -> str:
    if (name, column) == EXCLUSIONS:
        return f"{rule}|{value}"
    return f"^{re.escape(value)}$" if table.columns[column].type == "regex" else value


def problem_of(cells: Sequence[tuple[str, str]], table: DataTable) -> str:
    """Return why some cells do not fit their columns, empty if they do."""
    for column, text in cells:
        try:
            cell_value(text, table.columns[column])
        except ValueError as error:
            return str(error)
    return ""


def with_rows(table: DataTable, rows: Sequence[Row], given: Mapping[str, str] | None = None) -> DataTable:
    """Return a table with more rows; columns that neither a row nor `given` fills are empty."""
    header = [tuple(text.split(":", 1)) for text in header_of(table.columns)]
    more = table_of(table.name, [(name, kind) for name, kind in header], [_texts(table, row, given) for row in rows])
    if more.problems:
        raise InputError(more.problems[0])
    return replace(table, rows=pa.concat_tables([table.rows, more.rows.cast(table.rows.schema)]))


def has_row(table: DataTable, row: Row) -> bool:
    """Tell whether a table has a row with the same cells."""
    rows = table.rows
    for column, text in row.cells:
        value = cell_value(text, table.columns[column])
        if isinstance(value, list):
            is_same = pa.array([cell == value for cell in rows.column(column).to_pylist()], pa.bool_())
        else:
            is_same = pc.equal(rows.column(column), value)
        rows = rows.filter(is_same)
    return bool(rows.num_rows)


def file_with_rows(text: str, table: DataTable, rows: Sequence[Row], given: Mapping[str, str]) -> str:
    """Return the text of a table's file with more rows at its end; what is there stays, comments included."""
    added = io.StringIO()
    csv.writer(added, lineterminator="\n").writerows(_texts(table, row, given) for row in rows)
    return text + ("" if not text or text.endswith("\n") else "\n") + added.getvalue()


def _texts(table: DataTable, row: Row, given: Mapping[str, str] | None) -> list[str]:
    cells = {**(given or {}), **dict(row.cells)}
    return [cells.get(column, "") for column in table.columns]
