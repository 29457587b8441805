"""Data tables out: the tables that rules wrote to, as files that the next run can read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from windshear.cli.atomic import output
from windshear.cli.console import count
from windshear.cli.summary import Say
from windshear.context.headers import header_of
from windshear.core.errors import InputError
from windshear.engine.export import ChangedTable, Exports

_QUOTED = re.compile(r'[",\r\n]|^#|^\s|\s$')  # a line that begins with `#` would be a comment


def export_folder(path: Path | None) -> Path | None:
    """Return the folder for tables, made if it is not there; `InputError` if it cannot be."""
    if path is not None:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot write tables to `{path}`: {error.strerror or error}") from error
    return path


def export_tables(exports: Exports, folder: Path | None, say: Say) -> None:
    """Write the changed tables into a folder, or say what was not written because there is none."""
    for table in exports.changed():
        if folder is not None:
            path = folder / f"{table.table.name}.csv"
            rows = _write(table, path)
            say(f"wrote {path}: {count(rows, 'row')}, {len(table.written):,} of them from detections")
        else:
            rows_written = count(len(table.written), "row")
            say(f"{rows_written} for the data table %{table.table.name} not written (--export DIR writes them)")
    for name, rule in exports.rules.items():
        if rule.cut:
            more = count(rule.cut, "more row")
            say(f"  {name}: {more} for %{rule.table} left out, a rule writes {rule.written:,} in a run")
        if rule.refused:
            refused = count(rule.refused, "row")
            say(f"  {name}: {refused} for %{rule.table} left out, the first because of {rule.reason}")


def _write(table: ChangedTable, path: Path) -> int:
    """Write a table whole or not at all; return the number of its rows."""
    rows = 0
    with output(path) as stream:
        stream.write(csv_line(header_of(table.table.columns)))
        for row in table.rows():
            stream.write(csv_line(row))
            rows += 1
    return rows


def csv_line(cells: Iterable[str]) -> bytes:
    """Return a row as a line of CSV."""
    line = ",".join('"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell for cell in cells)
    return (line or '""').encode() + b"\n"  # an empty line is no row
