"""Evidence: which clauses of a rule held for a bound event, and the values that satisfied them.

The clauses are the boolean atoms of the rule's predicates, lowered by the same code as the statement that decides, so
that an explanation cannot disagree with the engine. Only what is true for the event is shown: of an `or` the branches
that held, of a repeated field the elements of surviving copies or the elements that satisfied the quantifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import Evidence, FieldValue
from windshear.engine.settle.lower import Leaf, Lists, lower, matching_elements, quantified_field
from windshear.engine.settle.variables import holders
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

SHOWN_VALUES = 20  # values of a field, and copies or joined rows of an event, that are looked at


@dataclass(frozen=True, slots=True)
class Clause:
    """One atom that can be shown.

    `predicate` is the index of its top-level predicate, -1 for the value that `placeholder` is bound to (shown as the
    key that joined, always true).
    """

    atom: ex.Expression
    predicate: int
    fields: tuple[ex.Field, ...]
    placeholder: str = ""

    def mark(self, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
        """Return the SQL struct of the atom's truth `t` and, per field it read, the texts of the values, `v`."""
        truth = sql.TRUE if self.predicate < 0 else lower(self.atom, leaf, lists)
        values = sql.list_of(_values(self.atom, field, leaf, lists) for field in self.fields)
        return sql.raw(f"{{'t': {truth}, 'v': {values}::VARCHAR[][]}}")


def clauses_of(rule: CheckedRule, variable: str) -> tuple[Clause, ...]:
    """List the atoms that say something about one variable: bindings first, then predicates in written order."""
    found = [
        Clause(binding.value, -1, tuple(ex.fields(binding.value)), definition.name)
        for definition in rule.placeholders.values()
        for binding in definition.bindings
        if binding.variable == variable
    ]
    for index, predicate in enumerate(rule.predicates):
        if _concerns(rule, predicate, variable):
            found += [Clause(atom, index, tuple(ex.fields(atom))) for atom in atoms(predicate)]
    return tuple(found)


def evidence(
    rule: CheckedRule, variable: str, clauses: Sequence[Clause], rows: Sequence[Sequence[Mapping[str, object]]]
) -> tuple[Evidence, ...]:
    """Select, from the clause marks of an event's copies and joined rows, those that made the rule hold."""
    found: dict[tuple[str, str], dict[FieldValue, None]] = {}
    for marks in rows:
        truths = {id(clause.atom): bool(mark["t"]) for clause, mark in zip(clauses, marks, strict=True)}
        shown = {id(clause.atom): (clause, mark) for clause, mark in zip(clauses, marks, strict=True)}
        for atom, wanted in _chosen(rule, clauses, truths):
            clause, mark = shown[id(atom)]
            values = found.setdefault((written(rule, atom, wanted=wanted), clause.placeholder), {})
            values.update(dict.fromkeys(_field_values(clause, mark["v"], variable)))
    return tuple(Evidence(text, tuple(values), placeholder) for (text, placeholder), values in found.items())


def _chosen(
    rule: CheckedRule, clauses: Sequence[Clause], truths: Mapping[int, bool]
) -> Iterator[tuple[ex.Expression, bool]]:
    for clause in clauses:
        if clause.predicate < 0:
            yield clause.atom, True
    for index in dict.fromkeys(clause.predicate for clause in clauses if clause.predicate >= 0):
        yield from support(rule.predicates[index], wanted=True, truths=truths)


def _field_values(clause: Clause, texts: object, explained: str) -> Iterator[FieldValue]:
    assert isinstance(texts, list)
    for field, some in zip(clause.fields, texts, strict=True):
        variable = "" if field.variable == explained else field.variable
        for text in some:
            yield FieldValue(field.path.text, str(text), variable)


def written(rule: CheckedRule, atom: ex.Expression, *, wanted: bool) -> str:
    """Return an atom as it stands in the rule, on one line; negated where it is shown for being false."""
    before = rule.span.start  # spans count from the start of the file, which may hold more than the rule
    text = " ".join(rule.text[atom.span.start - before : atom.span.end - before].split())
    return text if wanted else f"not {text}"


def _concerns(rule: CheckedRule, predicate: ex.Expression, variable: str) -> bool:
    for node in ex.walk(predicate):
        if isinstance(node, ex.Field | ex.EventIdentity) and node.variable == variable:
            return True
        if isinstance(node, ex.Placeholder) and variable in holders(rule, node.name):
            return True
    return False


def atoms(predicate: ex.Expression) -> list[ex.Expression]:
    """Return the tests that a boolean expression is made of, in written order."""
    match predicate:
        case ex.And(items=items) | ex.Or(items=items) | ex.NOf(items=items):
            return [atom for item in items for atom in atoms(item)]
        case ex.Not(operand=operand):
            return atoms(operand)
        case _:
            return [predicate]


def support(node: ex.Expression, *, wanted: bool, truths: Mapping[int, bool]) -> list[tuple[ex.Expression, bool]]:
    """Return the atoms, with the truth each has, because of which `node` is `wanted`."""
    match node:
        case ex.Not(operand=operand):
            return support(operand, wanted=not wanted, truths=truths)
        case ex.And(items=items) | ex.Or(items=items) | ex.NOf(items=items):
            deciding = [item for item in items if _truth(item, truths) == wanted]
            return [pair for item in deciding for pair in support(item, wanted=wanted, truths=truths)]
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
        case ex.NOf(minimum=minimum, items=items):
            return sum(_truth(item, truths) for item in items) >= minimum
        case _:
            return truths[id(node)]


def _values(atom: ex.Expression, field: ex.Field, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    """Return the list of values that a field showed to the atom; for `any` the elements that satisfied it."""
    if field.quantifier == "any" and field is quantified_field(atom):
        values = matching_elements(atom, field, leaf, lists)
    elif field.quantifier is not None or field.is_whole_list:
        values = leaf(field)
    else:
        values = sql.list_of([leaf(field)])
    return sql.cast(sql.raw(f"({values})[:{SHOWN_VALUES}]"), "VARCHAR[]")
