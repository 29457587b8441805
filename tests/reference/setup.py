"""The setup section: the entities that a variable ranges over after data tables have changed the graph.

Operations apply in written order, each to what the one before left. Appended rows are entities of their own, numbered
after those of the context, table by table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.reference.context import ReferenceContext, Table
from tests.reference.expressions import Scope, holds
from tests.reference.joined import JoinedRow
from tests.reference.records import Record
from tests.reference.rows import Row, copies
from tests.reference.tables import table_records
from tests.reference.values import Scalar
from tests.reference.wire import wire_form
from windshear.language import expressions as ex
from windshear.language.effects import GraphChange
from windshear.language.rule import CheckedRule
from windshear.language.tables import row_variable
from windshear.language.types import Kind

Entity = tuple[int, Record]  # its position, and what it says


def entities(rule: CheckedRule, variable: str, context: ReferenceContext) -> list[Entity]:
    """Return the entities of a variable; one position may occur several times, with different values."""
    found = [(position, wire_form(entity, "graph")) for position, entity in enumerate(context.entities)]
    first = _first_positions(rule, context)
    for change in (change for change in rule.setup if change.variable == variable):
        rows = context.tables[change.table]
        if change.operation == "append":
            found += enumerate((_with(change, {}, row) for row in _cells(rows)), first[change.table])
        else:
            found = [after for entity in found for after in _changed(change, entity, rows, context)]
    return found


def appended_names(rule: CheckedRule, context: ReferenceContext) -> list[str]:
    """Return what conformance cases call the appended rows, in the order of their positions."""
    return [f"%{name}:{number}" for name in _appended(rule) for number in range(len(context.tables[name].rows))]


def _appended(rule: CheckedRule) -> list[str]:
    return list(dict.fromkeys(change.table for change in rule.setup if change.operation == "append"))


def _first_positions(rule: CheckedRule, context: ReferenceContext) -> dict[str, int]:
    position = len(context.entities)
    first = {}
    for name in _appended(rule):
        first[name] = position
        position += len(context.tables[name].rows)
    return first


def _changed(change: GraphChange, entity: Entity, table: Table, context: ReferenceContext) -> Iterator[Entity]:
    """Yield what becomes of an entity: nothing where a row excludes it, one version for each row that fits it."""
    position, record = entity
    fitting = [
        cells
        for cells, row in zip(_cells(table), table_records(table), strict=True)
        if _fit(change, record, row, context)
    ]
    if change.operation == "override" and fitting:
        yield from ((position, _with(change, record, cells)) for cells in fitting)
    elif not fitting:
        yield entity


def _fit(change: GraphChange, entity: Record, row: Record, context: ReferenceContext) -> bool:
    assert change.condition is not None
    row_name = row_variable(change.table)
    return any(
        holds(change.condition, Scope(context, JoinedRow({change.variable: left, row_name: right}, {})))
        for left in _copies(change.condition, change.variable, entity)
        for right in _copies(change.condition, row_name, row)
    )


def _copies(condition: ex.Expression, variable: str, record: Record) -> list[Row]:
    read = [field.path for field in ex.fields(condition) if field.variable == variable and field.quantifier is None]
    return [Row(0, None, record, copy) for copy in copies(record, read)]


def _cells(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _with(change: GraphChange, record: Record, cells: Mapping[str, str]) -> Record:
    """Return a record with the values that a row gives; empty cells, and 0, say nothing."""
    for name, column in change.columns.items():
        assert column.field is not None
        parts = cells[name].split("|") if column.is_repeated else [cells[name]]
        values = [_value(part.strip(), column.field.type.kind) for part in parts if part.strip()]
        is_nothing = column.field.type.is_number and values == [0]
        if values and not is_nothing:
            said: object = values if column.field.is_repeated else values[0]
            record = _set(record, column.field.path.split("."), said)
            if column.field.rest is not None:  # a table sets times in whole seconds
                record = _set(record, column.field.rest.split("."), 0)
    return record


def _set(record: Mapping[str, object], path: list[str], value: object) -> Record:
    name, *rest = path
    if not rest:
        return {**record, name: value}
    inner = record.get(name, {})
    assert isinstance(inner, Mapping)
    return {**record, name: _set(inner, rest, value)}


def _value(text: str, kind: Kind) -> Scalar:
    match kind:
        case Kind.INT | Kind.UINT:
            return int(text)
        case Kind.FLOAT:
            return float(text)
        case Kind.BOOL:
            return text == "true"
        case _:
            return text
