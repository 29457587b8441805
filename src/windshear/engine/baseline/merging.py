"""Merging baselines: rows of later history joined to those that a table holds, so that history need not be kept.

What a column says follows from its name: `first…` is the smaller of two numbers, `last…` the larger, `…share` their
mean weighted by `logins` or `events`, any other number their sum. A day on which the one ends and the other begins
counts once. Texts that are no keys are those of the later row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from windshear.context.cells import cell_text
from windshear.context.tables import DataTable
from windshear.engine.baseline.builder import Cells
from windshear.language.tables import TableSchema

DAYS, FIRST, LAST = "days", "first_seen", "last_seen"
_DAY = 86_400  # seconds
_WEIGHTS = ("logins", "events")
_ROWS_AT_A_TIME = 10_000


def merged(known: DataTable, keys: Sequence[str], later: Iterator[Cells]) -> Iterator[Cells]:
    """Yield the rows of both, by their keys; `later` come so, from history that begins where the other ends."""
    old, new = _rows(known, keys), later
    left, right = next(old, None), next(new, None)
    while left is not None and right is not None:
        one, other = ([row[key] for key in keys] for row in (left, right))
        if one == other:
            yield _together(left, right, known.columns, keys)
        else:
            yield min(left, right, key=lambda row: [row[key] for key in keys])
        left, right = next(old, None) if one <= other else left, next(new, None) if other <= one else right
    for row in (left, right):
        if row is not None:
            yield row
    yield from old
    yield from new


def number(row: Cells, name: str) -> float:
    """Return a number of a row, 0 if it has none of that name."""
    return float(row.get(name) or 0)


def _rows(table: DataTable, keys: Sequence[str]) -> Iterator[Cells]:
    whole = table.rows.sort_by([(key, "ascending") for key in keys])
    for batch in whole.to_batches(max_chunksize=_ROWS_AT_A_TIME):
        for row in batch.to_pylist():
            yield {name: cell_text(row[name], column) for name, column in table.columns.items()}


def _together(old: Cells, new: Cells, schema: TableSchema, keys: Sequence[str]) -> Cells:
    found = dict(new)
    for name, column in schema.items():
        if column.type == "number" and name not in keys:
            found[name] = cell_text(_joined(name, old, new), column)
        elif not found[name]:
            found[name] = old[name]
    return found


def _joined(name: str, old: Cells, new: Cells) -> float:
    one, other = number(old, name), number(new, name)
    if name.startswith("first"):
        return min(one, other) if one else other
    if name.startswith("last"):
        return max(one, other)
    if name.endswith("share"):
        weight = next((column for column in _WEIGHTS if column in old), None)
        weights = [1.0, 1.0] if weight is None else [number(old, weight), number(new, weight)]
        return round((one * weights[0] + other * weights[1]) / (sum(weights) or 1))
    shares_day = name == DAYS and number(old, LAST) // _DAY == number(new, FIRST) // _DAY
    return one + other - (1 if shares_day and number(old, LAST) else 0)
