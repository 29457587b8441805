"""The setup section in SQL: what its operations make of the candidates of an entity variable, before they are joined.

Appended rows are candidates already (see `windshear.engine.table_rows`); an operation written before the one that
appends them does not touch them.
"""

from __future__ import annotations

from collections.abc import Iterator

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.lower import NO_LISTS, Leaf, lower, table_relation
from windshear.language import expressions as ex
from windshear.language.effects import GraphChange
from windshear.language.entity_fields import INTERVAL_END, INTERVAL_START, EntityField
from windshear.language.rule import CheckedRule
from windshear.language.tables import TableColumn, row_variable
from windshear.udm.columns import Columns, sql_type
from windshear.udm.requests import Access

TABLE_ROW = "DATA_TABLE"  # the log type under which appended rows are stored
_BOUNDS = {INTERVAL_START: fields.VALID_FROM, INTERVAL_END: fields.VALID_TO}
_ROW = "@row"
_FOUND = "@found"
_SECOND = 1_000_000


def changed(rule: CheckedRule, variable: str, candidates: Sql, columns: Columns) -> Sql:
    """Return the relation of a variable's candidates after the operations on it; `columns` are those it has."""
    relation = candidates
    waiting = [change for change in rule.setup if change.variable == variable]
    while waiting:
        change = waiting.pop(0)
        if change.condition is None:
            continue
        pairs = _pairs(change, change.condition, relation)
        if any(later.operation == "append" for later in waiting):
            pairs = sql.raw(f"(SELECT * FROM {pairs} WHERE {sql.not_(_is_appended())})")
        if change.operation == "exclude":
            relation = _excluded(relation, pairs)
        else:
            relation = _overridden(change, relation, pairs, columns)
    return relation


def setup_fields(rule: CheckedRule, variable: str) -> Iterator[ex.Field]:
    """Yield what the setup section reads of a variable's records."""
    for change in rule.setup:
        if change.variable == variable and change.condition is not None:
            yield from (field for field in ex.fields(change.condition) if field.variable == variable)


def overridden_fields(rule: CheckedRule, variable: str) -> frozenset[str]:
    """Return the paths of a variable's fields that may hold something else after the setup section."""
    overrides = [c for c in rule.setup if c.variable == variable and c.operation == "override"]
    return frozenset(_field(column).path for change in overrides for column in change.columns.values())


def _pairs(change: GraphChange, condition: ex.Expression, candidates: Sql) -> Sql:
    """Return which candidates (by number) and rows of the table belong together."""
    variable, row = change.variable, row_variable(change.table)
    left = _with_copies(variable, condition, candidates)
    right = _with_copies(row, condition, _numbered_rows(change.table))
    number, place = sql.column(variable, fields.NUMBER), sql.column(row, _ROW)
    return sql.raw(
        f"(SELECT DISTINCT {number}, {place} FROM {left} AS {sql.name(variable)} JOIN {right} AS {sql.name(row)} "
        f"ON {lower(condition, _leaf, NO_LISTS)})"
    )


def _with_copies(variable: str, condition: ex.Expression, relation: Sql) -> Sql:
    """Unnest the repeated fields of one side that the condition reads plainly: any of their values may fit."""
    found: dict[str, Access] = {}
    for field in ex.fields(condition):
        if field.variable == variable and field.quantifier is None and not field.is_whole_list:
            for prefix in field.path.prefixes:
                found.setdefault(prefix, fields.access_of(field.path))
    for prefix in sorted(found, key=lambda prefix: (prefix.count("."), prefix)):
        items = fields.copy_source(found[prefix], prefix, variable)
        copy = sql.aliased(fields.one_row_per_element(items), fields.copy_column(prefix))
        relation = sql.raw(f"(SELECT *, {copy} FROM {relation} AS {sql.name(variable)})")
    return relation


def _leaf(node: Leaf) -> Sql:
    if isinstance(node, ex.Field):
        return fields.read(node, node.variable)
    raise AssertionError(f"{type(node).__name__} does not stand in a join with a table")


def _excluded(candidates: Sql, pairs: Sql) -> Sql:
    number = sql.name(fields.NUMBER)
    return sql.raw(f"(SELECT * FROM {candidates} WHERE {number} NOT IN (SELECT {number} FROM {pairs}))")


def _overridden(change: GraphChange, candidates: Sql, pairs: Sql, columns: Columns) -> Sql:
    """Give each candidate the values of the rows that belong to it: one candidate of the same number per row."""
    own, place = sql.name(change.variable), sql.name(_ROW)
    cells = f"(SELECT * FROM {pairs} JOIN {_numbered_rows(change.table)} USING ({place}))"
    given: dict[str, Sql] = {}
    for name, column in change.columns.items():
        field = _field(column)
        is_said = _is_said(name, column)
        if field.path in columns:
            value = sql.cast(_value(name, column), sql_type(columns[field.path]))
            given[field.path] = sql.case(is_said, value, sql.column(change.variable, field.path))
        if field.rest is not None and field.rest in columns:
            given[field.rest] = sql.case(is_said, sql.integer(0), sql.column(change.variable, field.rest))
        if field.path in _BOUNDS:
            bound = _BOUNDS[field.path]
            moment = sql.binary("*", sql.column(_FOUND, name), sql.integer(_SECOND))
            given[bound] = sql.case(is_said, moment, sql.column(change.variable, bound))
    listed = ", ".join(sql.aliased(replacement, path).text for path, replacement in given.items())
    replaced = f" REPLACE ({listed})" if listed else ""
    same = sql.binary("=", sql.column(change.variable, fields.NUMBER), sql.column(_FOUND, fields.NUMBER))
    return sql.raw(
        f"(SELECT {own}.*{replaced} FROM {candidates} AS {own} LEFT JOIN {cells} AS {sql.name(_FOUND)} ON {same})"
    )


def _is_said(name: str, column: TableColumn) -> Sql:
    """Whether a candidate has a row whose cell is neither empty nor 0."""
    cell = sql.column(_FOUND, name)
    if column.is_repeated:
        return sql.binary(">", sql.call("len", sql.coalesce(cell, sql.raw("[]"))), sql.integer(0))
    nothing = sql.literal(0 if column.type == "number" else "")
    return sql.binary("<>", sql.coalesce(cell, nothing), nothing)


def _value(name: str, column: TableColumn) -> Sql:
    """Return what a cell says of its field."""
    cell = sql.column(_FOUND, name)
    return sql.list_of([cell]) if _field(column).is_repeated and not column.is_repeated else cell


def _numbered_rows(table: str) -> Sql:
    return sql.raw(f"(SELECT *, {sql.aliased(sql.raw('rowid'), _ROW)} FROM {sql.name(table_relation(table))})")


def _is_appended() -> Sql:
    number = sql.name(fields.NUMBER)
    rows = f"SELECT {number} FROM {IDENTITIES} WHERE log_type = {sql.text(TABLE_ROW)}"
    return sql.raw(f"({number} IN ({rows}))")


def _field(column: TableColumn) -> EntityField:
    if column.field is None:
        raise AssertionError("a column without a field says nothing of an entity")
    return column.field
