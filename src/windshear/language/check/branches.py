"""Rules of several event variables without a match section: refused, or in compat mode taken as branches."""

from __future__ import annotations

from windshear.language import expressions as ex
from windshear.language.check.events import Predicates
from windshear.language.check.joins import variables_in
from windshear.language.check.scope import Mode, Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import tree


def check_variables_without_match(
    rule: tree.Rule, predicates: Predicates, condition: ex.Expression, scope: Scope
) -> tuple[str, ...]:
    """Return the branches of a rule without a match section, if that is what it is; else report what it lacks."""
    events = {name: variable for name, variable in scope.names.events.items() if variable.source != "table"}
    for variable in events.values():
        if variable.source == "detection":
            scope.errors.add(
                Diagnostic(
                    checks.DETECTION_WITHOUT_MATCH,
                    f"`${variable.name}` ranges over detections, and the rule has no match section",
                    variable.span,
                    help="add one, for instance `match: $key over 24h`",
                )
            )
            return ()
    if len(events) < 2:
        return ()
    branches = _branches(condition, scope)
    are_independent = _are_independent(predicates)
    if branches and are_independent and scope.mode is Mode.COMPAT:
        scope.notices.add(
            Diagnostic(
                checks.INDEPENDENT_BRANCHES,
                f"{_listed(branches)} are independent of each other: the rule runs as {len(branches)} rules",
                rule.condition.span if rule.condition else rule.span,
                help="write one rule per variable",
            )
        )
        return branches
    _report(branches if are_independent else (), scope)
    return ()


def _report(branches: tuple[str, ...], scope: Scope) -> None:
    names = list(scope.names.events)
    help_text = (
        f"split it into {len(branches)} rules, one each for {_listed(branches)}"
        if branches
        else "join them by placeholders and add `match: $placeholder over 10m`"
    )
    scope.errors.add(
        Diagnostic(
            checks.SEVERAL_EVENTS_WITHOUT_MATCH,
            f"the rule has {len(names)} event variables and no match section",
            scope.names.events[names[1]].span,
            label="second variable",
            help=help_text,
        )
    )


def _branches(condition: ex.Expression, scope: Scope) -> tuple[str, ...]:
    """Return the variables of a condition that is nothing but `$a or $b or …` over all UDM variables."""
    names: list[str] = []
    stack = [condition]
    while stack:
        node = stack.pop()
        if isinstance(node, ex.Or):
            stack.extend(reversed(node.items))
        else:
            name = existing(node)
            if name is None:
                return ()
            names.append(name)
    events = scope.names.events
    are_all = set(names) == set(events) and len(names) == len(events)
    return tuple(names) if are_all and all(v.source == "udm" for v in events.values()) else ()


def existing(node: ex.Expression) -> str | None:
    """Return the event variable whose presence is all that a condition asks for, if that is so."""
    if not isinstance(node, ex.Comparison) or not isinstance(node.left, ex.VariableCount):
        return None
    if node.left.counts != "events" or not isinstance(node.right, ex.Literal):
        return None
    return node.left.name if (node.operator, node.right.value) in ((">", 0), (">=", 1)) else None


def _are_independent(predicates: Predicates) -> bool:
    if any(len(variables) > 1 for variables in predicates.definers.values()):
        return False
    return all(len(variables_in(item, predicates)) <= 1 for item in predicates.items)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`${name}`" for name in names)
