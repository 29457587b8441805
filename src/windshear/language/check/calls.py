"""Function calls of typed arguments: number and types of arguments, and the type of the result."""

from __future__ import annotations

from dataclasses import replace

from windshear.language import expressions as ex
from windshear.language.check import constants
from windshear.language.check.aggregates import AGGREGATES, report_search_only
from windshear.language.check.comparisons import are_comparable, check_pattern_value, coerce, is_unknown
from windshear.language.check.draws import drawn_for
from windshear.language.check.scope import Mode, Scope, unknown
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.functions import catalogue
from windshear.language.functions.function import Function, Parameter, counts_of, signature
from windshear.language.functions.parameters import SCALARS
from windshear.language.syntax import tree
from windshear.language.types import FLOAT, Kind, Type

_SEARCH_ONLY = frozenset({"group"})


def call_function(
    node: tree.Call, function: Function, arguments: tuple[ex.Expression, ...], scope: Scope
) -> ex.Expression:
    """Return the call of a function of the catalogue."""
    arguments = _checked_arguments(node, function, arguments, scope)
    _check_use(node, function, scope)
    if function.draws:
        arguments = drawn_for(node, scope)
    if node.is_nocase and not function.accepts_nocase:
        scope.errors.add(Diagnostic(checks.NOCASE_WITHOUT_TEXT, f"`{function.name}` does not take `nocase`", node.span))
    check_one_event(arguments, node, scope)
    _check_quantifiers(function, arguments, scope)
    result = function.result
    if function.result_of is not None and len(arguments) > function.result_of:
        result = arguments[function.result_of].type
    return ex.Call(function.name, arguments, is_nocase=node.is_nocase, type=result, span=node.span)


def call_regex(node: tree.Call, arguments: tuple[ex.Expression, ...], scope: Scope) -> ex.Expression:
    """Return the pattern test that a call of `re.regex` is."""
    function = catalogue.lookup("re.regex")
    value, pattern = _checked_arguments(node, function, arguments, scope)
    if not isinstance(pattern, ex.Literal) or is_unknown(pattern):
        return unknown(node.span)
    check_one_event((value,), node, scope)
    _check_quantifiers(function, (value,), scope)
    return ex.RegexMatch(value, str(pattern.value), is_nocase=node.is_nocase, span=node.span)


def find_function(node: tree.Call, scope: Scope) -> Function | None:
    """Return the function that is called; None after reporting that rules have none of that name."""
    function = catalogue.find(node.function)
    if function is not None:
        return function
    name = node.function
    if name in _SEARCH_ONLY:
        report_search_only(name, node, scope)
        return None
    close = closest(name, (*catalogue.names(), *AGGREGATES))
    help_text = f"did you mean `{close}`?" if close else ""
    scope.errors.add(
        Diagnostic(
            checks.UNKNOWN_FUNCTION,
            f"`{name}` is not a function",
            node.function_span,
            label="no such function",
            help=help_text,
            suggestion=Suggestion(node.function_span, close) if close else None,
        )
    )
    return None


def check_one_event(arguments: tuple[ex.Expression, ...], node: tree.Call, scope: Scope) -> None:
    """Report a call that reads fields of several event variables."""
    variables = list(dict.fromkeys(read.variable for argument in arguments for read in ex.fields(argument)))
    if len(variables) > 1:
        listed = " and ".join(f"`${name}`" for name in variables)
        scope.errors.add(
            Diagnostic(
                checks.SEVERAL_EVENTS_IN_CALL,
                f"`{node.function}` reads fields of {listed}",
                node.span,
                label="one event variable per call",
            )
        )


def _checked_arguments(
    node: tree.Call, function: Function, arguments: tuple[ex.Expression, ...], scope: Scope
) -> tuple[ex.Expression, ...]:
    """Return the arguments with literals coerced; unknown ones stand in for what is missing."""
    least, most = counts_of(function.parameters)
    if not least <= len(arguments) <= (len(arguments) if most is None else most):
        expected = str(least) if most == least else f"at least {least}" if most is None else f"{least} to {most}"
        scope.errors.add(
            Diagnostic(
                checks.WRONG_ARGUMENT_COUNT,
                f"`{function.name}` takes {expected} arguments, found {len(arguments)}",
                node.span,
                help=f"`{signature(function.name, function.parameters)}`",
            )
        )
        return tuple(unknown(node.span) for _ in range(max(least, 1)))
    checked: list[ex.Expression] = []
    for position, argument in enumerate(arguments):
        parameter = function.parameters[min(position, len(function.parameters) - 1)]
        checked.append(_checked_argument(function, parameter, argument, tuple(checked), scope))
    return tuple(checked)


def _checked_argument(
    function: Function,
    parameter: Parameter,
    argument: ex.Expression,
    before: tuple[ex.Expression, ...],
    scope: Scope,
) -> ex.Expression:
    if is_unknown(argument):
        return argument
    if parameter.is_constant and not isinstance(argument, ex.Literal):
        scope.errors.add(
            Diagnostic(
                checks.WRONG_ARGUMENT,
                f"`{parameter.name}` of `{function.name}` must be a literal",
                argument.span,
                label="not a literal",
            )
        )
        return unknown(argument.span)
    if function.reads_whole_list and not isinstance(argument, ex.Field):
        _report_no_field(function, argument, scope)
        return unknown(argument.span)
    if parameter.is_list and isinstance(argument, ex.Field):
        argument = _as_list(function, argument, scope)
    if not _accepts(parameter, argument.type):
        _report_argument(function, parameter, argument, scope)
        return unknown(argument.span)
    if isinstance(argument, ex.Literal):
        constants.check(parameter, argument, before, scope)
    if isinstance(argument, ex.Literal) and argument.type.kind is Kind.INT and parameter.kinds == (Kind.FLOAT,):
        return coerce(argument, FLOAT, scope)
    return _as_element(argument, before[-1], scope) if parameter.is_element else argument


def _as_element(value: ex.Expression, listed: ex.Expression, scope: Scope) -> ex.Expression:
    """Take a value that is looked for in a list as one of its type; report one of another."""
    if is_unknown(listed):
        return value
    value = coerce(value, listed.type.element, scope)
    if not is_unknown(value) and not are_comparable(value.type, listed.type.element):
        message = f"a value of type {value.type} is looked for in a {listed.type}"
        scope.errors.add(Diagnostic(checks.TYPE_MISMATCH, message, value.span))
    return value


def _accepts(parameter: Parameter, given: Type) -> bool:
    if given.is_list != parameter.is_list:
        return False
    if given.kind is Kind.ENUM:
        return parameter.takes_enum or Kind.ENUM in parameter.kinds
    if given.kind is Kind.UINT:
        return any(kind in parameter.kinds for kind in (Kind.UINT, Kind.INT, Kind.FLOAT))
    return given.kind in parameter.kinds or (given.kind is Kind.INT and Kind.FLOAT in parameter.kinds)


def _report_no_field(function: Function, argument: ex.Expression, scope: Scope) -> None:
    scope.errors.add(
        Diagnostic(
            checks.WRONG_ARGUMENT,
            f"`{function.name}` counts the elements of a repeated field",
            argument.span,
            label="not a field",
            help="`arrays.size(…)` counts the elements of a list",
        )
    )


def _as_list(function: Function, read: ex.Field, scope: Scope) -> ex.Field:
    """Take a repeated field where a list is wanted as the list of all its elements, which makes no copies."""
    is_element = read.path.is_repeated and not read.is_whole_list and read.quantifier is None
    if not is_element or scope.mode is Mode.STRICT:
        return read
    message = f"`{read.path.text}` stands for all its elements in `{function.name}`"
    scope.notices.add(Diagnostic(checks.REPEATED_AS_LIST, message, read.span))
    return replace(read, is_whole_list=True, type=read.type.list_of)


def _report_argument(function: Function, parameter: Parameter, argument: ex.Expression, scope: Scope) -> None:
    if argument.type.kind is Kind.ENUM and not argument.type.is_list and Kind.STRING in parameter.kinds:
        check_pattern_value(argument, scope)
        return
    kinds = "" if parameter.kinds == SCALARS else " or ".join(kind.value for kind in parameter.kinds)
    wanted = f"a list of {kinds or 'values'}" if parameter.is_list else kinds or "one value"
    scope.errors.add(
        Diagnostic(
            checks.WRONG_ARGUMENT,
            f"`{parameter.name}` of `{function.name}` is a value of type {argument.type}, {wanted} is expected",
            argument.span,
            help=f"`{signature(function.name, function.parameters)}`",
        )
    )


def _check_quantifiers(function: Function, arguments: tuple[ex.Expression, ...], scope: Scope) -> None:
    """`any` and `all` quantify a test: the call itself must be one, and there can be one quantified field in it."""
    quantified = [read for argument in arguments for read in ex.fields(argument) if read.quantifier is not None]
    if not quantified:
        return
    first = quantified[0]
    if function.result.kind is not Kind.BOOL:
        scope.errors.add(
            Diagnostic(
                checks.MISPLACED_QUANTIFIER,
                f"`{first.quantifier}` inside `{function.name}`, which does not return a boolean",
                first.span,
            )
        )
    elif len(quantified) > 1:
        scope.errors.add(
            Diagnostic(
                checks.MISPLACED_QUANTIFIER,
                "one test can have only one field with `any` or `all`",
                quantified[1].span,
            )
        )


def _check_use(node: tree.Call, function: Function, scope: Scope) -> None:
    """Report what only searches have: in a rule its meaning is clear, but the service refuses it."""
    if function.use != "search" or scope.is_search:
        return
    if scope.mode is Mode.STRICT:
        report_search_only(function.name, node, scope)
        return
    message = f"`{function.name}` is documented for searches and dashboards only"
    scope.notices.add(Diagnostic(checks.SEARCH_FUNCTION, message, node.function_span))
