"""Which variables of the events section are tied to each other, by placeholders or by direct equalities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check.events import Predicates
from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import PlaceholderDefinition


@dataclass(frozen=True, slots=True)
class Ties:
    """For each event variable the variables that share a placeholder or an equality with it."""

    neighbours: Mapping[str, frozenset[str]]

    def component(self, start: str) -> frozenset[str]:
        """Return everything that is joined to a variable, directly or through others."""
        seen = {start}
        stack = [start]
        while stack:
            for other in self.neighbours.get(stack.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return frozenset(seen)


def find_ties(predicates: Predicates, scope: Scope) -> Ties:
    """Return what is tied to what, and report arithmetic in joins."""
    neighbours: dict[str, set[str]] = {name: set() for name in scope.names.events}
    groups = [variables_of(definition) for definition in predicates.placeholders.values()]
    groups += [group for item in predicates.items for group in _equated(item, predicates.placeholders, scope)]
    for group in groups:
        for name in group:
            neighbours.setdefault(name, set()).update(group - {name})
    return Ties({name: frozenset(others) for name, others in neighbours.items()})


def variables_of(definition: PlaceholderDefinition) -> frozenset[str]:
    """Return the variables whose fields define a placeholder."""
    return frozenset(binding.variable for binding in (*definition.bindings, *definition.alternatives))


def variables_in(expression: ex.Expression, placeholders: Mapping[str, PlaceholderDefinition]) -> frozenset[str]:
    """Return the event variables that an expression reads, itself or through placeholders."""
    found: set[str] = set()
    for node in ex.walk(expression):
        if isinstance(node, ex.Field):
            found.add(node.variable)
        elif isinstance(node, ex.Placeholder) and node.name in placeholders:
            found |= variables_of(placeholders[node.name])
    return frozenset(found)


def report_unjoined(ties: Ties, scope: Scope) -> None:
    """Report variables that nothing joins to the first one."""
    events = scope.names.events
    names = list(events)
    if not names:
        return
    joined = set(ties.component(names[0]))
    for name in names[1:]:
        if name in joined:
            continue
        joined |= ties.component(name)
        scope.errors.add(
            Diagnostic(
                checks.UNJOINED_VARIABLE,
                f"`${name}` is not joined to `${names[0]}`",
                events[name].span,
                label="no placeholder and no equality joins it",
                help=f"equate a field of each with one placeholder: `${names[0]}.… = $p` and `${name}.… = $p`",
            )
        )
    if all(variable.source == "graph" for variable in events.values()):
        scope.errors.add(
            Diagnostic(
                checks.UNJOINED_VARIABLE,
                f"the entity `${names[0]}` is not joined to an event",
                events[names[0]].span,
                help="an entity gives context to events: join it to an event variable",
            )
        )


def _equated(
    predicate: ex.Expression, placeholders: Mapping[str, PlaceholderDefinition], scope: Scope
) -> Iterator[frozenset[str]]:
    """Yield the sets of variables that an equality in a predicate joins; a negated one joins nothing."""
    stack = [predicate]
    while stack:
        node = stack.pop()
        if isinstance(node, ex.And | ex.Or):
            stack.extend(node.items)
        if not isinstance(node, ex.Comparison) or node.operator != "=":
            continue
        left, right = variables_in(node.left, placeholders), variables_in(node.right, placeholders)
        if not left or not right or (left == right and len(left) == 1):
            continue
        if isinstance(node.left, ex.Arithmetic) or isinstance(node.right, ex.Arithmetic):
            scope.errors.add(
                Diagnostic(
                    checks.ARITHMETIC_IN_JOIN,
                    "arithmetic in a join",
                    node.span,
                    label="fields or functions of fields are joined",
                    help="join on another field and compare with `<` or `>=` here",
                )
            )
        yield left | right
