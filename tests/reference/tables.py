"""Data tables: cells of text become typed values, rows become records with one field per column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.reference.context import ReferenceContext, Table
from tests.reference.records import Record
from tests.reference.values import Scalar
from windshear.language.entity_fields import entity_field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Column:
    """What the kind of a column says, e.g. `cidr`, `string[]` for several values in a cell, `string:key`."""

    kind: str
    is_repeated: bool
    is_mapped: bool


def column_of(spelling: str) -> Column:
    """Read the kind of a column; one that is mapped to a field of entities holds text or numbers, as the field does."""
    spelt, _, _ = spelling.partition(":")
    kind = spelt.removesuffix("[]")
    is_mapped = "." in kind
    if is_mapped:
        kind = "number" if entity_field(kind).type.is_number else "string"
    return Column(kind, spelt.endswith("[]"), is_mapped)


def column_values(table: Table, name: str) -> list[Scalar]:
    """Return every value of a column, row by row; a cell may hold several."""
    column = column_of(table.columns[name])
    position = list(table.columns).index(name)
    return [value for row in table.rows for value in _values(row[position], column)]


def without_ended_rows(context: ReferenceContext) -> ReferenceContext:
    """Return a context without the rows that have ended: a date ends with its day, a time when it comes."""
    now = EPOCH + timedelta(seconds=context.now_seconds)
    return replace(context, tables={name: _counting(table, now) for name, table in context.tables.items()})


def _counting(table: Table, now: datetime) -> Table:
    ends = [position for position, spelling in enumerate(table.columns.values()) if column_of(spelling).kind == "until"]
    return Table(table.columns, [row for row in table.rows if not any(_is_past(row[end], now) for end in ends)])


def _is_past(cell: str, now: datetime) -> bool:
    if not cell.strip():
        return False
    end = datetime.fromisoformat(cell.strip())
    return now.date() > end.date() if "T" not in cell else now >= end


def table_records(table: Table) -> list[Record]:
    """Return a record per row."""
    columns = {name: column_of(spelling) for name, spelling in table.columns.items()}
    return [
        {
            name: _values(cell, column) if column.is_repeated else _value(cell, column)
            for cell, (name, column) in zip(row, columns.items(), strict=True)
        }
        for row in table.rows
    ]


def _values(cell: str, column: Column) -> list[Scalar]:
    if not column.is_repeated:
        return [_value(cell, column)]
    parts = [part.strip() for part in cell.split("|") if part.strip()]
    return [_value(part, column) for part in parts or ([] if column.is_mapped else [""])]


def _value(cell: str, column: Column) -> Scalar:
    if column.kind == "number":
        return float(cell) if cell.strip() else 0.0
    return cell
