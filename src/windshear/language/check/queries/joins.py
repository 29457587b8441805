"""Joins of a query: what ties variables together, and which of them an outer join lets be missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check.comparisons import is_unknown
from windshear.language.check.events import Predicates
from windshear.language.check.joins import Ties, find_ties, variables_in
from windshear.language.check.lowering import lower_test
from windshear.language.check.scope import Scope
from windshear.language.check.walk import conjuncts
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.syntax import query_tree, tree


@dataclass(frozen=True, slots=True)
class OuterJoins:
    """links: the equalities of all outer joins. preserving: for each variable that may be missing, its partner."""

    links: tuple[ex.Expression, ...]
    preserving: Mapping[str, str]


def check_outer_joins(joins: Sequence[query_tree.OuterJoin], predicates: Predicates, scope: Scope) -> OuterJoins:
    """Return what outer joins say, and report those that say nothing clear."""
    links: list[ex.Expression] = []
    preserving: dict[str, str] = {}
    for join in joins:
        for node in conjuncts((join.on,)):
            link = lower_test(node, scope)
            links.append(link)
            sides = _sides(link, predicates)
            if sides is None:
                if not _has_mistake(link):
                    _refuse(node, "an outer join equates two fields of different variables", scope)
                continue
            kept, optional = sides if join.side == "left" else sides[::-1]
            if preserving.setdefault(optional, kept) != kept or preserving.get(kept) is not None:
                _refuse(node, f"`${optional}` and `${kept}` are joined in another way before", scope)
            elif scope.names.events[kept].source not in ("udm", "stage"):
                _refuse(node, f"the preserved side `${kept}` is not an event", scope)
    return OuterJoins(tuple(links), preserving)


def check_ties(predicates: Predicates, joins: OuterJoins, single_rows: Collection[str], scope: Scope) -> Ties:
    """Report variables that nothing joins to the first one; stages of one row need no join."""
    tied = Predicates(predicates.placeholders, (*predicates.items, *joins.links), predicates.definers)
    ties = find_ties(tied, scope)
    names = [name for name in scope.names.events if name not in single_rows]
    joined = set(ties.component(names[0])) if names else set()
    for name in names[1:]:
        if name not in joined:
            joined |= ties.component(name)
            scope.errors.add(
                Diagnostic(
                    checks.UNJOINED_VARIABLE,
                    f"`${name}` is not joined to `${names[0]}`",
                    scope.names.events[name].span,
                    label="no placeholder and no equality joins it",
                    help=f"equate a field of each: `${names[0]}.… = ${name}.…`; a stage with `limit: 1` needs no join",
                )
            )
    return ties


def check_keys_preserved(keys: Sequence[str], predicates: Predicates, joins: OuterJoins, scope: Scope) -> None:
    """Report match keys that only a variable defines which may be missing."""
    for key in keys:
        definers = predicates.definers.get(key, frozenset())
        if definers and definers <= joins.preserving.keys():
            span = predicates.placeholders[key].span
            name = min(definers)
            scope.errors.add(
                Diagnostic(
                    queries.OUTER_JOIN,
                    f"the match key `{key}` is read of `${name}`, which may be missing",
                    span,
                    help=f"define it by a field of the preserved side `${joins.preserving[name]}`",
                )
            )


def check_null_tests(
    expressions: Sequence[ex.Expression], optional: AbstractSet[str], predicates: Predicates, scope: Scope
) -> None:
    """Report null tests of what is never null."""
    for expression in expressions:
        for node in ex.walk(expression):
            if isinstance(node, ex.IsNull) and not variables_in(node.operand, predicates) & optional:
                if is_unknown(node.operand):
                    continue
                scope.errors.add(
                    Diagnostic(
                        checks.NULL_TEST,
                        "this is never null: only what an outer join does not find is",
                        node.span,
                        help='an absent value is `""`, `0` or `false`',
                    )
                )


def _sides(link: ex.Expression, predicates: Predicates) -> tuple[str, str] | None:
    """Return the two variables of an equality, in written order."""
    if not isinstance(link, ex.Comparison) or link.operator != "=":
        return None
    left, right = variables_in(link.left, predicates), variables_in(link.right, predicates)
    if len(left) != 1 or len(right) != 1 or left == right:
        return None
    return next(iter(left)), next(iter(right))


def _has_mistake(link: ex.Expression) -> bool:
    return any(is_unknown(node) for node in ex.walk(link))


def _refuse(node: tree.Expression, message: str, scope: Scope) -> None:
    scope.errors.add(Diagnostic(queries.OUTER_JOIN, message, node.span, help="for instance `left join $a.f = $b.f`"))
