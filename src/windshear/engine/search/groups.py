"""`group(…)` in SQL: one row of the event for each value of the listed fields, as a column that a placeholder reads."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.language import expressions as ex
from windshear.language.rule import Binding, CheckedRule, PlaceholderDefinition

GROUP = "group"


def without_groups(rule: CheckedRule) -> CheckedRule:
    """Return the rule with each `group(…)` read from the column that `with_groups` adds."""
    return replace(
        rule,
        placeholders={
            name: replace(p, bindings=tuple(_read(name, b) for b in p.bindings))
            for name, p in rule.placeholders.items()
        },
    )


def as_alternatives(rule: CheckedRule) -> CheckedRule:
    """Return the rule with each `group(…)` as a choice of fields, which is what sift can test."""
    placeholders = {name: _as_alternatives(definition) for name, definition in rule.placeholders.items()}
    return replace(rule, placeholders=placeholders)


def _as_alternatives(definition: PlaceholderDefinition) -> PlaceholderDefinition:
    grouped = [binding for binding in definition.bindings if _is_group(binding.value)]
    if not grouped:
        return definition
    choices = tuple(
        Binding(binding.variable, replace(read, is_whole_list=False, type=read.path.type))
        for binding in grouped
        for read in ex.fields(binding.value)
    )
    return replace(definition, bindings=(), alternatives=choices)


def with_groups(rule: CheckedRule, variable: str, candidates: Sql) -> Sql:
    """Add to the candidates of a variable a column of values for each of its `group(…)`, crossing several."""
    calls = [
        (name, binding.value)
        for name, definition in rule.placeholders.items()
        for binding in definition.bindings
        if binding.variable == variable and isinstance(binding.value, ex.Call) and _is_group(binding.value)
    ]
    return reduce(lambda relation, found: _with_values(relation, variable, *found), calls, candidates)


def _with_values(relation: Sql, variable: str, name: str, call: ex.Call) -> Sql:
    lists = sql.list_of(_values(argument, variable) for argument in call.arguments if isinstance(argument, ex.Field))
    values = sql.call("list_distinct", sql.call("flatten", lists))
    column = sql.aliased(sql.call("unnest", values), _column(name))
    return sql.raw(f"(SELECT *, {column} FROM {relation} AS {sql.name(variable)})")


def _values(read: ex.Field, variable: str) -> Sql:
    """Return the values of one field as a list; an absent one gives its zero value, as it does on a copy."""
    value = fields.read(read, variable)
    if not read.is_whole_list:
        return sql.list_of([value])
    zero = sql.list_of([sql.literal(read.path.type.zero)])
    return sql.case(sql.binary("=", sql.call("len", value), sql.integer(0)), zero, value)


def _read(name: str, binding: Binding) -> Binding:
    if not _is_group(binding.value):
        return binding
    value_type = binding.value.type
    path = ex.FieldPath("udm", (ex.Step(_column(name), is_repeated=False),), value_type)
    return replace(
        binding,
        value=ex.Field(binding.variable, path, None, is_whole_list=False, type=value_type, span=binding.value.span),
    )


def _is_group(node: ex.Expression) -> bool:
    return isinstance(node, ex.Call) and node.function == GROUP


def _column(name: str) -> str:
    return f"@group {name}"
