"""`if(test, value, otherwise)`: the type of its result, and what a missing else is."""

from __future__ import annotations

from windshear.language import expressions as ex
from windshear.language.check.comparisons import coerce, is_unknown
from windshear.language.check.scope import Scope, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import tree
from windshear.language.types import BOOL, FLOAT, INT, STRING, UNKNOWN, Kind, Type


def choose(
    node: tree.If, condition: ex.Expression, then: ex.Expression, otherwise: ex.Expression | None, scope: Scope
) -> ex.Expression:
    """Return the choice between two typed values."""
    if otherwise is None:
        otherwise = _missing_else(node, then, scope)
    is_mixed = {then.type.kind, otherwise.type.kind} == {Kind.INT, Kind.FLOAT}  # the language does not unite these
    if not is_mixed:
        then, otherwise = coerce(then, otherwise.type, scope), coerce(otherwise, then.type, scope)
    if is_unknown(then) or is_unknown(otherwise):
        return ex.If(condition, then, otherwise, UNKNOWN, node.span)
    result = unify(then.type, otherwise.type)
    if result is None or result == BOOL:
        scope.errors.add(
            Diagnostic(
                checks.DIFFERENT_BRANCHES,
                f"the values of `if` are of type {then.type} and {otherwise.type}",
                node.span,
                label="integer, float or string on both sides",
                help="write the integer with a fraction: `1.0`" if is_mixed else "",
            )
        )
        return unknown(node.span)
    return ex.If(condition, then, otherwise, result, node.span)


def unify(first: Type, second: Type) -> Type | None:
    """Return the type that holds values of both, if there is one: enumerated values become their names."""
    if first == second:
        return first
    if first.is_list or second.is_list:
        return None
    if first.is_text and second.is_text:
        return STRING
    kinds = {first.kind, second.kind}
    if kinds == {Kind.INT, Kind.UINT}:
        return INT
    return None


def _missing_else(node: tree.If, then: ex.Expression, scope: Scope) -> ex.Expression:
    """Return the zero that stands for a missing else; only numbers made of literals have it."""
    has_values = any(isinstance(inner, ex.Field | ex.Placeholder | ex.OutcomeVariable) for inner in ex.walk(then))
    if is_unknown(then):
        return unknown(node.span)
    if not then.type.is_number or has_values:
        scope.errors.add(
            Diagnostic(
                checks.MISSING_ELSE,
                "this `if` needs an else",
                node.span,
                label=f"without one its value would be undefined: {then.type}",
                help="add a third argument" + (', for instance `""`' if then.type.is_text else ", for instance `0`"),
            )
        )
        return unknown(node.span)
    return ex.Literal(0.0, FLOAT, node.span) if then.type.kind is Kind.FLOAT else ex.Literal(0, then.type, node.span)
