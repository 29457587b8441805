"""What a rule set asks of normalising: at once for every event, and later for the few that a rule still wants.

A whole list of labels holds every leaf of a free-form map of the record, which costs many times what all other columns
cost together, and the rules that read one mostly test the vendor or the event type, too. So these rules sift twice:
first with what is there at once, a test of a label counting as true; then, with all columns, the rows that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from windshear.engine.identities import PRODUCT_LOG_ID
from windshear.engine.plan import Plan
from windshear.engine.sift.nodes import ALWAYS, AllOf, AnyOf, Atom, Constant, Formula, Leaf, all_of, any_of
from windshear.udm.columns import Column, Columns, MessagesColumn, ScalarColumn, merge
from windshear.udm.requests import Member

_HEADER: dict[str, Column] = {PRODUCT_LOG_ID: ScalarColumn("text")}
_LABEL = {"key", "value"}


@dataclass(frozen=True, slots=True)
class Demand:
    """Columns wanted of every event, and the columns of the slots that also read late ones, for their candidates.

    early_formulas: per slot, over early columns only. late_formulas: per late slot, over all that it reads.
    """

    early: Columns
    late: Columns
    early_formulas: Mapping[int, Formula]
    late_formulas: Mapping[int, Formula]


def demand(plans: Iterable[Plan]) -> Demand:
    """Return what plans ask for."""
    early, late = [_HEADER], []
    early_formulas: dict[int, Formula] = {}
    late_formulas: dict[int, Formula] = {}
    for plan in plans:
        for name, slot in plan.slots.items():
            columns, formula = plan.columns[name], plan.formulas[name]
            at_once = _early(columns)
            early.append(at_once)
            early_formulas[slot] = formula
            if at_once != columns:
                late.append(columns)
                late_formulas[slot] = formula
                early_formulas[slot] = _relaxed(formula, columns)
    return Demand(merge(early), merge(late), early_formulas, late_formulas)


def all_columns(wanted: Demand) -> dict[str, Column]:
    """Return early and late columns together, for events that are at hand with all their fields."""
    return merge([wanted.early, wanted.late])


def _early(columns: Columns) -> dict[str, Column]:
    """Leave out lists of labels, also where they are members of repeated messages."""
    kept: dict[str, Column] = {}
    for name, column in columns.items():
        match column:
            case MessagesColumn(members):
                rest = {} if members.keys() <= _LABEL else _early(members)
                if rest:
                    kept[name] = MessagesColumn(rest)
            case _:
                kept[name] = column
    return kept


def _relaxed(formula: Formula, columns: Columns) -> Formula:
    """Replace tests of late values by true, which keeps the formula an over-approximation."""
    match formula:
        case Atom(leaf=leaf):
            return ALWAYS if _is_late(leaf, columns) else formula
        case AllOf(items):
            return all_of(_relaxed(item, columns) for item in items)
        case AnyOf(items):
            return any_of(_relaxed(item, columns) for item in items)
        case Constant():
            return formula


def _is_late(leaf: Leaf, columns: Columns) -> bool:
    column = columns.get(leaf.column)  # the event's time is no column
    for member in (hop for hop in leaf.hops if isinstance(hop, Member)):
        if not isinstance(column, MessagesColumn):
            break
        if column.members.keys() <= _LABEL:
            return True
        column = column.members[member.name]
    return False
