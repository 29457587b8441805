"""The rows of one variable alone: copies per repeated field, placeholder values, and what each row must pass by itself.

These are steps 1 and 2 of the row model. Settle keeps the rows that pass; an explanation looks at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.variables import Layout, holders, is_shared, plain_fields
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.udm.requests import Access


@dataclass(frozen=True, slots=True)
class OwnTest:
    """One thing that a variable's rows must pass by themselves.

    expression: a predicate of the rule, or a binding of `placeholder` that has to agree with the first one; None where
    the placeholder, a match key, must not be zero.
    """

    expression: ex.Expression | None
    placeholder: str
    holds: Sql


@dataclass(frozen=True, slots=True)
class OwnRows:
    """One variable's rows before its own tests: copies with the values of placeholders."""

    relation: Sql
    tests: tuple[OwnTest, ...]


def variable_rows(rule: CheckedRule, name: str, plan: Layout, candidates: Sql, lists: Lists) -> Sql:
    """Build one variable's relation: copies, placeholder values, own predicates, zero filter."""
    rows = own_rows(rule, name, plan, candidates, lists)
    where = sql.all_of(test.holds for test in rows.tests)
    if where == sql.TRUE:
        return rows.relation
    return sql.raw(f"(SELECT * FROM {rows.relation} AS {sql.name(name)} WHERE {where})")


def own_rows(
    rule: CheckedRule, name: str, plan: Layout, candidates: Sql, lists: Lists, *, is_numbered: bool = False
) -> OwnRows:
    """Return one variable's rows and what they must pass. is_numbered: copies have a `position_column`, too."""
    relation = candidates
    for access, prefix in _copies(rule, name):
        items = fields.copy_source(access, prefix, name)
        copy = sql.aliased(fields.one_row_per_element(items), fields.copy_column(prefix))
        position = f", {sql.aliased(fields.position(items), position_column(prefix))}" if is_numbered else ""
        relation = sql.raw(f"(SELECT *, {copy}{position} FROM {relation} AS {sql.name(name)})")
    leaf = leaf_alone(name)
    relation, agreeing = _with_placeholders(rule, name, relation, leaf, lists)
    tests = [*agreeing, *(OwnTest(one, "", lower(one, leaf, lists)) for one in plan.own[name])]
    for key in rule.zero_filtered_keys:
        if name in holders(rule, key):
            zero = sql.literal(rule.placeholders[key].type.zero)
            is_there = sql.binary("<>", sql.column(name, placeholder_column(key)), zero)
            tests.append(OwnTest(None, key, is_there))
    return OwnRows(relation, tuple(tests))


def position_column(prefix: str) -> str:
    """Name the column that says which element of a repeated prefix a copy stands for, from 1; 0 for an empty list."""
    return fields.copy_column(prefix) + "#"


def _with_placeholders(
    rule: CheckedRule, name: str, relation: Sql, leaf: Callable[[Leaf], Sql], lists: Lists
) -> tuple[Sql, list[OwnTest]]:
    """Add a column per placeholder bound on the variable; several bindings must agree, alternatives each get a row."""
    bound: list[Sql] = []
    agreeing: list[OwnTest] = []
    choices: list[Sql] = []
    for placeholder, definition in rule.placeholders.items():
        bindings = [b.value for b in definition.bindings if b.variable == name]
        values = [lower(value, leaf, lists) for value in bindings]
        alternatives = [lower(b.value, leaf, lists) for b in definition.alternatives if b.variable == name]
        if values:
            bound.append(sql.aliased(values[0], placeholder_column(placeholder)))
            others = zip(bindings[1:], values[1:], strict=True)
            agreeing += [OwnTest(one, placeholder, sql.binary("=", values[0], other)) for one, other in others]
        elif alternatives and not is_shared(rule, placeholder):
            distinct = sql.call("list_distinct", sql.list_of(alternatives))
            choices.append(sql.aliased(sql.call("unnest", distinct), placeholder_column(placeholder)))
    if bound:
        columns = ", ".join(item.text for item in bound)
        relation = sql.raw(f"(SELECT *, {columns} FROM {relation} AS {sql.name(name)})")
    for choice in choices:  # each in a SELECT of its own: two `unnest` in one would go in step, not cross
        relation = sql.raw(f"(SELECT *, {choice} FROM {relation} AS {sql.name(name)})")
    return relation, agreeing


def copied_prefixes(rule: CheckedRule, variable: str) -> list[str]:
    """Return the repeated prefixes of which a row of a variable is a copy, parents before children."""
    return [prefix for _, prefix in _copies(rule, variable)]


def _copies(rule: CheckedRule, variable: str) -> list[tuple[Access, str]]:
    """List the prefixes to unnest for a variable, parents before children, each once."""
    found: dict[str, Access] = {}
    for field in plain_fields(rule, variable):
        for prefix in field.path.prefixes:
            found.setdefault(prefix, fields.access_of(field.path))
    return [(found[prefix], prefix) for prefix in sorted(found, key=lambda p: (p.count("."), p))]


def leaf_alone(variable: str) -> Callable[[Leaf], Sql]:
    """Read fields and placeholders on the rows of one variable alone."""

    def read(node: Leaf) -> Sql:
        match node:
            case ex.Field():
                return fields.read(node, variable)
            case ex.Placeholder(name=name):
                return sql.column(variable, placeholder_column(name))
            case ex.EventIdentity():
                return sql.column(variable, fields.IDENTITY)
            case ex.Partition():
                return fields.partition(sql.column(variable, fields.NUMBER))
            case _:
                raise AssertionError(f"{type(node).__name__} has no value on a row")

    return read
