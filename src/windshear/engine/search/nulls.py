"""Null: what an outer join does not find, and what follows from it in expressions.

Expressions of rules are total, and their SQL replaces NULL by zero in places. Where a value may be null, what cannot be
trusted to hand it on is guarded: a call, a calculation or a test of a value that is null is null itself. The operators
that SQL defines for null (comparisons, `and`, `or`, `not`, `if`, `is null`) are left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Final, get_args

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.lower import Leaf, LeafReader, Lists, lower, quantified_field
from windshear.language import expressions as ex

NullTest = Callable[[Leaf], Sql | None]  # a condition under which a leaf is null; None if it never is

_GUARDED: Final = (ex.Call, ex.Arithmetic, ex.RegexMatch, ex.RowMatch, ex.Membership)
_SEES_NULL: Final = (ex.If, ex.IsNull)
_LEAVES: Final = get_args(Leaf)
_NODES: Final = get_args(ex.Expression)


def lower_with_nulls(expression: ex.Expression, leaf: LeafReader, null_test: NullTest, lists: Lists) -> Sql:
    """Return the SQL value of an expression that may be null."""
    guarded = _Guarded(leaf, null_test, lists, {})
    return lower(guarded.rewrite(expression), guarded.read, lists)


@dataclass(frozen=True, slots=True)
class _Guarded:
    """`values`: SQL of the parts that are guarded, under the names of placeholders that stand for them."""

    leaf: LeafReader
    null_test: NullTest
    lists: Lists
    values: dict[str, Sql]

    def read(self, node: Leaf) -> Sql:
        if isinstance(node, ex.Placeholder) and node.name in self.values:
            return self.values[node.name]
        test = self.null_test(node)
        return self.leaf(node) if test is None else sql.case(test, sql.NULL, self.leaf(node))

    def rewrite(self, node: ex.Expression) -> ex.Expression:
        """Replace what must be guarded by placeholders."""
        is_quantified = isinstance(node, ex.Comparison) and quantified_field(node) is not None
        if isinstance(node, _GUARDED) or is_quantified:
            return self._guard(node)
        return node if isinstance(node, ex.Aggregate) else self._with_parts(node, self.rewrite)

    def _guard(self, node: ex.Expression) -> ex.Expression:
        if not any(isinstance(inner, _SEES_NULL) for inner in ex.walk(node)):
            tests = {test.text: test for test in self._tests(node)}
            if not tests:
                return node
            plain = lower(node, self.leaf, self.lists)
            return self._stand_in(node, sql.case(sql.any_of(tests.values()), sql.NULL, plain))
        parts: list[Sql] = []

        def keep(part: ex.Expression) -> ex.Expression:
            if isinstance(part, ex.Literal):
                return part
            value = lower(self.rewrite(part), self.read, self.lists)
            parts.append(value)
            return self._stand_in(part, value)

        whole = lower(self._with_parts(node, keep), self.read, self.lists)
        is_null = sql.any_of(sql.is_null(part) for part in parts)
        return self._stand_in(node, sql.case(is_null, sql.NULL, whole))

    def _tests(self, node: ex.Expression) -> Iterator[Sql]:
        for inner in ex.walk(node):
            if isinstance(inner, _LEAVES):
                test = self.null_test(inner)
                if test is not None:
                    yield test

    def _stand_in(self, node: ex.Expression, value: Sql) -> ex.Placeholder:
        name = f"@{len(self.values)}"
        self.values[name] = value
        return ex.Placeholder(name, node.type, node.span)

    def _with_parts(self, node: ex.Expression, change: Callable[[ex.Expression], ex.Expression]) -> ex.Expression:
        changed: dict[str, Any] = {}
        for part in fields(node):
            value = getattr(node, part.name)
            if isinstance(value, _NODES):
                changed[part.name] = change(value)
            elif isinstance(value, tuple) and value and all(isinstance(item, _NODES) for item in value):
                changed[part.name] = tuple(change(item) for item in value)
        return replace(node, **changed) if changed else node
