"""The export section: the row that each detection writes to a data table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from windshear.language import expressions as ex
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.lowering import lower_literal
from windshear.language.check.scope import Scope, unknown
from windshear.language.check.walk import ungrouped
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.effects import TableWrite, Written
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.tables import TableColumn
from windshear.language.types import Kind, Type

_WRITE = "write_row"
MOST_COLUMNS = 20
_MOST_NAMES = 8


def check_export(section: tree.Export | None, match_keys: Collection[str], scope: Scope) -> TableWrite | None:
    """Return what is written, or None without an export section or where a mistake was reported."""
    if section is None or not section.writes:
        return None
    call, *others = section.writes
    for other in others:
        _refuse("a rule writes one row per detection", other.span, scope, "remove the others")
    table, _, method = call.function.removeprefix("%").partition(".")
    if method.lower() != _WRITE:
        _refuse(
            f"`{method}` is not a function of data tables", call.function_span, scope, f"write `%{table}.{_WRITE}(…)`"
        )
        return None
    columns = _columns(call, table, scope)
    values = {node.name: _value(node.value, match_keys, scope) for node in columns}
    for node in columns:
        column = _column(table, node, scope)
        value = values[node.name]
        if column is not None and not is_unknown(value):
            _check_fits(node, column, value, scope)
    _check_keys(table, values.keys(), call.span, scope)
    return TableWrite(table, values, call.span)


def _columns(call: tree.Call, table: str, scope: Scope) -> list[tree.NamedArgument]:
    named = []
    for argument in call.arguments:
        if isinstance(argument, tree.NamedArgument):
            named.append(argument)
        else:
            _refuse("a value without its column", argument.span, scope, "write `column: $value`")
    if not call.arguments:
        _refuse(f"nothing is written to `%{table}`", call.span, scope, "write `column: $value`")
    if len(named) > MOST_COLUMNS:
        _refuse(f"{len(named)} columns are written, {MOST_COLUMNS} are allowed", named[MOST_COLUMNS].span, scope)
    counts = Counter(node.name for node in named)
    seen: set[str] = set()
    for node in named:
        if counts[node.name] > 1 and node.name in seen:
            _refuse(f"the column `{node.name}` is written twice", node.span, scope)
        seen.add(node.name)
    return named


def _column(table: str, node: tree.NamedArgument, scope: Scope) -> TableColumn | None:
    """Return what is known of a column: None where the table is not known here, or after reporting a wrong name."""
    schema = None if scope.tables is None else scope.tables.get(table)
    if schema is None or node.name in schema:
        return None if schema is None else schema[node.name]
    span = Span(node.span.start, node.span.start + len(node.name))
    close = closest(node.name, schema)
    listed = ", ".join(f"`{name}`" for name in list(schema)[:_MOST_NAMES])
    scope.errors.add(
        Diagnostic(
            checks.UNKNOWN_COLUMN,
            f"the data table `%{table}` has no column `{node.name}`",
            span,
            label="no such column",
            help=f"did you mean `{close}`?" if close else f"its columns are {listed}",
            suggestion=Suggestion(span, close) if close else None,
        )
    )
    return None


def _value(written: tree.Expression, match_keys: Collection[str], scope: Scope) -> Written:
    node = ungrouped(written)
    match node:
        case tree.StringLiteral() | tree.NumberLiteral() | tree.BoolLiteral():
            return lower_literal(node, scope)
        case tree.Variable(name=name, span=span) if name in scope.outcome_types:
            return ex.OutcomeVariable(name, scope.outcome_types[name], span)
        case tree.Variable(name=name, span=span) if name in match_keys and name in scope.placeholder_types:
            return ex.Placeholder(name, scope.placeholder_types[name], span)
        case tree.Malformed(span=span):
            return unknown(span)
        case _:
            return _refuse_value(node, scope)


def _refuse_value(node: tree.Expression, scope: Scope) -> Written:
    """Report a value that a detection does not have."""
    message = "a row holds outcome variables, match keys and constants"
    help_text = "make an outcome variable of it and write that"
    if isinstance(node, tree.Variable):
        names = scope.names
        if node.name in names.placeholders:
            message = f"`${node.name}` is neither a match key nor an outcome variable"
        elif node.name not in names.events:
            message = f"`${node.name}` is not defined"
            close = closest(node.name, (*names.outcomes, *names.placeholders))
            help_text = f"did you mean `${close}`?" if close else "define it in the outcome section"
    scope.errors.add(Diagnostic(checks.WRITE_VALUE, message, node.span, help=help_text))
    return unknown(node.span)


def _check_fits(node: tree.NamedArgument, column: TableColumn, value: Written, scope: Scope) -> None:
    """Report a value of a type that the column cannot hold; columns of strings hold the text of anything."""
    span = node.value.span
    if value.type.is_list and not column.is_repeated:
        scope.errors.add(
            Diagnostic(
                checks.WRITE_VALUE,
                f"the column `{node.name}` holds one value, this is a {value.type}",
                span,
                help=f"declare the column with `[]` (`{node.name}:{column.type}[]`), or write one value",
            )
        )
    elif not _is_held(column, value.type.element):
        kind = column.field.type if column.field else column.type
        scope.errors.add(
            Diagnostic(
                checks.WRITE_VALUE, f"the column `{node.name}` is of type {kind}, this is of type {value.type}", span
            )
        )


def _is_held(column: TableColumn, given: Type) -> bool:
    if column.field is not None and column.field.type.kind is Kind.BOOL:
        return given.kind is Kind.BOOL
    if column.field is not None and column.field.type.kind in (Kind.INT, Kind.UINT):
        return given.kind in (Kind.INT, Kind.UINT)
    if column.type == "number":
        return given.is_number
    return given.is_text or (column.type == "string" and column.field is None)


def _check_keys(table: str, written: Collection[str], span: Span, scope: Scope) -> None:
    schema = None if scope.tables is None else scope.tables.get(table)
    missing = [name for name, column in (schema or {}).items() if column.is_key and name not in written]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        scope.errors.add(
            Diagnostic(
                checks.WRITE_KEY,
                f"the row lacks {listed}, by which `%{table}` tells its rows apart",
                span,
                help=f"write `{missing[0]}: $value`",
            )
        )


def _refuse(message: str, span: Span, scope: Scope, help_text: str = "") -> None:
    scope.errors.add(Diagnostic(checks.WRITE_ROW, message, span, help=help_text))
