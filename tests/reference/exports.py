"""The export section: the table that a rule writes, after its detections have written their rows."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

import re2

from tests.reference.context import ReferenceContext, Table
from tests.reference.detection import ReferenceDetection
from tests.reference.tables import column_of
from tests.reference.values import Scalar, Value
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

Cells = dict[str, str]


def written_tables(
    rule: CheckedRule, detections: Sequence[ReferenceDetection], context: ReferenceContext
) -> dict[str, list[list[str]]]:
    """Return the rows of the table that a rule writes to, if it wrote any row."""
    if rule.export is None:
        return {}
    table = context.tables[rule.export.table]
    written = []
    for detection in detections:
        said = {**detection.match, **detection.outcomes}
        values = {
            name: value.value if isinstance(value, ex.Literal) else said[value.name]
            for name, value in rule.export.values.items()
        }
        cells = {name: _cell(value, table.columns[name]) for name, value in values.items()}
        if all(cell is not None for cell in cells.values()):
            present = {name: cell for name, cell in cells.items() if cell is not None}
            written.append((detection.detection_time, detection.start, tuple(present.items())))
    return {rule.export.table: _upserted(table, [dict(cells) for _, _, cells in sorted(written)])} if written else {}


def _upserted(table: Table, written: Sequence[Cells]) -> list[list[str]]:
    keys = [name for name, spelling in table.columns.items() if spelling.endswith(":key")] or list(table.columns)
    rows = [_normal(dict(zip(table.columns, row, strict=True)), table) for row in table.rows]
    for cells in written:
        whole = {**_normal(dict.fromkeys(table.columns, ""), table), **cells}
        same = [row for row in rows if all(row[key] == whole[key] for key in keys)]
        for row in same:
            row.update(cells)
        if not same:
            rows.append(whole)
    return [list(row.values()) for row in rows]


def _normal(row: Mapping[str, str], table: Table) -> Cells:
    """Spell numbers and lists as they are spelt when written."""
    normal = {}
    for name, cell in row.items():
        column = column_of(table.columns[name])
        parts = [part.strip() for part in cell.split("|") if part.strip()] if column.is_repeated else [cell]
        normal[name] = "|".join(_text(float(part or 0)) if column.kind == "number" else part for part in parts)
    return normal


def _cell(value: Value, spelling: str) -> str | None:
    """Return the text of a value, None if the column cannot hold it."""
    column = column_of(spelling)
    texts = [_text(item) for item in (value if isinstance(value, list) else [value]) if item != ""]
    if column.is_repeated and any("|" in text for text in texts):
        return None
    return "|".join(texts) if all(_fits(text, column.kind) for text in texts) else None


def _fits(text: str, kind: str) -> bool:
    try:
        if kind == "cidr":
            ipaddress.ip_network(text, strict=False)
        elif kind == "regex":
            re2.compile(text)
    except (ValueError, re2.error):
        return False
    return True


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
