"""From a checked rule to the sift formula of one of its variables.

Negations are pushed down to the atoms first. Whatever an atom cannot say (other variables, lists that are not known,
functions of several lists) counts as true, so the formula holds for every event that can bind to the variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from windshear.engine.sift.atoms import AtomReader
from windshear.engine.sift.computed import Entries
from windshear.engine.sift.nodes import (
    ALWAYS,
    Atom,
    Constant,
    Formula,
    InNetwork,
    Leaf,
    Matches,
    OneOf,
    all_of,
    any_of,
)
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.tables import joined_table

_NOTHING = (OneOf(frozenset()), Matches(frozenset()), InNetwork(frozenset()))  # probes that no value passes


def formula(rule: CheckedRule, variable: str, entries: Entries | None = None) -> Formula:
    """Return a formula that holds for every event that can bind to the variable.

    `entries` gives the texts of a reference list (`name`) or of a table column (`name.column`), None if it is not
    known; a list that is not known passes everything.
    """
    bindings = {
        name: next((b.value for b in definition.bindings if b.variable == variable), None)
        for name, definition in rule.placeholders.items()
    }
    reader = AtomReader(variable, bindings, entries or (lambda _: None))
    filters = [reader.non_zero(bindings[key]) for key in rule.zero_filtered_keys]
    predicates = [_Derivation(reader).derive(p) for p in rule.predicates if _constrains(rule, variable, p)]
    return all_of([*(ALWAYS if atom is None else atom for atom in filters), *predicates])


def _constrains(rule: CheckedRule, variable: str, predicate: ex.Expression) -> bool:
    """Say whether an event for which the predicate fails is of no use to the rule.

    A predicate that reads other variables, too, is applied to joined rows only; where a side may be missing there may
    be no such row, so it says nothing about one event.
    """
    others = _variables_read(rule, variable, predicate) - {variable}
    return not others or (not rule.is_alternative and others | {variable} <= rule.bounded)


def _variables_read(rule: CheckedRule, variable: str, predicate: ex.Expression) -> set[str]:
    """Return the variables that a predicate needs; a placeholder that `variable` always binds is read from it."""
    found: set[str] = set()
    for node in ex.walk(predicate):
        if isinstance(node, ex.Field):
            found.add(node.variable)
        elif isinstance(node, ex.Placeholder):
            definition = rule.placeholders[node.name]
            always = {binding.variable for binding in definition.bindings}
            sometimes = {binding.variable for binding in definition.alternatives}
            found |= {variable} if variable in always else always | sometimes
    return found


@dataclass(frozen=True, slots=True)
class _Derivation:
    reader: AtomReader

    def derive(self, node: ex.Expression, *, is_negated: bool = False) -> Formula:
        """Return what must hold for one event so that `node`, or its negation, can hold."""
        match node:
            case ex.Not(operand=operand):
                return self.derive(operand, is_negated=not is_negated)
            case ex.And(items=items):
                return self._at_least(len(items), items, is_negated=is_negated)
            case ex.Or(items=items):
                return self._at_least(1, items, is_negated=is_negated)
            case ex.NOf(minimum=minimum, items=items):
                return self._at_least(minimum, items, is_negated=is_negated)
            case ex.Literal(value=bool(value)):
                return Constant(value is not is_negated)
            case ex.Comparison(operator="=" | "!=", right=ex.Literal(value="")) if texts := self._first_of(node.left):
                return self._none_or_some(node, texts, is_negated=is_negated)
            case ex.Comparison() | ex.RowMatch() if (lookup := _some_row(node)) is not None:
                return ALWAYS if is_negated else _signed(self.reader.atom(lookup), is_negated=False)
            case _:
                return _signed(self.reader.atom(node), is_negated=is_negated)

    def _first_of(self, value: ex.Expression) -> tuple[ex.Expression, ...]:
        """Return the texts of which a value is the first that is there, whatever its letters; none if it is no such."""
        match value:
            case ex.Placeholder(name=name) if isinstance(bound := self.reader.bindings.get(name), ex.Call):
                return self._first_of(bound)
            case ex.Call(function="strings.to_lower" | "strings.to_upper", arguments=(argument,)):
                return self._first_of(argument)
            case ex.Call(function="strings.coalesce", arguments=arguments):
                return arguments
            case _:
                return ()

    def _none_or_some(self, test: ex.Comparison, texts: Sequence[ex.Expression], *, is_negated: bool) -> Formula:
        """Return what must hold where the first text that is there is tested for being empty, or for not being it."""
        is_empty = test.operator == "="
        parts = [
            Constant(((text.value == "") is is_empty) is not is_negated)
            if isinstance(text, ex.Literal)
            else self.derive(replace(test, left=text), is_negated=is_negated)
            for text in texts
        ]
        return all_of(parts) if is_empty is not is_negated else any_of(parts)

    def _at_least(self, minimum: int, items: tuple[ex.Expression, ...], *, is_negated: bool) -> Formula:
        """At least `minimum` of the items hold; negated: so many fail that fewer remain."""
        needed = len(items) - minimum + 1 if is_negated else minimum
        parts = [self.derive(item, is_negated=is_negated) for item in items]
        if needed <= 0:
            return ALWAYS
        return all_of(parts) if needed >= len(items) else any_of(parts)


def _some_row(node: ex.Comparison | ex.RowMatch) -> ex.Membership | None:
    """Return the test that some row of a table has what a joined row must have, if a condition on a row says so."""
    match node:
        case ex.Comparison(operator="=", left=value, right=ex.Field() as cell) if cell.path.source == "table":
            kind: Literal["string", "regex", "cidr"] = "string"
        case ex.Comparison(operator="=", left=ex.Field() as cell, right=value) if cell.path.source == "table":
            kind = "string"
        case ex.RowMatch(value=value, cell=ex.Field() as cell, kind=kind):
            pass
        case _:
            return None
    return ex.Membership(
        value, joined_table(cell.variable), cell.path.text, kind, is_nocase=node.is_nocase, span=node.span
    )


def _signed(atom: Atom | None, *, is_negated: bool) -> Formula:
    if atom is None:
        return ALWAYS
    signed = atom.opposite if is_negated else atom
    if signed.reading == "plain" and signed.probe in _NOTHING:  # a list without entries
        return Constant(signed.is_negated)
    return signed if _is_worth_it(signed) else ALWAYS


def _is_worth_it(atom: Atom) -> bool:
    """Say whether an atom may reject enough: that a computed value is not one of some is true of most events."""
    is_cheap = isinstance(atom.leaf, Leaf)
    return is_cheap or not atom.is_negated or atom.probe == OneOf(frozenset([atom.leaf.zero]))
