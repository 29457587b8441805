"""Aggregates of typed arguments: where they may stand, what they take, and the type of the result."""

from __future__ import annotations

from typing import get_args

from windshear.language import expressions as ex
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.scope import Scope, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.functions.aggregates import AggregateFunction, by_name
from windshear.language.functions.function import Parameter, counts_of, signature
from windshear.language.syntax import tree
from windshear.language.types import Kind

AGGREGATES = frozenset(get_args(ex.AggregateName))


def aggregate(node: tree.Call, arguments: tuple[ex.Expression, ...], scope: Scope) -> ex.Expression:
    """Return an aggregate over the rows of a group."""
    function = by_name()[node.function]
    if not (_is_at_home(node, function, scope) and _has_right_count(node, function, arguments, scope)):
        return unknown(node.span)
    if any(_nests(node, argument, scope) for argument in arguments):
        return unknown(node.span)
    for parameter, argument in zip(function.parameters, arguments, strict=False):
        _check_argument(function, parameter, argument, scope)
    required = [
        argument
        for parameter, argument in zip(function.parameters, arguments, strict=False)
        if not parameter.is_optional
    ]
    value = required[-1]
    return ex.Aggregate(
        function.name,
        value,
        function.result(value.type),
        node.span,
        sort_key=required[0] if len(required) > 1 else None,
        ignores_zeros=any(isinstance(argument, ex.Literal) and argument.value is True for argument in arguments[1:]),
    )


def report_search_only(name: str, node: tree.Call, scope: Scope) -> None:
    """Report a function that only searches and dashboards have."""
    scope.errors.add(
        Diagnostic(
            checks.SEARCH_ONLY,
            f"`{name}` exists in searches and dashboards, not in rules",
            node.function_span,
            label="not for rules",
            help="`min(…)` and `max(…)` of `.seconds` give the first and the last time of a group"
            if name in AGGREGATES
            else "",
        )
    )


def _is_at_home(node: tree.Call, function: AggregateFunction, scope: Scope) -> bool:
    if function.use == "search" and not scope.is_search:
        report_search_only(function.name, node, scope)
        return False
    if function.needs_match and not scope.has_match:
        scope.errors.add(
            Diagnostic(
                checks.WINDOW_FUNCTION,
                f"`{function.name}` has no window to look at",
                node.span,
                label="needs a match section",
                help="add a match section, for instance `match: $key over 1h`",
            )
        )
        return False
    return True


def _has_right_count(
    node: tree.Call, function: AggregateFunction, arguments: tuple[ex.Expression, ...], scope: Scope
) -> bool:
    least, most = counts_of(function.parameters)
    if least <= len(arguments) <= (most or least):
        return True
    wanted = (
        ("one argument" if least == 1 else f"{least} arguments") if most == least else f"{least} to {most} arguments"
    )
    scope.errors.add(
        Diagnostic(
            checks.WRONG_ARGUMENT_COUNT,
            f"`{function.name}` takes {wanted}, found {len(arguments)}",
            node.span,
            help=f"`{signature(function.name, function.parameters)}`",
        )
    )
    return False


def _nests(node: tree.Call, argument: ex.Expression, scope: Scope) -> bool:
    """Whether an argument holds what is aggregated already; reports it."""
    for inner in ex.walk(argument):
        if isinstance(inner, ex.Aggregate):
            scope.errors.add(
                Diagnostic(checks.NESTED_AGGREGATE, f"`{inner.function}` stands inside `{node.function}`", inner.span)
            )
            return True
        if isinstance(inner, ex.OutcomeVariable):
            scope.errors.add(
                Diagnostic(
                    checks.NESTED_AGGREGATE,
                    f"`${inner.name}` is an outcome variable and cannot be aggregated again",
                    inner.span,
                    help=f"use `${inner.name}` without `{node.function}`",
                )
            )
            return True
    return False


def _check_argument(function: AggregateFunction, parameter: Parameter, argument: ex.Expression, scope: Scope) -> None:
    if is_unknown(argument):
        return
    if parameter.is_constant and not isinstance(argument, ex.Literal):
        message = f"`{parameter.name}` of `{function.name}` must be a literal"
        scope.errors.add(Diagnostic(checks.WRONG_ARGUMENT, message, argument.span, label="not a literal"))
    elif argument.type.is_list:
        scope.errors.add(Diagnostic(checks.WRONG_ARGUMENT, f"`{function.name}` cannot aggregate lists", argument.span))
    elif not _accepts(parameter, argument.type.kind):
        wanted = {Kind.BOOL: "`true` or `false`", Kind.INT: "an integer"}.get(parameter.kinds[0], "a number")
        if Kind.FLOAT in parameter.kinds:
            wanted = "a number"
        scope.errors.add(
            Diagnostic(
                checks.WRONG_ARGUMENT,
                f"`{function.name}` is applied to a value of type {argument.type}, {wanted} is expected",
                argument.span,
                help="`array_distinct(…)` and `count_distinct(…)` take any value"
                if len(function.parameters) == 1
                else f"`{signature(function.name, function.parameters)}`",
            )
        )


def _accepts(parameter: Parameter, given: Kind) -> bool:
    return given in parameter.kinds or (given is Kind.UINT and Kind.INT in parameter.kinds)
