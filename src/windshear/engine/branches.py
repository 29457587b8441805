"""Compat mode: independent variables joined by `or` become one single-event rule per variable.

The service refuses such a rule; here each variable is a branch of its own, named in its detections. Outcomes that
read another branch's event see an absent event, that is zero values.
"""

from __future__ import annotations

from dataclasses import replace

from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.types import INT


def split(rule: CheckedRule) -> tuple[tuple[str, CheckedRule], ...]:
    """Return (branch name, rule) pairs; an ordinary rule is its own only branch, without a name."""
    if not rule.branches:
        return (("", rule),)
    return tuple((name, _branch(rule, name)) for name in rule.branches)


def _branch(rule: CheckedRule, name: str) -> CheckedRule:
    variable = rule.variables[name]
    exists = ex.Comparison(
        ">",
        ex.VariableCount(name, "events", variable.span),
        ex.Literal(0, INT, variable.span),
        is_nocase=False,
        span=variable.span,
    )
    return replace(
        rule,
        variables={name: variable},
        predicates=tuple(p for p in rule.predicates if _reads_only(p, name)),
        outcomes=tuple(replace(o, value=_absent_elsewhere(o.value, name)) for o in rule.outcomes),
        condition=exists,
        bounded=frozenset({name}),
        branches=(),
    )


def _reads_only(predicate: ex.Expression, name: str) -> bool:
    return all(field.variable == name for field in ex.fields(predicate))


def _absent_elsewhere(node: ex.Expression, name: str) -> ex.Expression:
    """Replace reads of other variables by the zero value of their type."""
    match node:
        case ex.Field(variable=variable) if variable != name:
            return ex.Literal(node.type.zero, node.type, node.span)
        case ex.Call(arguments=arguments):
            return replace(node, arguments=tuple(_absent_elsewhere(a, name) for a in arguments))
        case ex.Arithmetic(left=left, right=right):
            return replace(node, left=_absent_elsewhere(left, name), right=_absent_elsewhere(right, name))
        case ex.Comparison(left=left, right=right):
            return replace(node, left=_absent_elsewhere(left, name), right=_absent_elsewhere(right, name))
        case ex.RegexMatch(value=value):
            return replace(node, value=_absent_elsewhere(value, name))
        case ex.Membership(value=value):
            return replace(node, value=_absent_elsewhere(value, name))
        case ex.Not(operand=operand):
            return replace(node, operand=_absent_elsewhere(operand, name))
        case ex.And(items=items) | ex.Or(items=items) | ex.NOf(items=items):
            return replace(node, items=tuple(_absent_elsewhere(item, name) for item in items))
        case ex.If(condition=condition, then=then, otherwise=otherwise):
            return replace(
                node,
                condition=_absent_elsewhere(condition, name),
                then=_absent_elsewhere(then, name),
                otherwise=_absent_elsewhere(otherwise, name),
            )
        case ex.Aggregate(argument=argument):
            return replace(node, argument=_absent_elsewhere(argument, name))
        case _:
            return node
