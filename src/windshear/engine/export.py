"""Export: the rows that detections write to data tables, and what the tables hold afterwards.

Nothing is written here; whoever runs a scan decides what becomes of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from windshear.context.cells import Scalar, cell_text, cell_value
from windshear.context.tables import DataTable
from windshear.detections.detection import Detection
from windshear.engine.plan import Plan
from windshear.language import expressions as ex
from windshear.language.effects import TableWrite, Written
from windshear.language.tables import TableSchema

MOST_ROWS = 10_000  # that one rule writes in one run, as the service allows
_ROWS_AT_A_TIME = 10_000

Cells = Mapping[str, str]
Row = Sequence[str]


@dataclass(slots=True)
class RuleExport:
    """What one rule wrote: rows, those beyond the most that it may write, and those that do not fit their columns.

    reason: why the first of the last kind does not fit.
    """

    table: str
    written: int = 0
    cut: int = 0
    refused: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _WrittenRow:
    """A row in the order in which rows take effect: the detection's time, its start, then what it says."""

    time: int
    start: int
    cells: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Exports:
    """Collects the rows of a run. `rules`: what each rule wrote so far, for those with an export section."""

    writes: Mapping[str, TableWrite]
    tables: Mapping[str, DataTable]
    rules: dict[str, RuleExport] = field(default_factory=dict)
    _rows: dict[str, list[_WrittenRow]] = field(default_factory=dict)

    @classmethod
    def of(cls, plans: Iterable[Plan], tables: Mapping[str, DataTable]) -> Exports:
        """Prepare to collect what some rules write to the tables of a context."""
        writes = {plan.facts.name: plan.rule.export for plan in plans if plan.rule.export is not None}
        return cls(writes, tables, {name: RuleExport(write.table) for name, write in writes.items()})

    def take(self, detection: Detection) -> None:
        """Note the row of a detection, if its rule writes one."""
        write = self.writes.get(detection.rule.name)
        if write is None:
            return
        rule = self.rules[detection.rule.name]
        if rule.written == MOST_ROWS:
            rule.cut += 1
            return
        try:
            cells = _cells(write, detection, self.tables[write.table].columns)
        except ValueError as error:
            rule.refused += 1
            rule.reason = rule.reason or str(error)
            return
        rule.written += 1
        self._rows.setdefault(write.table, []).append(_WrittenRow(detection.time, detection.start, cells))

    def cut(self, rule: str, detections: int) -> None:
        """Note that some detections of a rule were only counted, so that their rows are not known."""
        if rule in self.rules:
            self.rules[rule].cut += detections

    def changed(self) -> list[ChangedTable]:
        """Return the tables to which a row was written."""
        return [_changed(self.tables[name], rows) for name, rows in self._rows.items()]


@dataclass(frozen=True, slots=True)
class ChangedTable:
    """A table with the rows that were written to it: in place of the row with the same key, else after all others.

    A column that is not written keeps its value, in a new row it is empty. Without key columns, a row that the table
    has already is not added again.
    """

    table: DataTable
    keys: tuple[str, ...]  # all columns where the table has none
    written: Mapping[Row, Cells]

    def rows(self) -> Iterator[Row]:
        """Yield the cells of all rows, in the order of the columns."""
        waiting = dict(self.written)
        for row in _old_rows(self.table):
            key = _key(row, self.keys)
            cells = self.written.get(key)
            waiting.pop(key, None)
            yield tuple({**row, **cells}.values()) if cells else tuple(row.values())
        for cells in waiting.values():
            yield tuple({**_empty(self.table.columns), **cells}.values())


def _changed(table: DataTable, rows: Iterable[_WrittenRow]) -> ChangedTable:
    keys = tuple(name for name, column in table.columns.items() if column.is_key)
    identifying = keys or tuple(table.columns)
    written: dict[Row, Cells] = {}
    for row in sorted(rows, key=lambda row: (row.time, row.start, row.cells)):
        cells = dict(row.cells)
        key = _key({**_empty(table.columns), **cells}, identifying)
        written[key] = {**written.get(key, {}), **cells}
    return ChangedTable(table, identifying, written)


def _old_rows(table: DataTable) -> Iterator[dict[str, str]]:
    for batch in table.whole.to_batches(max_chunksize=_ROWS_AT_A_TIME):
        for row in batch.to_pylist():
            yield {name: cell_text(row[name], column) for name, column in table.columns.items()}


def _empty(schema: TableSchema) -> dict[str, str]:
    """Return the cells of a row of which nothing was said; an empty number is 0, there and in rows that were read."""
    return {name: cell_text(cell_value("", column), column) for name, column in schema.items()}


def _key(row: Cells, keys: Iterable[str]) -> Row:
    return tuple(row[name] for name in keys)


def _cells(write: TableWrite, detection: Detection, schema: TableSchema) -> tuple[tuple[str, str], ...]:
    """Return the text of each written column; `ValueError` names the one that cannot hold its value."""
    said = {value.name: value.value for value in (*detection.outcomes, *detection.match)}
    cells = []
    for name, value in write.values.items():
        try:
            cells.append((name, cell_text(_value(value, said), schema[name])))
        except ValueError as error:
            raise ValueError(f"column `{name}`: {error}") from error
    return tuple(cells)


def _value(value: Written, said: Mapping[str, Scalar | list[Scalar]]) -> Scalar | list[Scalar]:
    return value.value if isinstance(value, ex.Literal) else said[value.name]
