"""Atoms: the boolean expressions of a rule that test one value of one leaf."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Literal as Choice
from typing import cast

import re2

from windshear.engine.sift.computed import Entries, computed, is_scalar, leaf_of
from windshear.engine.sift.letters import change
from windshear.engine.sift.nodes import (
    Atom,
    Computed,
    InNetwork,
    Leaf,
    Letters,
    Matches,
    OneOf,
    Ordered,
    Pattern,
    Probe,
    Reading,
)
from windshear.language import expressions as ex
from windshear.language.types import Kind
from windshear.udm.schema import enumeration, members_where

_LETTERS: dict[str, Letters] = {"strings.to_lower": "lower", "strings.to_upper": "upper"}
_SUBSTRINGS = {"strings.contains": "{}", "strings.starts_with": r"\A{}", "strings.ends_with": r"{}\z"}

Operator = Choice["=", "!=", "<", "<=", ">", ">="]
_MIRRORED: dict[Operator, Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that a test can be made on: where it comes from, how its list is read, and the type of the values."""

    leaf: Leaf | Computed
    reading: Reading
    kind: Kind
    enum: str | None

    def test(self, probe: Probe, *, is_negated: bool = False) -> Atom:
        return Atom(self.leaf, self.reading, probe, is_negated)

    @property
    def in_lower_case(self) -> _Value | None:
        """The value for a test that ignores case."""
        if self.kind is not Kind.STRING or self.leaf.letters == "upper":
            return None
        return replace(self, leaf=replace(self.leaf, letters="lower"))


@dataclass(frozen=True, slots=True)
class AtomReader:
    """Reads atoms of one variable; `bindings` has the value that it gives to each placeholder."""

    variable: str
    bindings: Mapping[str, ex.Expression | None]
    entries: Entries

    def atom(self, node: ex.Expression) -> Atom | None:
        """Return the test that a boolean expression is, or None if it is not a test of what one event holds."""
        found = self._test_of_value(node)
        if found is None and (truth := self._computed(node)) is not None:
            return Atom(truth, "plain", OneOf(frozenset([True])))
        return found

    def _test_of_value(self, node: ex.Expression) -> Atom | None:
        match node:
            case ex.Field(type=value_type) if value_type.kind is Kind.BOOL:
                return self._test(node, OneOf(frozenset([True])))
            case ex.Comparison(left=ex.Literal() as literal, right=value):
                return self._comparison(_MIRRORED[node.operator], value, literal, is_nocase=node.is_nocase)
            case ex.Comparison(left=value, right=ex.Literal() as literal):
                return self._comparison(node.operator, value, literal, is_nocase=node.is_nocase)
            case ex.RegexMatch(value=value, pattern=pattern, is_nocase=is_nocase):
                return self._test(value, Matches(frozenset([Pattern(pattern, is_nocase)])))
            case ex.Membership():
                return self._membership(node)
            case ex.Call():
                return self._call(node)
            case _:
                return None

    def plain_leaf(self, node: ex.Expression) -> Leaf | None:
        """Return the leaf whose value an expression has for one copy of the event, if it is the value of one."""
        value = self._value(node)
        if value is None or value.reading != "plain" or isinstance(value.leaf, Computed):
            return None
        return value.leaf

    def non_zero(self, bound: ex.Expression | None) -> Atom | None:
        """Return the automatic filter on a match key that is bound to a plain field."""
        value = self._value(bound) if isinstance(bound, ex.Field) else None
        return None if value is None else value.test(OneOf(frozenset([value.leaf.zero])), is_negated=True)

    def _comparison(
        self, operator: Operator, node: ex.Expression, literal: ex.Literal, *, is_nocase: bool
    ) -> Atom | None:
        value = self._value(node)
        if value is None:
            return self._truth(operator, node, literal)
        match operator:
            case "=" | "!=":
                return _equality(value, [literal.value], is_nocase=is_nocase, is_negated=operator == "!=")
        if value.kind is Kind.ENUM and value.enum is not None:
            names = members_where(enumeration(value.enum), operator, str(literal.value))
            return value.test(OneOf(frozenset(names)))
        if value.leaf.kind in ("int", "uint", "float"):
            return value.test(Ordered(operator, cast("int | float", literal.value)))
        return None

    def _truth(self, operator: Operator, node: ex.Expression, literal: ex.Literal) -> Atom | None:
        """Read `f(…) = true`; with a quantifier inside, a negation would have to stay below it."""
        if not isinstance(literal.value, bool) or operator not in ("=", "!="):
            return None
        found = self.atom(node)
        if found is None or (operator == "=") is literal.value:
            return found
        return replace(found, is_negated=not found.is_negated)

    def _membership(self, node: ex.Membership) -> Atom | None:
        value = self._value(node.value)
        entries = self.entries(node.list_name if node.column is None else f"{node.list_name}.{node.column}")
        if value is None or entries is None or value.leaf.kind != "text":
            return None
        patterns = [entry for entry in entries if entry]  # an empty cell holds no pattern and no range
        match node.kind:
            case "string":
                return _equality(value, entries, is_nocase=node.is_nocase, is_negated=False)
            case "regex":
                return _matches(value, patterns, is_nocase=node.is_nocase)
            case "cidr":
                return _in_network(value, patterns)
            case "number":
                return None

    def _call(self, node: ex.Call) -> Atom | None:
        match node.arguments:
            case (argument, ex.Literal(value=str(constant))):
                value = self._value(argument)
            case _:
                return None
        if value is None or value.leaf.kind != "text" or node.is_nocase:
            return None
        if node.function == "net.ip_in_range_cidr":
            return _in_network(value, [constant])
        if node.function in _SUBSTRINGS:
            if not constant and node.function != "strings.contains":
                return value.test(OneOf(frozenset()))  # nothing starts or ends with the empty text
            pattern = _SUBSTRINGS[node.function].format(re2.escape(constant))
            return value.test(Matches(frozenset([Pattern(pattern)])))
        return None

    def _test(self, node: ex.Expression, probe: Probe) -> Atom | None:
        value = self._value(node)
        return None if value is None else value.test(probe)

    def _value(self, node: ex.Expression) -> _Value | None:
        match node:
            case ex.Field():
                return self._field(node)
            case ex.Placeholder(name=name):
                bound = self.bindings.get(name)
                return None if bound is None or isinstance(bound, ex.Placeholder) else self._value(bound)
            case ex.Call(function=function, arguments=(argument,)) if function in _LETTERS:
                inner = self._value(argument)
                if inner is not None and isinstance(inner.leaf, Leaf) and inner.leaf.letters == "as written":
                    return replace(inner, leaf=replace(inner.leaf, letters=_LETTERS[function]))
                return self._computed_value(node)
            case _:
                return self._computed_value(node)

    def _computed_value(self, node: ex.Expression) -> _Value | None:
        made = self._computed(node) if node.type.kind is Kind.STRING else None
        return None if made is None else _Value(made, "plain", Kind.STRING, None)

    def _computed(self, node: ex.Expression) -> Computed | None:
        return computed(node, self.variable, self.bindings, self.entries)

    def _field(self, node: ex.Field) -> _Value | None:
        if not is_scalar(node, self.variable):
            return None
        return _Value(leaf_of(node), node.quantifier or "plain", node.path.type.kind, node.path.type.enum)


def _equality(value: _Value, constants: Collection[object], *, is_nocase: bool, is_negated: bool) -> Atom | None:
    wanted = str if value.leaf.kind == "text" else bool if value.leaf.kind == "bool" else (int, float)
    if not all(isinstance(constant, wanted) for constant in constants):
        return None
    if is_nocase:
        lowered = value.in_lower_case
        texts = frozenset(change(str(constant), "lower") for constant in constants)
        return None if lowered is None else lowered.test(OneOf(texts), is_negated=is_negated)
    return value.test(OneOf(frozenset(cast("Collection[str]", constants))), is_negated=is_negated)


def _matches(value: _Value, patterns: Collection[str], *, is_nocase: bool) -> Atom | None:
    options = re2.Options()
    options.log_errors = False
    for pattern in patterns:
        try:
            re2.compile(pattern, options)
        except re2.error:
            return None
    return value.test(Matches(frozenset(Pattern(pattern, is_nocase) for pattern in patterns)))


def _in_network(value: _Value, networks: Collection[str]) -> Atom | None:
    for network in networks:
        try:
            ip_network(network, strict=False)
        except ValueError:
            return None
    return value.test(InNetwork(frozenset(networks)))
