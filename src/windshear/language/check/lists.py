"""Reference lists, data tables and metrics: rules about how many and where, judged on the syntax tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from windshear.core.readings.language import MOST_LIST_TESTS, SURE_LIST_TESTS
from windshear.language.check.scope import Scope, expressions_of
from windshear.language.check.walk import row_columns, ungrouped, walk
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import tree


def check_lists(rule: tree.Rule, scope: Scope) -> None:
    """Report too many list tests, misplaced table tests and joins, and hourly metrics without daily ones."""
    events, outcome = expressions_of(rule, "events"), expressions_of(rule, "outcome")
    _check_number(
        [node for root in (*events, *outcome) for node in walk(root) if isinstance(node, tree.Membership)], scope
    )
    for root in events:
        for node in walk(root):
            if isinstance(node, tree.Group):
                _check_group(node, scope)
    _check_table_joins(events, scope)
    _check_metrics([node for root in outcome for node in walk(root) if isinstance(node, tree.Call)], scope)


def _check_number(tests: list[tree.Membership], scope: Scope) -> None:
    if not tests:
        return
    counts: Counter[str] = Counter(test.kind or "string" for test in tests)
    counts["all"] = len(tests)
    for kind, most in MOST_LIST_TESTS.items():
        what = "list tests" if kind == "all" else f"list tests with `{kind}`"
        if counts[kind] > most:
            scope.errors.add(
                Diagnostic(
                    checks.TOO_MANY_LISTS, f"the rule has {counts[kind]} {what}, {most} are allowed", tests[-1].span
                )
            )
        elif counts[kind] > SURE_LIST_TESTS[kind]:
            scope.notices.add(Diagnostic(checks.MANY_LISTS, f"the rule has {counts[kind]} {what}", tests[-1].span))


def _check_group(group: tree.Group, scope: Scope) -> None:
    """In parentheses a column test may be joined with other tests by `or` only."""
    inner = ungrouped(group)
    if not isinstance(inner, tree.And):
        return
    items = [ungrouped(item) for item in inner.items]
    tables = [item for item in items if _is_column_test(item)]
    if tables:
        scope.errors.add(
            Diagnostic(
                checks.TABLE_AND_FIELD,
                "a test against a data table column is joined with `and` inside parentheses",
                tables[0].span,
                help="put it on a line of its own",
            )
        )


def _is_column_test(node: tree.Expression) -> bool:
    if isinstance(node, tree.Not):
        return _is_column_test(ungrouped(node.operand))
    return isinstance(node, tree.Membership) and isinstance(node.container, tree.TableColumn)


def _check_table_joins(events: Iterable[tree.Expression], scope: Scope) -> None:
    """Report rows that are joined in a rule without a match section; see `joins` for rows that nothing joins."""
    if scope.has_match:
        return
    columns = [column for root in events for column in row_columns(root)]
    for column in {column.table: column for column in reversed(columns)}.values():
        message = f"the rows of `%{column.table}` are joined in a rule without a match section"
        scope.errors.add(Diagnostic(checks.TABLE_JOIN, message, column.span))


def _check_metrics(calls: list[tree.Call], scope: Scope) -> None:
    metrics = [call for call in calls if call.function.startswith("metrics.")]
    daily = {call.function for call in metrics if _period(call) == "1d"}
    for call in metrics:
        if _period(call) == "1h" and call.function not in daily:
            scope.errors.add(
                Diagnostic(
                    checks.MISPLACED_METRIC,
                    f"`{call.function}` is read by the hour, but not by the day",
                    call.span,
                    help="add a daily one (`period: 1d, window: 30d`) to the rule",
                )
            )


def _period(call: tree.Call) -> str:
    for argument in call.arguments:
        match argument:
            case tree.NamedArgument(name="period", value=tree.DurationLiteral(text=text) | tree.Word(text=text)):
                return text
            case _:
                pass
    return ""
