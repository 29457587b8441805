"""Arithmetic on typed operands."""

from __future__ import annotations

from windshear.language import expressions as ex
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.scope import Scope, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import tree
from windshear.language.types import FLOAT, INT, UINT, Kind


def calculate(node: tree.Arithmetic, left: ex.Expression, right: ex.Expression, scope: Scope) -> ex.Expression:
    """Return `left operator right`; `/` always gives a float."""
    if is_unknown(left) or is_unknown(right):
        return unknown(node.span)
    for side in (left, right):
        if not side.type.is_number:
            scope.errors.add(
                Diagnostic(
                    checks.NOT_A_NUMBER,
                    f"`{node.operator}` on a value of type {side.type}",
                    side.span,
                    label="a number is expected",
                )
            )
            return unknown(node.span)
    kinds = {left.type.kind, right.type.kind}
    if kinds == {Kind.UINT, Kind.INT}:
        scope.errors.add(
            Diagnostic(
                checks.MIXED_SIGNEDNESS,
                f"`{node.operator}` on an unsigned field and an integer",
                node.span,
                help="make the other operand a float, for instance `(2/1)`",
            )
        )
        return unknown(node.span)
    if node.operator == "%" and Kind.FLOAT in kinds:
        scope.errors.add(Diagnostic(checks.FLOAT_REMAINDER, "`%` on a float", node.span))
        return unknown(node.span)
    result = FLOAT if node.operator == "/" or Kind.FLOAT in kinds else UINT if kinds == {Kind.UINT} else INT
    return ex.Arithmetic(node.operator, left, right, result, node.span)
