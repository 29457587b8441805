"""Columns of data tables by name: what is known of them, and what to say about names that do not exist."""

from __future__ import annotations

from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.source import Span
from windshear.language.tables import TableColumn

_MOST_NAMES = 8


def find_column(table: str, column: str, span: Span, scope: Scope) -> TableColumn | None:
    """Return what is known of a column: None where the table is not known here, or after reporting a wrong name."""
    schema = None if scope.tables is None else scope.tables.get(table)
    if schema is None or column in schema:
        return None if schema is None else schema[column]
    close = closest(column, schema)
    listed = ", ".join(f"`{name}`" for name in list(schema)[:_MOST_NAMES])
    scope.errors.add(
        Diagnostic(
            checks.UNKNOWN_COLUMN,
            f"the data table `%{table}` has no column `{column}`",
            span,
            label="no such column",
            help=f"did you mean `%{table}.{close}`?" if close else f"its columns are {listed}",
            suggestion=Suggestion(span, f"%{table}.{close}") if close else None,
        )
    )
    return None
