"""Where a query may use what only searches have, and what its condition may ask for."""

from __future__ import annotations

from collections.abc import Container, Sequence

from windshear.language import expressions as ex
from windshear.language.check.bounds import Bounds
from windshear.language.check.events import Predicates
from windshear.language.check.joins import Ties
from windshear.language.check.queries.groups import GROUP
from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.query import QueryWindow
from windshear.language.rule import OutcomeDefinition


def check_groups(predicates: Predicates, elsewhere: Sequence[ex.Expression], scope: Scope) -> None:
    """Report calls of `group` that do not define a placeholder by themselves."""
    inside = [
        below
        for definition in predicates.placeholders.values()
        for binding in (*definition.bindings, *definition.alternatives)
        for below in (ex.children(binding.value) if _is_group(binding.value) else (binding.value,))
    ]
    for expression in (*inside, *elsewhere):
        for node in ex.walk(expression):
            if _is_group(node):
                message = "`group` stands somewhere else than in the definition of a placeholder"
                scope.errors.add(
                    Diagnostic(queries.GROUP_CALL, message, node.span, help="write `$p = group(…)` and use `$p` here")
                )
    for name, definition in predicates.placeholders.items():
        grouped = [binding for binding in definition.alternatives if _is_group(binding.value)]
        if grouped or (len(definition.bindings) > 1 and any(_is_group(b.value) for b in definition.bindings)):
            message = f"`${name}` has another definition beside `group`"
            scope.errors.add(Diagnostic(queries.GROUP_CALL, message, definition.span))


def check_bounds_of_window(
    outcomes: Sequence[OutcomeDefinition], condition: ex.Expression, window: QueryWindow | None, scope: Scope
) -> None:
    """Report bounds of a window that there is not."""
    if window is not None:
        return
    for expression in (*(outcome.value for outcome in outcomes), condition):
        for node in ex.walk(expression):
            if isinstance(node, ex.WindowBound):
                message = f"`window_{node.bound}` has no value without a window"
                scope.errors.add(
                    Diagnostic(checks.WINDOW_BOUND, message, node.span, help="add one, for instance `by day`")
                )


def check_choices(predicates: Predicates, scope: Scope) -> None:
    """Report placeholders that take their value from one event or from another."""
    for definition in predicates.placeholders.values():
        if len({binding.variable for binding in definition.alternatives}) > 1:
            scope.unsupported.append(
                ("a placeholder bound below `or` to several event variables in a query", definition.span)
            )


def check_metrics(outcomes: Sequence[OutcomeDefinition], scope: Scope) -> None:
    """Report metrics, which look back from the window of a rule."""
    for outcome in outcomes:
        for node in ex.walk(outcome.value):
            if isinstance(node, ex.Metric):
                scope.unsupported.append(("metrics in a query", node.span))


def check_context(ties: Ties, is_grouped: bool, optional: Container[str], scope: Scope) -> None:
    """Report uses of tables, entities and metrics that a query has no meaning for, or that cannot be run."""
    events = scope.names.events
    sure = frozenset(name for name in events if name not in optional)
    for name, variable in events.items():
        if variable.source == "table" and not is_grouped:
            scope.unsupported.append(("a row of a data table without a match section", variable.span))
        elif variable.source == "table" and not ties.is_tied_to(name, sure - {name}):
            scope.unsupported.append(("a row of a data table joined to what may be missing", variable.span))
    if all(variable.source == "graph" for variable in events.values()):
        first = next(iter(events.values()))
        scope.unsupported.append(("a query over entities alone", first.span))


def check_alternatives(
    bounds: Bounds,
    keys: Sequence[str],
    window: QueryWindow | None,
    predicates: Predicates,
    scope: Scope,
    *,
    has_outer_joins: bool,
) -> frozenset[str]:
    """Return the event variables of which the condition asks for one or another, and report where it cannot be run."""
    events, found = scope.names.events, bounds.alternatives
    if not found:
        return frozenset()
    span = min(events[name].span for name in found)
    is_joined_by_keys = all(found <= predicates.definers.get(key, frozenset()) for key in keys)
    if window is None or window.kind != "hop":
        scope.unsupported.append(("`or` between event variables in a query without a hop window (`over 5m`)", span))
    elif has_outer_joins or any(variable.source != "udm" for variable in events.values()):
        scope.unsupported.append(("`or` between event variables in a query that also joins otherwise", span))
    elif not keys or not is_joined_by_keys:
        scope.unsupported.append(
            ("`or` between event variables in a query that do not all define every match key", span)
        )
    return found


def check_presence(condition: ex.Expression, optional: Container[str], scope: Scope) -> None:
    """Report conditions on the absence of what is always there."""
    for node in ex.walk(condition):
        if not isinstance(node, ex.Comparison) or node.operator != "=":
            continue
        count, number = node.left, node.right
        is_zero = isinstance(number, ex.Literal) and number.value == 0
        is_count = isinstance(count, ex.VariableCount) and count.counts == "events"
        if is_zero and is_count and isinstance(count, ex.VariableCount) and count.name not in optional:
            scope.errors.add(
                Diagnostic(
                    queries.ABSENCE_IN_QUERY,
                    f"`${count.name}` is always there, for the variables of a query are joined",
                    count.span,
                    help=f"write the join as `left join $a.field = ${count.name}.field`",
                )
            )


def _is_group(node: ex.Expression) -> bool:
    return isinstance(node, ex.Call) and node.function == GROUP
