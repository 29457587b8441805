"""Evidence: which clauses of a rule held for a bound event, and the values that satisfied them.

The clauses are the boolean atoms of the rule's predicates, lowered by the same code as the statement that decides, so
that an explanation cannot disagree with the engine. Only what is true for the event is shown: of an `or` the branch
that held, of a repeated field the element of the surviving copy or the element that satisfied the quantifier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import Evidence, FieldValue
from windshear.engine.settle.lower import Leaf, Lists, lower, matching_elements, quantified_field
from windshear.engine.settle.variables import holders
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule


@dataclass(frozen=True, slots=True)
class Clause:
    """One atom that can be shown.

    `predicate` is the index of its top-level predicate, -1 for the value that a placeholder is bound to (shown as the
    key that joined, always true).
    """

    atom: ex.Expression
    predicate: int
    fields: tuple[ex.Field, ...]

    def mark(self, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
        """Return the SQL struct of the atom's truth `t` and the texts of the values it read, `v`."""
        truth = sql.TRUE if self.predicate < 0 else lower(self.atom, leaf, lists)
        values = sql.list_of(sql.cast(_value(self.atom, field, leaf, lists), "VARCHAR") for field in self.fields)
        return sql.raw(f"{{'t': {truth}, 'v': {values}::VARCHAR[]}}")


def clauses_of(rule: CheckedRule, variable: str) -> tuple[Clause, ...]:
    """List the atoms that say something about one variable: bindings first, then predicates in written order."""
    found = [
        Clause(binding.value, -1, tuple(ex.fields(binding.value)))
        for definition in rule.placeholders.values()
        for binding in definition.bindings
        if binding.variable == variable
    ]
    for index, predicate in enumerate(rule.predicates):
        if _concerns(rule, predicate, variable):
            found += [Clause(atom, index, tuple(ex.fields(atom))) for atom in _atoms(predicate)]
    return tuple(found)


def evidence(
    rule: CheckedRule, clauses: Sequence[Clause], marks: Sequence[Mapping[str, object]]
) -> tuple[Evidence, ...]:
    """Select from an event's clause marks those that made the rule hold."""
    truths = {id(clause.atom): bool(mark["t"]) for clause, mark in zip(clauses, marks, strict=True)}
    shown = {id(clause.atom): (clause, mark) for clause, mark in zip(clauses, marks, strict=True)}
    chosen: list[tuple[ex.Expression, bool]] = [(c.atom, True) for c in clauses if c.predicate < 0]
    for index in dict.fromkeys(c.predicate for c in clauses if c.predicate >= 0):
        chosen += _support(rule.predicates[index], wanted=True, truths=truths)
    result: dict[tuple[str, tuple[FieldValue, ...]], None] = {}
    for atom, wanted in chosen:
        clause, mark = shown[id(atom)]
        texts = mark["v"]
        assert isinstance(texts, list)
        values = tuple(FieldValue(field.path.text, str(text)) for field, text in zip(clause.fields, texts, strict=True))
        result[(_text(rule, atom, wanted=wanted), values)] = None
    return tuple(Evidence(text, values) for text, values in result)


def _text(rule: CheckedRule, atom: ex.Expression, *, wanted: bool) -> str:
    written = " ".join(rule.text[atom.span.start : atom.span.end].split())
    return written if wanted else f"not {written}"


def _concerns(rule: CheckedRule, predicate: ex.Expression, variable: str) -> bool:
    for node in ex.walk(predicate):
        if isinstance(node, ex.Field) and node.variable == variable:
            return True
        if isinstance(node, ex.Placeholder) and variable in holders(rule, node.name):
            return True
    return False


def _atoms(predicate: ex.Expression) -> list[ex.Expression]:
    match predicate:
        case ex.And(items=items) | ex.Or(items=items):
            return [atom for item in items for atom in _atoms(item)]
        case ex.Not(operand=operand):
            return _atoms(operand)
        case _:
            return [predicate]


def _support(node: ex.Expression, *, wanted: bool, truths: Mapping[int, bool]) -> list[tuple[ex.Expression, bool]]:
    """Return the atoms, with the truth each has, because of which `node` is `wanted`."""
    match node:
        case ex.Not(operand=operand):
            return _support(operand, wanted=not wanted, truths=truths)
        case ex.And(items=items) | ex.Or(items=items):
            needs_all = isinstance(node, ex.And) == wanted
            if needs_all:
                return [pair for item in items for pair in _support(item, wanted=wanted, truths=truths)]
            deciding = next((item for item in items if _truth(item, truths) == wanted), None)
            return [] if deciding is None else _support(deciding, wanted=wanted, truths=truths)
        case _:
            return [(node, wanted)]


def _truth(node: ex.Expression, truths: Mapping[int, bool]) -> bool:
    match node:
        case ex.Not(operand=operand):
            return not _truth(operand, truths)
        case ex.And(items=items):
            return all(_truth(item, truths) for item in items)
        case ex.Or(items=items):
            return any(_truth(item, truths) for item in items)
        case _:
            return truths[id(node)]


def _value(atom: ex.Expression, field: ex.Field, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    """Return the value that a field showed to the atom; for `any` the first element that satisfied it."""
    if field.quantifier == "any" and field is quantified_field(atom):
        return sql.coalesce(
            sql.element(matching_elements(atom, field, leaf, lists), 0), sql.literal(field.path.type.zero)
        )
    value = leaf(field)
    if field.quantifier is not None or field.is_whole_list:
        return sql.call("array_to_string", sql.cast(value, "VARCHAR[]"), sql.text(", "))
    return value
