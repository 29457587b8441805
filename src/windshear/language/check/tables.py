"""Data tables: columns that are read as values of a joined row, and tests against the whole of a column."""

from __future__ import annotations

from typing import Literal

from windshear.language import expressions as ex
from windshear.language.check.columns import find_column
from windshear.language.check.comparisons import check_pattern_value, is_unknown
from windshear.language.check.scope import Scope, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import tree
from windshear.language.tables import row_variable
from windshear.language.types import UNKNOWN

ROW_FUNCTIONS: dict[str, Literal["regex", "cidr"]] = {"re.regex": "regex", "net.ip_in_range_cidr": "cidr"}


def check_column(node: tree.TableColumn, scope: Scope) -> ex.Expression:
    """Return the read of a column on the joined row."""
    variable = row_variable(node.table)
    if variable not in scope.names.events:
        scope.errors.add(
            Diagnostic(
                checks.UNKNOWN_IN_OUTCOME,
                f"no row of `%{node.table}` is joined in the events section",
                node.span,
                label="which row?",
                help=f"join one: `$e.principal.hostname = %{node.table}.column`",
            )
        )
        return unknown(node.span)
    found = find_column(node.table, node.column, node.span, scope)
    value_type = UNKNOWN if found is None else found.value_type
    step = ex.Step(node.column, is_repeated=found is not None and found.is_repeated)
    path = ex.FieldPath("table", (step,), value_type)
    return ex.Field(variable, path, None, is_whole_list=False, type=value_type, span=node.span)


def match_row(
    node: tree.Call, kind: Literal["regex", "cidr"], value: ex.Expression, column: tree.TableColumn, scope: Scope
) -> ex.Expression:
    """Return the test of a value against the pattern or address range in a cell of the joined row."""
    cell = check_column(column, scope)
    check_pattern_value(value, scope)
    found = find_column(column.table, column.column, column.span, scope) if not is_unknown(cell) else None
    if found is not None and found.type != kind:
        scope.errors.add(
            Diagnostic(
                checks.LIST_KIND,
                f"`%{column.table}.{column.column}` is a column of type {found.type}, "
                f"`{node.function}` needs one of type {kind}",
                column.span,
            )
        )
    if node.is_nocase and kind == "cidr":
        scope.errors.add(Diagnostic(checks.LIST_KIND, "`nocase` has no meaning for address ranges", node.span))
    if is_unknown(cell) and scope.tables is not None and column.table in scope.tables:
        return unknown(node.span)
    return ex.RowMatch(value, cell, kind, is_nocase=node.is_nocase, span=node.span)
