"""Expressions over what may be missing: null, by the rules of SQL.

Null is `None`. A comparison, call or calculation of null is null; `and`, `or` and `not` have three values; `if` takes
its else where the condition is not true; only `is null` can tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tests.reference.aggregates import aggregate, at_end
from tests.reference.expressions import Scope, value_of
from tests.reference.joined import JoinedRow
from tests.reference.values import Value, number, scalar
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

Nullable = Value | None


@dataclass(frozen=True, slots=True)
class NullScope:
    """The scope of the plain evaluator, and which variables, outcomes and keys are null.

    rule: says which variables define a placeholder. outcomes: with nulls. keys: the values of the match keys where
    there is a group.
    """

    rule: CheckedRule
    plain: Scope
    outcomes: Mapping[str, Nullable]
    keys: Mapping[str, Nullable]


def nullable(node: ex.Expression, scope: NullScope) -> Nullable:
    """Return the value of an expression, None if it is null."""
    match node:
        case ex.And(items=items):
            values = [nullable(item, scope) for item in items]
            return False if False in values else None if None in values else True
        case ex.Or(items=items):
            values = [nullable(item, scope) for item in items]
            return True if True in values else None if None in values else False
        case ex.NOf(minimum=minimum, items=items):
            return sum(nullable(item, scope) is True for item in items) >= minimum
        case ex.Not(operand=operand):
            value = nullable(operand, scope)
            return None if value is None else not value
        case ex.If(condition=condition, then=then, otherwise=otherwise):
            return nullable(then if nullable(condition, scope) is True else otherwise, scope)
        case ex.IsNull(operand=operand, is_negated=is_negated):
            return (nullable(operand, scope) is None) is not is_negated
        case ex.Aggregate():
            return _aggregate(node, scope)
        case ex.OutcomeVariable(name=name):
            return scope.outcomes[name]
        case ex.Placeholder(name=name) if name in scope.keys:
            return scope.keys[name]
        case ex.Field() | ex.Placeholder():
            return None if _is_missing(node, scope) else value_of(node, scope.plain)
        case ex.Literal() | ex.VariableCount() | ex.WindowBound():
            return value_of(node, scope.plain)
        case _:
            return _of_operands(node, scope)


def _of_operands(node: ex.Expression, scope: NullScope) -> Nullable:
    """Compute a test, call or calculation whose operands are not null; operands that can see null come first."""
    if any(isinstance(inner, ex.Field) and inner.quantifier is not None for inner in ex.walk(node)):
        missing = any(_is_missing(inner, scope) for inner in ex.fields(node))
        return None if missing else value_of(node, scope.plain)
    names = {
        part: f"@{position}" for position, part in enumerate(ex.children(node)) if not isinstance(part, ex.Literal)
    }
    values = {name: nullable(part, scope) for part, name in names.items()}
    if None in values.values():
        return None
    known = {name: value for name, value in values.items() if value is not None}
    changed = _with_parts(node, {part: ex.OutcomeVariable(name, part.type, part.span) for part, name in names.items()})
    return value_of(changed, replace(scope.plain, outcomes=known))


def _with_parts(node: ex.Expression, parts: Mapping[ex.Expression, ex.Expression]) -> ex.Expression:
    def one(part: ex.Expression) -> ex.Expression:
        return parts.get(part, part)

    match node:
        case ex.Call(arguments=arguments):
            return replace(node, arguments=tuple(map(one, arguments)))
        case ex.Comparison(left=left, right=right) | ex.Arithmetic(left=left, right=right):
            return replace(node, left=one(left), right=one(right))
        case ex.RegexMatch(value=value) | ex.Membership(value=value):
            return replace(node, value=one(value))
        case _:
            raise AssertionError(type(node).__name__)


def _is_missing(node: ex.Field | ex.Placeholder, scope: NullScope) -> bool:
    """Whether nothing on the row can give the value."""
    parts = scope.plain.row.parts
    if isinstance(node, ex.Field):
        return node.variable not in parts
    definition = scope.rule.placeholders[node.name]
    return all(binding.variable not in parts for binding in (*definition.bindings, *definition.alternatives))


def _aggregate(node: ex.Aggregate, scope: NullScope) -> Nullable:
    """Aggregate the values that are not null; of none, counts are 0, lists empty, and all else null."""
    alone = [_on(row, scope) for row in scope.plain.rows]
    values = [(row, nullable(node.argument, row)) for row in alone]
    kept = [(row, value) for row, value in values if value is not None]
    if node.sort_key is not None:
        pairs = [(number(_known(nullable(node.sort_key, row))), scalar(value)) for row, value in kept]
        return at_end(node.function, pairs) if pairs else None
    plain = [scalar(value) for _, value in kept]
    if not plain and node.function not in ("count", "count_distinct", "array", "array_distinct"):
        return None
    counted = [value for value in plain if value or not node.ignores_zeros]
    return aggregate(node.function, counted, node.type, scope.plain.context.readings.array_cap)


def _on(row: JoinedRow, scope: NullScope) -> NullScope:
    return replace(scope, plain=replace(scope.plain, row=row, rows=()), keys={})


def _known(value: Nullable) -> Value:
    assert value is not None
    return value


def lowest(values: Sequence[Nullable]) -> tuple[object, ...]:
    """Return what sorts rows as the engine does: null before everything else."""
    return tuple((value is not None, value if value is not None else 0) for value in values)
