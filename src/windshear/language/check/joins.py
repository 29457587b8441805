"""Which variables of the events section are tied to each other, by placeholders or by direct equalities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check.events import Predicates
from windshear.language.check.scope import Scope
from windshear.language.check.walk import walk
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.tables import row_variable


@dataclass(frozen=True, slots=True)
class Ties:
    """The sets of event variables that share a placeholder or an equality, and for each variable the sets it is in."""

    groups: tuple[frozenset[str], ...]
    by_variable: Mapping[str, tuple[int, ...]]

    def component(self, start: str) -> frozenset[str]:
        """Return everything that is joined to a variable, directly or through others."""
        seen = {start}
        stack = [start]
        entered: set[int] = set()
        while stack:
            for number in self.by_variable.get(stack.pop(), ()):
                if number not in entered:
                    entered.add(number)
                    stack.extend(self.groups[number] - seen)
                    seen |= self.groups[number]
        return frozenset(seen)

    def is_tied_to(self, variable: str, others: frozenset[str]) -> bool:
        """Whether a variable shares a placeholder or an equality with one of the others."""
        return any(self.groups[number] & others for number in self.by_variable.get(variable, ()))


def find_ties(predicates: Predicates, scope: Scope, meant: Iterable[frozenset[str]] = ()) -> Ties:
    """Return what is tied to what, and report arithmetic in joins. `meant` are ties that are not to be found."""
    equated = (group for item in predicates.items for group in _equated(item, predicates, scope))
    groups = tuple(dict.fromkeys((*predicates.definers.values(), *equated, *meant)))
    by_variable: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for name in group:
            by_variable.setdefault(name, []).append(number)
    return Ties(groups, {name: tuple(numbers) for name, numbers in by_variable.items()})


def ties_meant(events: Iterable[tree.Expression], predicates: Predicates, scope: Scope) -> Iterator[frozenset[str]]:
    """Yield the variables that a predicate with a mistake names: without the mistake it may join them."""
    mistakes = [error.span.start for error in scope.errors.all()]
    for predicate in events:
        if any(predicate.span.start <= place < predicate.span.end for place in mistakes):
            yield frozenset().union(*(_named(node, predicates) for node in walk(predicate)))


def _named(node: tree.Expression, predicates: Predicates) -> frozenset[str]:
    match node:
        case tree.Path(variable=str(name)):
            return frozenset({name})
        case tree.TableColumn(table=table):
            return frozenset({row_variable(table)})
        case tree.Variable(name=name):
            return predicates.definers.get(name, frozenset())
        case _:
            return frozenset()


def variables_in(expression: ex.Expression, predicates: Predicates) -> frozenset[str]:
    """Return the event variables that an expression reads, itself or through placeholders."""
    found: set[str] = set()
    for node in ex.walk(expression):
        if isinstance(node, ex.Field):
            found.add(node.variable)
        elif isinstance(node, ex.Placeholder):
            found |= predicates.definers.get(node.name, frozenset())
    return frozenset(found)


def report_unjoined(ties: Ties, scope: Scope) -> None:
    """Report variables that nothing joins to the first one."""
    events = scope.names.events
    names = sorted(events, key=lambda name: events[name].source == "table")
    if not names:
        return
    joined = set(ties.component(names[0]))
    for name in names[1:]:
        if name in joined:
            continue
        joined |= ties.component(name)
        if events[name].source == "table":
            _report_unjoined_table(name, events[name].span, scope)
            continue
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


def _report_unjoined_table(name: str, span: Span, scope: Scope) -> None:
    scope.errors.add(
        Diagnostic(
            checks.TABLE_JOIN,
            f"no field is equated with a column of `{name}`",
            span,
            help=f"join the table first: `$e.principal.hostname = {name}.column`",
        )
    )


def _equated(predicate: ex.Expression, predicates: Predicates, scope: Scope) -> Iterator[frozenset[str]]:
    """Yield the sets of variables that an equality in a predicate joins; a negated one joins nothing."""
    stack = [predicate]
    while stack:
        node = stack.pop()
        if isinstance(node, ex.And | ex.Or):
            stack.extend(node.items)
        if not isinstance(node, ex.Comparison) or node.operator != "=":
            continue
        left, right = variables_in(node.left, predicates), variables_in(node.right, predicates)
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
