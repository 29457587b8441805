"""What a condition requires to be present, and what it lets be absent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check.events import Predicates
from windshear.language.check.joins import Ties
from windshear.language.check.scope import Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import MatchWindow

_MOST_UNDER_OR = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a condition binds.

    bounded: the variables that are present whenever the condition holds. alternatives: those that are joined by `or`
    (none or several). unbounded: the counts that may be 0. absences: those of them that some number does not satisfy.
    """

    bounded: frozenset[str]
    alternatives: frozenset[str]
    unbounded: tuple[ex.VariableCount, ...]
    absences: tuple[ex.VariableCount, ...]


def find_bounds(condition: ex.Expression, predicates: Predicates, ties: Ties, scope: Scope) -> Bounds:
    """Return what the condition binds. The row of a table is there if one of the variables it is joined to must be."""
    sides = _Sides(predicates)
    bounded = sides.required(condition)
    alternatives: set[str] = set()
    for node in ex.walk(condition):
        if isinstance(node, ex.Or) or (isinstance(node, ex.NOf) and node.minimum < len(node.items)):
            alternatives |= sides.present_in_some(node)
    unbounded = tuple(count for test, count in _counts(condition) if not is_bounded_count(test))
    absences = tuple(
        count for test, count in _counts(condition) if test.operator in ("=", "<", "<=") and not is_bounded_count(test)
    )
    names = scope.names.events
    tables = frozenset(name for name, variable in names.items() if variable.source == "table")
    if len(names.keys() - tables) == 1 and not unbounded:
        bounded = frozenset(names.keys() - tables)
    bounded |= _joined_tables(tables, bounded, ties)
    alternatives -= bounded
    joined = frozenset(alternatives) if len(alternatives) > 1 else frozenset()
    return Bounds(bounded, joined, unbounded, absences)


def _joined_tables(tables: frozenset[str], bounded: frozenset[str], ties: Ties) -> frozenset[str]:
    """Return the tables with a row in every group: those that are tied to what must be present."""
    found: frozenset[str] = frozenset()
    while added := frozenset(name for name in tables - found if ties.is_tied_to(name, bounded | found)):
        found |= added
    return found


def check_alternatives(
    condition: ex.Expression,
    predicates: Predicates,
    window: MatchWindow | None,
    scope: Scope,
) -> None:
    """Report what may not stand below `or` and `n of`."""
    sides = _Sides(predicates)
    for node in ex.walk(condition):
        if not isinstance(node, ex.Or | ex.NOf):
            continue
        word = "or" if isinstance(node, ex.Or) else "n of"
        for test, count in _counts(node):
            if not is_bounded_count(test):
                scope.errors.add(
                    Diagnostic(
                        checks.UNBOUNDED_IN_OR,
                        f"`${count.name}` may be absent, and stands below `{word}`",
                        node.span,
                        help="only conditions that require something to be present can be alternatives",
                    )
                )
        _check_limits(node, sides.present_in_some(node), window, scope)


def _check_limits(node: ex.Or | ex.NOf, variables: frozenset[str], window: MatchWindow | None, scope: Scope) -> None:
    if len(variables) < 2:
        return
    word = "or" if isinstance(node, ex.Or) else "n of"
    if window is not None and window.kind == "tumbling":
        scope.errors.add(
            Diagnostic(
                checks.OR_BETWEEN_EVENTS,
                f"`{word}` between event variables in a rule with a tumbling window",
                node.span,
                help="use a hop window: `over 10m`",
            )
        )
    kinds = {scope.names.events[name].source for name in variables}
    if len(kinds) > 1:
        scope.errors.add(
            Diagnostic(checks.OR_BETWEEN_EVENTS, f"`{word}` between variables of different kinds", node.span)
        )
    if isinstance(node, ex.Or) and len(variables) > _MOST_UNDER_OR:
        scope.errors.add(
            Diagnostic(
                checks.OR_BETWEEN_EVENTS,
                f"`or` between {len(variables)} event variables, {_MOST_UNDER_OR} are allowed",
                node.span,
            )
        )


def check_unbounded(bounds: Bounds, predicates: Predicates, ties: Ties, scope: Scope) -> None:
    """Report a condition that asks for absence without a present event to tie it to."""
    if not bounds.unbounded:
        return
    events = scope.names.events
    present = frozenset(name for name in bounds.bounded if events[name].source in ("udm", "detection"))
    first = bounds.unbounded[0]
    if not present:
        scope.errors.add(
            Diagnostic(
                checks.NOTHING_BOUNDED,
                "no event variable is required to be present",
                first.span,
                help="add one, as in `$a and !$b`",
            )
        )
        return
    for count in bounds.unbounded:
        if count.counts == "values":
            is_tied = bool(predicates.definers[count.name] & present)
        elif events[count.name].source == "graph":
            is_tied = ties.is_tied_to(count.name, present)
        else:
            continue
        if not is_tied:
            scope.errors.add(
                Diagnostic(
                    checks.UNBOUNDED_WITHOUT_TIE,
                    f"`${count.name}` may be absent and is not tied to an event that must be present",
                    count.span,
                )
            )


def check_keys(keys: tuple[str, ...], bounds: Bounds, predicates: Predicates, scope: Scope) -> None:
    """Report match keys that only absent events define."""
    unbounded = {count.name for count in bounds.unbounded if count.counts == "events"} - bounds.bounded
    for key in keys:
        variables = predicates.definers[key]
        if variables and variables <= unbounded:
            listed = " and ".join(f"`${name}`" for name in sorted(variables))
            scope.errors.add(
                Diagnostic(
                    checks.MATCH_KEY_UNBOUNDED,
                    f"the match key `${key}` is defined only by {listed}, which may be absent",
                    predicates.placeholders[key].span,
                    help="define it by an event that must be present, too",
                )
            )


def is_bounded_count(node: ex.Comparison) -> bool:
    """Whether a comparison of a count with a number implies that the count is at least 1."""
    limit = node.right.value if isinstance(node.right, ex.Literal) and isinstance(node.right.value, int) else 0
    match node.operator:
        case ">":
            return True
        case ">=":
            return limit > 0
        case "=":
            return limit > 0
        case "!=":
            return limit == 0
        case _:
            return False


def _counts(condition: ex.Expression) -> Iterator[tuple[ex.Comparison, ex.VariableCount]]:
    for node in ex.walk(condition):
        if isinstance(node, ex.Comparison) and isinstance(node.left, ex.VariableCount):
            yield node, node.left


@dataclass(frozen=True, slots=True)
class _Sides:
    predicates: Predicates

    def required(self, node: ex.Expression) -> frozenset[str]:
        """Return the variables that must be present for a condition to hold."""
        match node:
            case ex.Comparison(left=ex.VariableCount() as count):
                return self._bound_by(count) if is_bounded_count(node) else frozenset()
            case ex.And(items=items):
                return frozenset().union(*(self.required(item) for item in items))
            case ex.Or(items=items):
                return self._in_at_least(items, len(items))
            case ex.NOf(minimum=minimum, items=items):
                return self._in_at_least(items, len(items) - minimum + 1)
            case _:
                return frozenset()

    def present_in_some(self, node: ex.Or | ex.NOf) -> frozenset[str]:
        """Return the variables that some bounded atom below a node requires."""
        found: frozenset[str] = frozenset()
        for inner in ex.walk(node):
            if isinstance(inner, ex.Comparison) and isinstance(inner.left, ex.VariableCount):
                found |= self._mentioned(inner.left)
        return found

    def _in_at_least(self, items: tuple[ex.Expression, ...], times: int) -> frozenset[str]:
        """Return the variables that so many items require that the others are not enough."""
        votes = Counter(name for item in items for name in self.required(item))
        return frozenset(name for name, count in votes.items() if count >= times)

    def _mentioned(self, count: ex.VariableCount) -> frozenset[str]:
        if count.counts == "events":
            return frozenset({count.name})
        return self.predicates.definers[count.name]

    def _bound_by(self, count: ex.VariableCount) -> frozenset[str]:
        """Return the variables behind a count: a placeholder has values only where all that define it are present."""
        if count.counts == "events":
            return frozenset({count.name})
        definition = self.predicates.placeholders[count.name]
        if definition.bindings or len({b.variable for b in definition.alternatives}) == 1:
            return self.predicates.definers[count.name]
        return frozenset()
