"""Metrics: the named arguments of a call, what of them goes together, and the type of the result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from windshear.language import expressions as ex
from windshear.language.check.fields import find_path
from windshear.language.check.scope import Scope, unknown
from windshear.language.check.walk import ungrouped
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic, Suggestion
from windshear.language.diagnostics.suggest import closest
from windshear.language.metrics import (
    AGGREGATES,
    METRIC_NAMES,
    METRICS,
    OBSERVED,
    UNIQUE,
    WINDOWS,
    MetricFunction,
    MetricName,
    Observed,
    Period,
    PeriodAggregate,
)
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.types import FLOAT, INT, Kind, Type
from windshear.udm.paths import PathProblem, PathSegment

Lower = Callable[[tree.Expression, Scope], ex.Expression]

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "period": tuple(WINDOWS),
    "window": tuple(WINDOWS.values()),
    "metric": tuple(METRIC_NAMES),
    "agg": tuple(AGGREGATES),
}
_FLOATS = ("avg", "stddev")


def check_metric(node: tree.Call, lower_value: Lower, lower_test: Lower, scope: Scope) -> ex.Expression:
    """Return what a call of a `metrics` function means; `scope.section` is the outcome section."""
    function = _function(node, scope)
    before = len(scope.errors.all())
    named = _named(node, scope)
    words = {name: _word(name, named, node, scope) for name in _CHOICES}
    given = [argument for name, argument in named.items() if name not in _CHOICES and name != "filter"]
    dimensions = dict(found for argument in given if (found := _dimension(argument, lower_value, scope)) is not None)
    test = _filter(named["filter"], lower_test, scope) if "filter" in named else None
    if function is None or len(scope.errors.all()) > before:
        return unknown(node.span)
    counted = [path for path, value in dimensions.items() if value is None]
    asked = {path: value for path, value in dimensions.items() if value is not None}
    _check_together(node, function, words, asked, counted, scope)
    if scope.is_search:
        scope.unsupported.append(("a metric in a query", node.span))
    return ex.Metric(
        name=function.name,
        period=cast("Period", words["period"]),
        metric=cast("MetricName", words["metric"]),
        agg=cast("PeriodAggregate", words["agg"]),
        dimensions=tuple(asked),
        values=tuple(asked.values()),
        counted=counted[0] if counted else None,
        filter=test,
        type=FLOAT if words["agg"] in _FLOATS else INT,
        span=node.span,
    )


def read_observation(word: tree.Word) -> ex.Observation | None:
    """Return what a bare word means in a metric's filter, None if nothing."""
    return ex.Observation(cast("Observed", word.text), word.span) if word.text in OBSERVED else None


def _function(node: tree.Call, scope: Scope) -> MetricFunction | None:
    function = METRICS.get(node.function.removeprefix("metrics."))
    if function is None:
        close = closest(node.function, [f"metrics.{name}" for name in METRICS])
        scope.errors.add(
            Diagnostic(
                checks.UNKNOWN_FUNCTION,
                f"`{node.function}` is not a function",
                node.function_span,
                label="no such metric",
                help=f"did you mean `{close}`?" if close else "",
                suggestion=Suggestion(node.function_span, close) if close else None,
            )
        )
    return function


def _named(node: tree.Call, scope: Scope) -> dict[str, tree.NamedArgument]:
    """Return the arguments by name."""
    named: dict[str, tree.NamedArgument] = {}
    for argument in node.arguments:
        if not isinstance(argument, tree.NamedArgument):
            help_text = "write `target.user.userid: $user`, where the events section binds `$user`"
            _report("an argument of a metric has no name", argument.span, scope, help_text)
        elif argument.name in named:
            _report(f"`{argument.name}` is given twice", argument.span, scope, "leave one of them out")
        else:
            named[argument.name] = argument
    return named


def _word(name: str, named: Mapping[str, tree.NamedArgument], node: tree.Call, scope: Scope) -> str:
    """Return the word that a required argument gives, empty after reporting that it is none of those that it may be."""
    choices = _CHOICES[name]
    listed = ", ".join(f"`{choice}`" for choice in choices)
    argument = named.get(name)
    if argument is None:
        _report(f"`{node.function}` lacks `{name}`", node.function_span, scope, f"add `{name}:` with one of {listed}")
        return ""
    match ungrouped(argument.value):
        case tree.Word(text=text) | tree.DurationLiteral(text=text) if text in choices:
            return text
        case _:
            _report(f"`{name}` is not one of {listed}", argument.span, scope, "")
            return ""


def _dimension(
    argument: tree.NamedArgument, lower_value: Lower, scope: Scope
) -> tuple[ex.FieldPath, ex.Expression | None] | None:
    """Return a field with the value that is asked for (None is `*`), or None after reporting what is wrong with it."""
    path = _path(argument, scope)
    written = ungrouped(argument.value)
    if isinstance(written, tree.Word) and written.text == "*":
        return None if path is None else (path, None)
    if not isinstance(written, tree.Variable) or written.name not in scope.names.placeholders:
        help_text = "bind the value to a placeholder in the events section, and write the placeholder here"
        _report(f"the value of `{argument.name}` is not a placeholder", argument.value.span, scope, help_text)
        return None
    value = lower_value(written, scope)
    if path is None or value.type.kind is Kind.UNKNOWN:
        return None
    if not _are_comparable(path.type, value.type):
        message = f"`{path.text}` is of type {path.type}, `${written.name}` of type {value.type}"
        _report(message, argument.span, scope, "bind the placeholder to a field of the same type")
        return None
    return path, value


def _path(argument: tree.NamedArgument, scope: Scope) -> ex.FieldPath | None:
    segments = tuple(PathSegment(name) for name in argument.name.split("."))
    found = find_path(segments)
    if isinstance(found, ex.FieldPath) and found.source == "udm" and found.type.kind is not Kind.FLOAT:
        return found
    help_text = "the parameters are `period`, `window`, `metric`, `agg`, `filter`, and UDM fields"
    close = closest(argument.name, [*_CHOICES, "filter"])
    if isinstance(found, PathProblem) and found.suggested_paths and len(segments) > 1:
        help_text = f"did you mean `{found.suggested_paths[0]}`?"
    elif close:
        help_text = f"did you mean `{close}`?"
    _report(
        f"`{argument.name}` is neither a parameter nor a field to keep a metric by", argument.span, scope, help_text
    )
    return None


def _are_comparable(one: Type, other: Type) -> bool:
    numbers = (Kind.INT, Kind.UINT)
    both_numbers = one.kind in numbers and other.kind in numbers
    return both_numbers or (one.is_text and other.is_text) or one.kind is other.kind is Kind.BOOL


def _filter(argument: tree.NamedArgument, lower_test: Lower, scope: Scope) -> ex.Expression:
    """Return the test of a period; it may read what is known of the period, and nothing else."""
    scope.section = "filter"
    test = lower_test(argument.value, scope)
    scope.section = "outcome"
    for node in ex.walk(test):
        if isinstance(node, ex.Field | ex.Placeholder | ex.OutcomeVariable):
            listed = ", ".join(f"`{name}`" for name in OBSERVED)
            message = "the filter of a metric reads something else than the periods of the metric"
            _report(message, node.span, scope, f"it may read {listed}, each without a `$`")
            break
    return test


def _check_together(
    node: tree.Call,
    function: MetricFunction,
    words: Mapping[str, str],
    asked: Collection[ex.FieldPath],
    counted: Sequence[ex.FieldPath],
    scope: Scope,
) -> None:
    period, metric = words["period"], words["metric"]
    window = WINDOWS[cast("Period", period)]
    if words["window"] != window:
        message = f"`period: {period}` does not go with `window: {words['window']}`"
        _report(message, node.span, scope, f"write `window: {window}`")
    if metric == "value_sum" and not function.value:
        message = f"`{node.function}` counts events and has no `value_sum`"
        _report(message, node.span, scope, "use `metric: event_count_sum`, or a metric with `bytes` in its name")
    if metric == UNIQUE and len(counted) != 1:
        message = f"`{UNIQUE}` needs one dimension whose values are counted, found {len(counted)}"
        _report(message, node.span, scope, "give `*` to the field whose different values are counted")
    elif metric != UNIQUE and counted:
        message = f"`{counted[0].text}: *` has no meaning with `metric: {metric}`"
        _report(message, node.span, scope, f"leave the field out, or use `metric: {UNIQUE}`")
    paths = sorted(path.text for path in (*asked, *counted))
    if not function.lists(paths):
        _note_unlisted(node, paths, scope)


def _note_unlisted(node: tree.Call, paths: list[str], scope: Scope) -> None:
    by = "by " + " and ".join(f"`{path}`" for path in paths) if paths else "without a field to keep it by"
    message = f"the reference does not list `{node.function}` {by}"
    help_text = "it runs here; the page of functions has the combinations that the reference lists"
    scope.notices.add(Diagnostic(checks.UNLISTED_DIMENSIONS, message, node.span, help=help_text))


def _report(message: str, span: Span, scope: Scope, help_text: str) -> None:
    scope.errors.add(Diagnostic(checks.METRIC_ARGUMENT, message, span, help=help_text))
