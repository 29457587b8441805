"""`windshear baseline show`: what is known of everybody in short, or of one person or host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from windshear.cli.console import Exit, count, out, printable, tell
from windshear.context.tables import DataTable, read_table
from windshear.core.errors import InputError
from windshear.packs.pack import TABLES

_BEGINNING = "baseline_"
_PERSON, _KEY = "person_id", "key"
_DATE = 10  # characters


def show_baselines(folder: Path, who: str | None, limit: int) -> Exit:
    """Show the baseline tables of a context folder, and return the exit code."""
    tables = _tables(folder)
    if who is None:
        for table in tables:
            out.print(_short(table), markup=False, soft_wrap=True)
        return Exit.OK
    found = [(table, rows) for table in tables if (rows := _of(table, who.lower())).num_rows]
    if not found:
        tell(f"nothing is known of `{who}` in {folder}", style="yellow", lead="warning")
        return Exit.FINDINGS
    for table, rows in found:
        out.print(f"{table.name}  {count(rows.num_rows, 'row')}", style="bold", markup=False, soft_wrap=True)
        for row in _most_recent(rows).slice(0, limit).to_pylist():
            out.print(f"  {printable(_line(row, who))}", markup=False, soft_wrap=True)
        if rows.num_rows > limit:
            out.print(f"  … {rows.num_rows - limit:,} more (--limit)", markup=False, soft_wrap=True)
    return Exit.OK


def _tables(folder: Path) -> list[DataTable]:
    files = sorted((folder / TABLES).glob(f"{_BEGINNING}*.csv"))
    if not files:
        raise InputError(f"`{folder}` holds no baseline: `windshear baseline build LOGS -o {folder}` makes one")
    return [read_table(file) for file in files]


def _short(table: DataTable) -> str:
    rows = table.rows
    parts = [f"{table.name:<28}  {count(rows.num_rows, 'row'):>14}"]
    if rows.num_rows and _PERSON in rows.column_names:
        parts.append(f"{count(pc.count_distinct(rows.column(_PERSON)).as_py(), 'person'):>14}")
    times = [name for name in ("first_seen", "last_seen") if name in rows.column_names]
    if rows.num_rows and len(times) == len(("first", "last")):
        first, last = pc.min(rows.column("first_seen")).as_py(), pc.max(rows.column("last_seen")).as_py()
        parts.append(f"{_moment(first)[:_DATE]} to {_moment(last)[:_DATE]}")
    return "  ".join(parts)


def _of(table: DataTable, who: str) -> pa.Table:
    """Return the rows that hold a name, in whichever column, alone or at the beginning of a key."""
    chosen = pa.array([False] * table.rows.num_rows)
    for name in _names(table):
        column = pc.utf8_lower(table.rows.column(name))
        chosen = pc.or_(chosen, pc.or_(pc.equal(column, who), pc.starts_with(column, f"{who}|")))
    return table.rows.filter(chosen)


def _names(table: DataTable) -> list[str]:
    return [name for name, column in table.columns.items() if column.type == "string" and not column.is_repeated]


def _most_recent(rows: pa.Table) -> pa.Table:
    names = [name for name in ("last_seen", _KEY) if name in rows.column_names]
    return (
        rows.sort_by([(name, "descending" if name == "last_seen" else "ascending") for name in names])
        if names
        else rows
    )


def _line(row: Mapping[str, object], who: str) -> str:
    key = str(row.get(_KEY, row.get(_PERSON, next(iter(row.values()), ""))))
    shown = key[len(who) + 1 :] if key.lower().startswith(f"{who.lower()}|") else key
    return "  ".join([f"{shown:<32}", *_facts(row, who.lower())])


def _facts(row: Mapping[str, object], who: str) -> Iterator[str]:
    for number, (name, value) in enumerate(row.items()):
        if isinstance(value, str) and (name in (_KEY, _PERSON) or not number or value.lower() == who):
            continue
        if name.endswith("_seen") and isinstance(value, float):
            yield f"{name.removesuffix('_seen')} {_moment(value)}"
        else:
            yield f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
