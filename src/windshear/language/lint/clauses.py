"""The clauses of a predicate: its single tests, each with its sign: `not (a or b)` is `not a` and `not b`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.source import Span

_MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_NEGATED = {"=": "!=", "!=": "=", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Clause:
    """A comparison, pattern, list or call that is a test.

    is_negated: whether it must be false. is_required: whether every row must pass it; else it stands below `or`.
    span: with the `not` directly before it.
    """

    node: ex.Expression
    is_negated: bool
    is_required: bool
    span: Span


def clauses_of(
    predicate: ex.Expression, *, is_negated: bool = False, is_required: bool = True, span: Span | None = None
) -> Iterator[Clause]:
    """Yield the tests below a predicate."""
    match predicate:
        case ex.Not(operand=operand):
            yield from clauses_of(
                operand, is_negated=not is_negated, is_required=is_required, span=span or predicate.span
            )
        case ex.And(items=items) | ex.Or(items=items):
            is_conjunction = isinstance(predicate, ex.And) != is_negated
            for item in items:
                yield from clauses_of(
                    item, is_negated=is_negated, is_required=is_required and (is_conjunction or len(items) == 1)
                )
        case _:
            yield Clause(predicate, is_negated, is_required, span or predicate.span)


@dataclass(frozen=True, slots=True)
class Against:
    """A value compared with a constant; `operator` is as if the constant stood on the right, and the sign is in it."""

    value: ex.Expression
    operator: str
    constant: ex.Literal
    is_nocase: bool

    @property
    def folded(self) -> object:
        """The constant, without its case if case does not matter."""
        constant = self.constant.value
        return constant.lower() if self.is_nocase and isinstance(constant, str) else constant


def against(test: Clause) -> Against | None:
    """Return a test as a comparison with a constant, if it is one."""
    node = test.node
    if not isinstance(node, ex.Comparison):
        return None
    if isinstance(node.right, ex.Literal) and not isinstance(node.left, ex.Literal):
        value, operator, constant = node.left, str(node.operator), node.right
    elif isinstance(node.left, ex.Literal) and not isinstance(node.right, ex.Literal):
        value, operator, constant = node.right, _MIRRORED[node.operator], node.left
    else:
        return None
    return Against(value, _NEGATED[operator] if test.is_negated else operator, constant, node.is_nocase)


def is_zero(literal: ex.Literal) -> bool:
    """Whether a constant is what an absent value reads as."""
    return literal.value == literal.type.zero
