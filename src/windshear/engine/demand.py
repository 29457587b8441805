"""What a rule set asks of normalising: at once for every event, and later for the few that a rule still wants.

A whole list of labels holds every leaf of a free-form map of the record, which costs many times what all other columns
cost together, and the rules that read one mostly test the vendor or the event type, too. So these rules sift twice:
first with what is there at once, a test of a label counting as true; then, with all columns, the rows that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from windshear.engine.identities import EVENT_ID, HANDLES
from windshear.engine.plan import Plan
from windshear.engine.sift.nodes import Formula, Leaf, relaxed
from windshear.udm.columns import Column, Columns, MessagesColumn, ScalarColumn, merge
from windshear.udm.requests import Member
from windshear.udm.schema import Root

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


def demand(plans: Iterable[Plan], source: Root = "udm") -> Demand:
    """Return what plans ask of one kind of record. Nothing of entities and detections is late: they are read whole."""
    early: list[Columns] = [_header(source)]
    late: list[Columns] = []
    early_formulas: dict[int, Formula] = {}
    late_formulas: dict[int, Formula] = {}
    for plan in plans:
        for name, slot in slots_over(plan, source).items():
            columns, formula = plan.columns[name], plan.formulas[name]
            formula = relaxed(formula, _is_id) if source == "udm" else formula
            at_once = _early(columns) if source == "udm" else columns
            early.append(at_once)
            early_formulas[slot] = formula
            if at_once != columns:
                late.append(columns)
                late_formulas[slot] = formula
                early_formulas[slot] = relaxed(formula, partial(_is_late, columns))
    return Demand(merge(early), merge(late), early_formulas, late_formulas)


def slots_over(plan: Plan, source: Root) -> dict[str, int]:
    """Return the slots of a plan's variables that range over one kind of record, by variable."""
    return {name: slot for name, slot in plan.slots.items() if plan.rule.variables[name].source == source}


def required_columns(plans: Iterable[Plan], source: Root = "udm") -> dict[str, Column]:
    """Return all columns that a rule set reads of one kind of record, for records that are at hand as a whole."""
    wanted = demand(plans, source)
    return merge([wanted.early, wanted.late])


def _header(source: Root) -> dict[str, Column]:
    return {HANDLES[source]: ScalarColumn("text")}


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


def _is_id(leaf: Leaf) -> bool:
    return leaf.column == EVENT_ID  # which events get only when they are stored


def _is_late(columns: Columns, leaf: Leaf) -> bool:
    column = columns.get(leaf.column)  # the event's time is no column
    for member in (hop for hop in leaf.hops if isinstance(hop, Member)):
        if not isinstance(column, MessagesColumn):
            break
        if column.members.keys() <= _LABEL:
            return True
        column = column.members[member.name]
    return False
