"""Reads of earlier stages: a stage's columns are fields of a variable named like the stage."""

from __future__ import annotations

from collections.abc import Mapping

from windshear.language import expressions as ex
from windshear.language.check.scope import Scope, unknown
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.diagnostics.suggest import closest
from windshear.language.syntax import tree
from windshear.language.types import Type

_MOST_NAMES = 8


def check_stage_field(path: tree.Path, columns: Mapping[str, Type], scope: Scope) -> ex.Expression:
    """Return the typed read of a stage's column; a list is read like a repeated field."""
    for segment in path.segments:
        if segment.index is not None or segment.key is not None or segment.bad_index is not None:
            scope.errors.add(
                Diagnostic(checks.BAD_INDEX, f"`{segment.name}` of a stage has no index and no key", segment.span)
            )
            return unknown(path.span)
    name = ".".join(segment.name for segment in path.segments)
    if name not in columns:
        close = closest(name, columns)
        listed = ", ".join(f"`{known}`" for known in list(columns)[:_MOST_NAMES])
        scope.errors.add(
            Diagnostic(
                queries.UNKNOWN_STAGE_FIELD,
                f"the stage `{path.variable}` gives no `{name}`",
                path.span,
                help=f"did you mean `${path.variable}.{close}`?" if close else f"it gives {listed}",
            )
        )
        return unknown(path.span)
    value_type = columns[name]
    found = ex.FieldPath("stage", (ex.Step(name, value_type.is_list),), value_type.element)
    if path.quantifier is not None and not value_type.is_list:
        scope.errors.add(
            Diagnostic(
                checks.MISPLACED_QUANTIFIER,
                f"`{path.quantifier}` cannot stand before `{name}`: it is not a list",
                path.span,
                help=f"leave `{path.quantifier}` out",
            )
        )
        return unknown(path.span)
    return ex.Field(path.variable or "", found, path.quantifier, is_whole_list=False, type=found.type, span=path.span)
