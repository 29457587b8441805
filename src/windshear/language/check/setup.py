"""The setup section: what data tables change in the entity graph that the rule sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from windshear.language import expressions as ex
from windshear.language.check.lowering import lower_test
from windshear.language.check.scope import Names, Scope
from windshear.language.check.walk import row_columns, ungrouped, walk
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.diagnostics.suggest import closest
from windshear.language.effects import GraphChange, GraphOperation
from windshear.language.entity_fields import INTERVAL_END, INTERVAL_START
from windshear.language.rule import EventVariable
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.tables import TableColumn, row_variable

MOST_OPERATIONS = 2
_OPERATIONS: dict[str, GraphOperation] = {
    "graph_append": "append",
    "graph_override": "override",
    "graph_exclude": "exclude",
}
_APPEND_FORM = "write `graph_append [$entity, %table]`"
_JOIN_FORM = "write for instance `$entity.graph.entity.hostname = %table.column`"


def check_setup(section: tree.Setup | None, scope: Scope) -> tuple[GraphChange, ...]:
    """Return the operations in written order; those with mistakes are left out and reported."""
    written = () if section is None else section.operations
    if len(written) > MOST_OPERATIONS:
        _refuse(
            f"the setup section has {len(written)} operations, {MOST_OPERATIONS} are allowed",
            written[MOST_OPERATIONS].span,
            scope,
        )
    changes = tuple(change for node in written if (change := _change(node, scope)) is not None)
    appended = [(change.variable, change.table) for change in changes if change.operation == "append"]
    for place, change in enumerate(change for change in changes if change.operation == "append"):
        if (change.variable, change.table) in appended[:place]:
            _refuse(f"`%{change.table}` is appended to `${change.variable}` already", change.span, scope, "remove it")
    return changes


def _change(node: tree.GraphOperation, scope: Scope) -> GraphChange | None:
    operation = _OPERATIONS.get(node.operation.lower())
    if operation is None:
        close = closest(node.operation, _OPERATIONS)
        _refuse(
            f"`{node.operation}` is not a graph operation",
            node.span,
            scope,
            f"did you mean `{close}`?"
            if close
            else f"the operations are {', '.join(f'`{name}`' for name in _OPERATIONS)}",
        )
        return None
    match operation, node.arguments:
        case "append", (tree.Variable() as variable, tree.ListReference() as table):
            return _append(node, variable, table, scope)
        case "append", _:
            _refuse(f"`{node.operation}` takes an entity variable and a table", node.span, scope, _APPEND_FORM)
            return None
        case _:
            return _joined(node, operation, scope)


def _append(
    node: tree.GraphOperation, variable: tree.Variable, table: tree.ListReference, scope: Scope
) -> GraphChange | None:
    if not _is_entity(variable.name, variable.span, scope):
        return None
    columns = _mapped(table.name, table.span, scope)
    if columns is not None:
        missing = [path for path in (INTERVAL_START, INTERVAL_END) if path not in _paths(columns)]
        if missing:
            _refuse_table(
                f"no column of `%{table.name}` says when its rows are valid",
                table.span,
                scope,
                f"map a column to each of {' and '.join(f'`{path}`' for path in missing)}",
            )
            return None
    return GraphChange("append", variable.name, table.name, None, columns or {}, node.span)


def _joined(node: tree.GraphOperation, operation: GraphOperation, scope: Scope) -> GraphChange | None:
    join = _join_of(node, scope)
    if join is None:
        return None
    inner = _inner_scope(join, scope)
    before = len(scope.errors.all())
    items = tuple(lower_test(item, inner) for item in node.arguments)
    if len(scope.errors.all()) > before:
        return None
    condition = items[0] if len(items) == 1 else ex.And(items, node.span)
    if any(isinstance(found, ex.EventIdentity) for found in ex.walk(condition)):
        _refuse_join("a join may not depend on chance", node.span, scope)
        return None
    columns = _mapped(join.table, node.span, scope) if operation == "override" else {}
    return GraphChange(operation, join.variable, join.table, condition, columns or {}, node.span)


@dataclass(frozen=True, slots=True)
class _Join:
    """The one entity variable and the one table that a join condition reads."""

    variable: str
    table: str
    table_span: Span


def _join_of(node: tree.GraphOperation, scope: Scope) -> _Join | None:
    paths, columns = [], []
    for inner in (found for item in node.arguments for found in walk(item)):
        match inner:
            case tree.Malformed():  # reported by the parser
                return None
            case tree.Path(variable=str()):
                paths.append(inner)
            case tree.TableColumn():
                columns.append(inner)
            case tree.Variable(name=name):
                message = f"`${name}` stands in a join with a table"
                _refuse_join(message, inner.span, scope, "compare fields of the entity with columns of the table")
                return None
            case tree.Membership():
                message = "a list test in a join with a table"
                _refuse_join(message, inner.span, scope, "write `=`: each entity meets each row")
                return None
            case _:
                pass
    variables = {path.variable: path.variable_span for path in paths if path.variable is not None}
    tables = {column.table: column.span for column in columns}
    for named, sign, what in ((variables, "$", "entity variable"), (tables, "%", "data table")):
        if len(named) > 1:
            listed = " and ".join(f"`{sign}{name}`" for name in named)
            _refuse_join(f"the join reads {listed}", node.span, scope, f"an operation is about one {what}")
            return None
    if not variables or not tables or not all(_has_equality(item) for item in _alternatives(node.arguments)):
        _refuse_join("no `=` joins entities and rows of a table", node.span, scope, _JOIN_FORM)
        return None
    (variable, span), (table, table_span) = *variables.items(), *tables.items()
    return _Join(variable, table, table_span) if _is_entity(variable, span, scope) else None


def _alternatives(items: Iterable[tree.Expression]) -> Iterator[list[tree.Expression]]:
    """Yield what holds together, once for each side of an `or` that is not inside something else."""
    together = [ungrouped(item) for item in items]
    for place, item in enumerate(together):
        if isinstance(item, tree.And):
            yield from _alternatives([*together[:place], *item.items, *together[place + 1 :]])
            return
    choice = next((item for item in together if isinstance(item, tree.Or)), None)
    if choice is None or _has_equality([item for item in together if item is not choice]):
        yield together
        return
    for item in choice.items:
        yield from _alternatives([*(other for other in together if other is not choice), item])


def _has_equality(items: Iterable[tree.Expression]) -> bool:
    """Whether one of several tests equates a field with a column."""
    return any(
        isinstance(item, tree.Comparison)
        and item.operator == "="
        and any(isinstance(inner, tree.Path) for inner in walk(item))
        and any(row_columns(item))
        for item in items
    )


def _inner_scope(join: _Join, scope: Scope) -> Scope:
    """Return the scope of a join condition: the entity and the row, and no other name."""
    row = row_variable(join.table)
    rows = {row: EventVariable(row, "table", join.table_span)}
    events = {join.variable: scope.names.events[join.variable], **rows}
    return replace(scope, names=Names(events, {}, {}), section="events")


def _is_entity(name: str, span: Span, scope: Scope) -> bool:
    known = scope.names.events.get(name)
    if known is not None and known.source == "graph":
        return True
    message = f"`${name}` is not a variable of the events section" if known is None else f"`${name}` is no entity"
    help_text = f"the events section must read it as one: `${name}.graph.entity.…`"
    _refuse(message, span, scope, help_text)
    return False


def _mapped(table: str, span: Span, scope: Scope) -> dict[str, TableColumn] | None:
    """Return the mapped columns of a table; None where it is not known, or has none that matters, which is reported."""
    schema = None if scope.tables is None else scope.tables.get(table)
    if schema is None:
        return None
    columns = {name: column for name, column in schema.items() if column.field is not None}
    if not _paths(columns) - {INTERVAL_START, INTERVAL_END}:
        _refuse_table(
            f"no column of `%{table}` is mapped to a field of entities",
            span,
            scope,
            "map one in the header of the table, as in `host:entity.hostname`",
        )
        return None
    return columns


def _paths(columns: dict[str, TableColumn]) -> set[str]:
    return {column.field.path for column in columns.values() if column.field is not None}


def _refuse(message: str, span: Span, scope: Scope, help_text: str = "") -> None:
    scope.errors.add(Diagnostic(checks.GRAPH_OPERATION, message, span, help=help_text))


def _refuse_join(message: str, span: Span, scope: Scope, help_text: str = "") -> None:
    scope.errors.add(Diagnostic(checks.GRAPH_JOIN, message, span, help=help_text))


def _refuse_table(message: str, span: Span, scope: Scope, help_text: str) -> None:
    scope.errors.add(Diagnostic(checks.UNMAPPED_TABLE, message, span, help=help_text))
