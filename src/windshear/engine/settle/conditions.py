"""Why a condition held: its atoms with their truth and the counts that they read, for each chosen group.

The atoms are lowered by the code that decides, so what is shown cannot disagree with it. Only what made the condition
hold is shown: of an `or` the sides that held, of `n of` the items that held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import ConditionClause, NamedValue
from windshear.engine.settle.evidence import atoms, support, written
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

Marks = Mapping[str, Sequence[object]]


def marks_of_condition(rule: CheckedRule, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    """Return the SQL struct of the truth of each atom, `t`, and of each count in the condition, `c`."""
    truths = sql.list_of(lower(atom, leaf, lists) for atom in atoms(rule.condition))
    counts = sql.list_of(sql.cast(leaf(count), "BIGINT") for count in _counts(rule))
    return sql.raw(f"{{'t': {truths}::BOOLEAN[], 'c': {counts}::BIGINT[]}}")


def clauses_that_held(rule: CheckedRule, marks: Marks, outcomes: Sequence[NamedValue]) -> tuple[ConditionClause, ...]:
    """Select the atoms that made the condition hold, each as written, with what it read."""
    truths = {id(atom): bool(truth) for atom, truth in zip(atoms(rule.condition), marks["t"], strict=True)}
    values = {"$" + outcome.name: replace(outcome, name="$" + outcome.name) for outcome in outcomes}
    for count, number in zip(_counts(rule), marks["c"], strict=True):
        assert isinstance(number, int)
        values["#" + count.name] = NamedValue("#" + count.name, number, "int")
    found: dict[str, ConditionClause] = {}
    for atom, wanted in support(rule.condition, wanted=True, truths=truths):
        names = dict.fromkeys(_names_read(atom))
        clause = written(rule, atom, wanted=wanted)
        found.setdefault(clause, ConditionClause(clause, tuple(values[name] for name in names)))
    return tuple(found.values())


def _counts(rule: CheckedRule) -> list[ex.VariableCount]:
    found = {node.name: node for node in ex.walk(rule.condition) if isinstance(node, ex.VariableCount)}
    return list(found.values())


def _names_read(atom: ex.Expression) -> Iterator[str]:
    for node in ex.walk(atom):
        if isinstance(node, ex.VariableCount):
            yield "#" + node.name
        elif isinstance(node, ex.OutcomeVariable):
            yield "$" + node.name
