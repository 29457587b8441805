"""Rows of data tables that rules append to the entity graph: they become entities, stored like those of the context.

Such a row is seen by the variables that append its table and by no other. Its interval comes from its own columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
import pyarrow as pa

from windshear.engine.batch import EventBatch
from windshear.engine.plan import Plan
from windshear.engine.records import batch_of_records
from windshear.engine.settle.detections import Json
from windshear.engine.settle.graph_setup import TABLE_ROW
from windshear.language.entity_fields import EntityField
from windshear.language.tables import TableColumn
from windshear.language.types import Kind
from windshear.logs.record import batch_of
from windshear.udm.columns import Columns
from windshear.udm.nesting import from_row
from windshear.udm.proto_json import read_event, write_event

_ROWS_AT_A_TIME = 5_000  # they are Python objects while a batch is made


@dataclass(slots=True)
class _Appended:
    """A table that is appended, by its mapped columns, to the candidates of some slots."""

    rows: pa.Table
    columns: Mapping[str, TableColumn]
    slots: set[int] = field(default_factory=set)


def appending_slots(plans: Sequence[Plan]) -> frozenset[int]:
    """Return the slots that see rows of tables among their entities."""
    return frozenset(slot for table in _appended(plans).values() for slot in table.slots)


def row_batches(plans: Sequence[Plan], columns: Columns) -> Iterator[tuple[EventBatch, frozenset[int]]]:
    """Yield the rows of all appended tables as entities with some columns, and the slots that see them."""
    for name, table in _appended(plans).items():
        first = 1
        mapped = table.rows.select(list(table.columns))
        for chunk in mapped.to_batches(max_chunksize=_ROWS_AT_A_TIME):
            texts = [_text(name, row, table.columns) for row in chunk.to_pylist()]
            records = [_entity(text) for text in texts]
            batch = batch_of_records("graph", records, batch_of(texts, f"data table %{name}", first), columns)
            yield EventBatch(TABLE_ROW, batch.table, batch.records, source="graph"), frozenset(table.slots)
            first += len(texts)


def full_rows(texts: Sequence[str]) -> Sequence[Json]:
    """Return the entities that appended rows are, in canonical proto-JSON."""
    return [write_event(_entity(text), "graph") for text in texts]


def _appended(plans: Sequence[Plan]) -> dict[str, _Appended]:
    found: dict[str, _Appended] = {}
    for plan in plans:
        for change in plan.rule.setup:
            if change.operation == "append" and change.variable in plan.slots:
                table = found.setdefault(change.table, _Appended(plan.lists.tables[change.table], change.columns))
                table.slots.add(plan.slots[change.variable])
    return found


def _text(table: str, row: Mapping[str, object], columns: Mapping[str, TableColumn]) -> str:
    """Return the record of a row: its table, so that equal rows of two tables are two entities, and what it says."""
    said = {column.field.path: _said(row[name], column.field) for name, column in columns.items() if column.field}
    entity = from_row({path: value for path, value in said.items() if value}, "graph")
    return orjson.dumps({"table": table, "entity": {"metadata": {}, **entity}}).decode()


def _said(cell: object, field: EntityField) -> object:
    """Return the value of a cell; an empty one, and 0, says nothing."""
    if field.is_repeated:
        return cell if isinstance(cell, list) or not cell else [cell]
    return cell == "true" if field.type.kind is Kind.BOOL else cell


def _entity(text: str) -> Json:
    return read_event(orjson.loads(text)["entity"], "graph")[0]
