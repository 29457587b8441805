"""Compat mode: independent variables joined by `or` become one single-event rule per variable.

The service refuses such a rule; here each variable is a branch of its own, named in its detections. Outcomes that
read another branch's event see an absent event, that is zero values.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from windshear.language import expressions as ex
from windshear.language.rewrite import rewritten
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
        outcomes=tuple(replace(o, value=rewritten(o.value, partial(_here, rule, name))) for o in rule.outcomes),
        condition=exists,
        bounded=frozenset({name}),
        branches=(),
    )


def _reads_only(predicate: ex.Expression, name: str) -> bool:
    return all(field.variable == name for field in ex.fields(predicate))


def _here(rule: CheckedRule, name: str, node: ex.Expression) -> ex.Expression | None:
    """Replace a read of another variable, or of a placeholder that only others bind, by the zero value of its type."""
    match node:
        case ex.Field(variable=variable) | ex.EventIdentity(variable=variable):
            is_here = variable == name
        case ex.Placeholder(name=placeholder):
            found = rule.placeholders[placeholder]
            is_here = any(binding.variable == name for binding in (*found.bindings, *found.alternatives))
        case _:
            is_here = True
    return None if is_here else ex.Literal(node.type.zero, node.type, node.span)
