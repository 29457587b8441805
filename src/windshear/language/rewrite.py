"""Rewriting of expressions: the same tree with some of its nodes replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_args

from windshear.language.expressions import Expression
from windshear.language.rule import Binding, CheckedRule

_NODES = get_args(Expression)


def rewritten(node: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """Return an expression with nodes replaced. `change` gives the replacement, or None where to go on below."""
    replacement = change(node)
    if replacement is not None:
        return replacement
    changed: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, _NODES):
            changed[field.name] = rewritten(value, change)
        elif isinstance(value, tuple) and value and all(isinstance(item, _NODES) for item in value):
            changed[field.name] = tuple(rewritten(item, change) for item in value)
    return replace(node, **changed)


def rewritten_rule(rule: CheckedRule, change: Callable[[Expression], Expression | None]) -> CheckedRule:
    """Return a rule with nodes of all its expressions on rows replaced: predicates, placeholders and outcomes."""

    def bound(bindings: tuple[Binding, ...]) -> tuple[Binding, ...]:
        return tuple(replace(binding, value=rewritten(binding.value, change)) for binding in bindings)

    return replace(
        rule,
        predicates=tuple(rewritten(predicate, change) for predicate in rule.predicates),
        placeholders={
            name: replace(found, bindings=bound(found.bindings), alternatives=bound(found.alternatives))
            for name, found in rule.placeholders.items()
        },
        outcomes=tuple(replace(outcome, value=rewritten(outcome.value, change)) for outcome in rule.outcomes),
    )
