"""The value of an expression on a joined row, or over the rows of a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from tests.reference import case, membership, metrics, patterns, records
from tests.reference.aggregates import aggregate, at_end
from tests.reference.context import ReferenceContext
from tests.reference.functions import Run, Written, call
from tests.reference.joined import JoinedRow
from tests.reference.operators import arithmetic, compare
from tests.reference.values import Scalar, Value, number, scalar, text, truth, zero
from windshear.language import expressions as ex
from windshear.language.types import Kind

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean.

    row: where fields and placeholders are read. elements: the values that quantified fields stand for at the moment.
    rows: the group's rows, for aggregates. counts, outcomes, start and end exist from the outcome section on. period:
    what is known of the period that the filter of a metric judges.
    """

    context: ReferenceContext
    row: JoinedRow
    elements: Mapping[ex.Field, Scalar] = field(default_factory=dict)
    rows: Sequence[JoinedRow] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, Value] = field(default_factory=dict)
    start: int = 0
    end: int = 0
    period: metrics.Period = field(default_factory=dict)


def holds(expression: ex.Expression, scope: Scope) -> bool:
    """Whether a boolean expression is true."""
    return truth(value_of(expression, scope))


def value_of(expression: ex.Expression, scope: Scope) -> Value:
    """Return the value of an expression; every expression has one."""
    quantified = next(_quantified_fields(expression, scope), None)
    if quantified is not None:
        return _quantify(expression, quantified, scope)
    match expression:
        case ex.And(items=items):
            return all(holds(item, scope) for item in items)
        case ex.Or(items=items):
            return any(holds(item, scope) for item in items)
        case ex.NOf(minimum=minimum, items=items):
            return sum(holds(item, scope) for item in items) >= minimum
        case ex.Not(operand=operand):
            return not holds(operand, scope)
        case ex.If(condition=condition, then=then, otherwise=otherwise):
            return value_of(then if holds(condition, scope) else otherwise, scope)
        case ex.Aggregate():
            return _aggregate(expression, scope)
        case ex.Metric():
            return _ask_history(expression, scope)
        case ex.Call(function=function, arguments=arguments, is_nocase=is_nocase):
            values_in = [value_of(argument, scope) for argument in arguments]
            types = [argument.type for argument in arguments]
            run = Run(scope.context.now_seconds, scope.context.seed)
            written = Written(is_nocase, [isinstance(argument, ex.Literal) for argument in arguments])
            return call(function, values_in, types, written, run)
        case ex.IsNull():
            raise TypeError("only queries have null, and an evaluator of their own")
        case ex.Slice():
            raise TypeError("the engine alone cuts what it settles into slices")
        case ex.Arithmetic(operator=operator, left=left, right=right, type=result):
            return arithmetic(operator, value_of(left, scope), value_of(right, scope), result)
        case _:
            return _test_or_leaf(expression, scope)


def _test_or_leaf(
    expression: ex.Comparison
    | ex.RegexMatch
    | ex.RowMatch
    | ex.Membership
    | ex.Literal
    | ex.Field
    | ex.Placeholder
    | ex.OutcomeVariable
    | ex.VariableCount
    | ex.WindowBound
    | ex.EventIdentity
    | ex.Partition
    | ex.Observation,
    scope: Scope,
) -> Value:
    match expression:
        case ex.Comparison():
            return _compare(expression, scope)
        case ex.RegexMatch(value=value, pattern=pattern, is_nocase=is_nocase):
            return patterns.is_found(pattern, text(value_of(value, scope)), is_nocase=is_nocase)
        case ex.RowMatch(value=value, cell=cell, kind=kind, is_nocase=is_nocase):
            tested, entry = scalar(value_of(value, scope)), scalar(value_of(cell, scope))
            return membership.fits(tested, entry, kind, is_nocase=is_nocase)
        case ex.Membership(value=value):
            return membership.is_member(scalar(value_of(value, scope)), expression, scope.context)
        case ex.Literal(value=value):
            return value
        case ex.Field():
            return _read(expression, scope)
        case ex.Placeholder(name=name, type=value_type):
            return scope.row.placeholders.get(name, value_type.zero)
        case ex.OutcomeVariable(name=name):
            return scope.outcomes[name]
        case ex.VariableCount(name=name):
            return scope.counts[name]
        case ex.WindowBound(bound=bound):
            return (scope.start if bound == "start" else scope.end) // MICROSECONDS
        case ex.EventIdentity(variable=variable):
            return min(_identity(variable, row, scope) for row in scope.rows or (scope.row,))
        case ex.Partition():
            return 0  # of one data set only
        case ex.Observation(name=name):
            return scope.period[name]
        case _:
            assert_never(expression)


def _aggregate(node: ex.Aggregate, scope: Scope) -> Value:
    """Compute the values of the rows, each on its row alone, and put them together."""
    alone = [replace(scope, row=row, rows=()) for row in scope.rows]
    values = [scalar(value_of(node.argument, row)) for row in alone]
    if node.sort_key is not None:
        keys = [number(value_of(node.sort_key, row)) for row in alone]
        return at_end(node.function, list(zip(keys, values, strict=True)))
    kept = [value for value in values if value or not node.ignores_zeros]
    return aggregate(node.function, kept, node.type, scope.context.readings.array_cap)


def _ask_history(node: ex.Metric, scope: Scope) -> int | float:
    asked = [scalar(value_of(value, scope)) for value in node.values]

    def passes(period: metrics.Period) -> bool:
        return node.filter is None or holds(node.filter, replace(scope, period=period))

    return metrics.ask(node, asked, scope.start, scope.context.history, passes)


def _identity(variable: str, row: JoinedRow, scope: Scope) -> str:
    part = row.parts.get(variable)
    return scope.context.identities[part.position] if part else ""


def _compare(comparison: ex.Comparison, scope: Scope) -> bool:
    left = value_of(comparison.left, scope)
    right = value_of(comparison.right, scope)
    if comparison.is_nocase:
        left, right = case.lower(text(left)), case.lower(text(right))
    enums = {side.type.enum for side in (comparison.left, comparison.right) if side.type.kind is Kind.ENUM}
    return compare(comparison.operator, scalar(left), scalar(right), enum=next(iter(enums), None))


def _read(wanted: ex.Field, scope: Scope) -> Value:
    part = scope.row.parts.get(wanted.variable)
    if wanted.is_whole_list:
        return records.read_all(part.record, wanted.path) if part else []
    if wanted in scope.elements:
        return scope.elements[wanted]
    return records.read(part.record, wanted.path, part.copy) if part else zero(wanted.type)


def _quantify(atom: ex.Expression, wanted: ex.Field, scope: Scope) -> bool:
    """Judge an atom for every element of a quantified list; what `all` is on an empty one is a setting."""
    part = scope.row.parts.get(wanted.variable)
    values = records.read_all(part.record, wanted.path) if part else []
    verdicts = (holds(atom, replace(scope, elements={**scope.elements, wanted: value})) for value in values)
    if wanted.quantifier == "any":
        return any(verdicts)
    return all(verdicts) if values else scope.context.readings.empty_all


def _quantified_fields(atom: ex.Expression, scope: Scope) -> Iterator[ex.Field]:
    """Yield the `any`/`all` fields that a boolean atom quantifies and that do not stand for an element yet.

    The atom is the innermost comparison, search or call around the field: `any` inside a boolean call that is itself
    compared belongs to the call.
    """
    if not isinstance(atom, ex.Comparison | ex.RegexMatch | ex.RowMatch | ex.Membership | ex.Call | ex.Field):
        return
    if atom.type.kind is not Kind.BOOL or atom.type.is_list:
        return
    stack: list[ex.Expression] = [atom]
    while stack:
        node = stack.pop()
        if isinstance(node, ex.Field):
            if node.quantifier is not None and node not in scope.elements:
                yield node
        elif node is atom or node.type.kind is not Kind.BOOL:
            stack.extend(reversed(ex.children(node)))
