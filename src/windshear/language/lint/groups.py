"""Tests that stand together: those that must all hold, and those of which one must."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from windshear.language import expressions as ex
from windshear.language.lint.clauses import Clause, clauses_of
from windshear.language.lint.subject import Subject


def together(subject: Subject) -> Iterator[Sequence[Clause]]:
    """Yield the required tests of the rule, and those that each side of an `or` requires."""
    yield subject.required
    for predicate in subject.rule.predicates:
        for side, is_negated in _sides(predicate, is_negated=False):
            required = [test for test in clauses_of(side, is_negated=is_negated) if test.is_required]
            if len(required) > 1:
                yield required


def choices(subject: Subject) -> Iterator[Sequence[Clause]]:
    """Yield for each `or` those of its sides that are single tests."""
    for predicate in subject.rule.predicates:
        for items, is_negated in _disjunctions(predicate, is_negated=False):
            found = [list(clauses_of(item, is_negated=is_negated)) for item in items]
            yield [side[0] for side in found if len(side) == 1]


def _sides(node: ex.Expression, *, is_negated: bool) -> Iterator[tuple[ex.Expression, bool]]:
    for items, sign in _disjunctions(node, is_negated=is_negated):
        for item in items:
            yield item, sign


def _disjunctions(node: ex.Expression, *, is_negated: bool) -> Iterator[tuple[tuple[ex.Expression, ...], bool]]:
    stack = [(node, is_negated)]
    while stack:
        current, sign = stack.pop()
        match current:
            case ex.Not(operand=operand):
                stack.append((operand, not sign))
            case ex.And(items=items) | ex.Or(items=items):
                if isinstance(current, ex.Or) != sign and len(items) > 1:
                    yield items, sign
                stack.extend((item, sign) for item in items)
            case _:
                pass
