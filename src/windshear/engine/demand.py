"""What a rule set asks of normalising: at once for every event, and later for the few that a rule still wants.

Most of what rules read they only show, count or join by; a list of labels holds every leaf of a free-form map of the
record. All that is needed of an event that no rule wants is what tells so. So variables sift twice: first over the
columns that their formulas test, a test of a whole list of labels counting as true, and where the event's name is
tested, which lets few pass, also that of one label or of a column that is tested nowhere else; then, with all columns,
the rows that are left.

A log type says of some fields what they always hold. Formulas that no event of the type can pass ask nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import pyarrow as pa

from windshear.engine.identities import EVENT_ID, HANDLES
from windshear.engine.plan import Plan
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.nodes import (
    ALWAYS,
    NEVER,
    AllOf,
    AnyOf,
    Atom,
    Formula,
    Leaf,
    all_of,
    any_of,
    atoms,
    relaxed,
    replaced,
)
from windshear.udm.columns import Columns, MessagesColumn, ScalarColumn, merge
from windshear.udm.requests import Member, reads_map
from windshear.udm.schema import Root

_LABEL = {"key", "value"}
_NAME = "metadata.product_event_type"
_KINDS = "metadata."  # what kind of event it is: constants of log types, and what lets few pass


@dataclass(frozen=True)
class SlotDemand:
    """What a slot asks of records: the columns that its candidates must have, and which records may be candidates.

    formula: over all columns; at_once: over those that are read of every record. is_whole: those are all.
    """

    columns: Columns
    formula: Formula
    at_once: Formula
    is_whole: bool = False

    @cached_property
    def is_late(self) -> bool:
        """Whether candidates need more than what is read of every record."""
        return not self.is_whole and self.columns != self.tested(self.at_once)

    def tested(self, formula: Formula) -> Columns:
        """Return the columns that a formula tests; the event's time is none."""
        leaves = {leaf: None for atom in atoms(formula) for leaf in atom.leaves if leaf.column in self.columns}
        return merge(_narrowed(self.columns, leaf.column, _members(leaf)) for leaf in leaves)


@dataclass(frozen=True, slots=True)
class Demand:
    """What slots ask of one kind of record, and columns that every record must have."""

    always: Columns
    slots: Mapping[int, SlotDemand] = field(default_factory=dict)

    def asked(self, constants: Mapping[str, str]) -> tuple[Columns, Columns]:
        """Return the columns of every record of a log type that always fills some fields so, and those of candidates.

        The latter are none if there is nothing more to read of candidates.
        """
        every = (atom for slot in self.slots.values() for atom in atoms(slot.at_once))
        tests = list(dict.fromkeys(atom for atom in every if _is_known(atom, constants)))
        told = {leaf.column for test in tests for leaf in test.leaves}  # sift and settle see by what they were told
        least = merge([self.always, {name: ScalarColumn("text") for name in sorted(told)}])
        slots = [(self.slots[number], formula) for number, formula in self._possible(tests, constants).items()]
        early = (slot.tested(formula) if slot.is_late else slot.columns for slot, formula in slots)
        late = [slot.columns for slot, _ in slots if slot.is_late]
        return merge([least, *early]), merge([least, *late]) if late else {}

    @property
    def every(self) -> Columns:
        """All columns, for records that are at hand as a whole."""
        return merge([self.always, *(slot.columns for slot in self.slots.values())])

    def without(self, name: str) -> Demand:
        """Leave out a column that is no part of records."""
        slots = {n: replace(slot, columns=_other(slot.columns, name)) for n, slot in self.slots.items()}
        return Demand(_other(self.always, name), slots)

    def _possible(self, tests: Sequence[Atom], constants: Mapping[str, str]) -> dict[int, Formula]:
        """Return, of the slots that records can be candidates of, what is left of the formulas after these tests."""
        values = pa.table({name: pa.array([value]) for name, value in constants.items()})
        passed = compile_sift(list(enumerate(tests))).apply(values)
        known: dict[Atom, Formula] = {test: ALWAYS if place in passed else NEVER for place, test in enumerate(tests)}

        def told(atom: Atom) -> Formula:
            return known[atom] if _is_known(atom, constants) else atom

        formulas = {number: replaced(slot.at_once, told) for number, slot in self.slots.items()}
        return {number: formula for number, formula in formulas.items() if formula != NEVER}


def demand(plans: Iterable[Plan], source: Root = "udm") -> Demand:
    """Return what plans ask of one kind of record. Nothing of entities and detections is late: they are read whole."""
    always: Columns = {HANDLES[source]: ScalarColumn("text")}
    asked = [
        (slot, plan.columns[name], plan.formulas[name])
        for plan in plans
        for name, slot in slots_over(plan, source).items()
    ]
    if source != "udm":
        return Demand(always, {slot: SlotDemand(columns, told, told, is_whole=True) for slot, columns, told in asked})
    formulas = {slot: relaxed(formula, _is_id) for slot, _, formula in asked}
    early = {slot: relaxed(formulas[slot], partial(_is_label, columns)) for slot, columns, _ in asked}
    alone = frozenset(leaf.column for formula in early.values() for leaf in _tested_without_name(formula))
    waits = partial(_waits, alone)
    return Demand(
        always,
        {slot: SlotDemand(columns, formulas[slot], _first_look(early[slot], waits)) for slot, columns, _ in asked},
    )


def joined(demands: Iterable[Demand], also: Iterable[Columns] = ()) -> Demand:
    """Return what several ask of the same records, and columns that every record must have beside."""
    parts = list(demands)
    slots = [slot for one in parts for slot in one.slots.values()]
    return Demand(merge([*(one.always for one in parts), *also]), dict(enumerate(slots)))


def slots_over(plan: Plan, source: Root) -> dict[str, int]:
    """Return the slots of a plan's variables that range over one kind of record, by variable."""
    return {name: slot for name, slot in plan.slots.items() if plan.rule.variables[name].source == source}


def required_columns(plans: Iterable[Plan], source: Root = "udm") -> Columns:
    """Return all columns that a rule set reads of one kind of record, for records that are at hand as a whole."""
    return demand(plans, source).every


def _is_known(test: Atom, constants: Mapping[str, str]) -> bool:
    """Say whether a test is of fields that are always the same."""
    return all(leaf.column in constants and not leaf.hops for leaf in test.leaves)


def _other(columns: Columns, name: str) -> Columns:
    return {other: column for other, column in columns.items() if other != name}


def _narrowed(columns: Columns, name: str, members: Sequence[str]) -> Columns:
    """Return one column, without the members of messages that are not read."""
    column = columns[name]
    if members and isinstance(column, MessagesColumn):
        column = MessagesColumn(_narrowed(column.members, members[0], members[1:]))
    return {name: column}


def _members(leaf: Leaf) -> list[str]:
    return [hop.name for hop in leaf.hops if isinstance(hop, Member)]


def _first_look(formula: Formula, waits: Callable[[Leaf], bool]) -> Formula:
    """Leave out tests that wait in conjunctions that test the event's name."""
    match formula:
        case AllOf(items) if any(map(_tests_name, items)):
            return relaxed(formula, waits)
        case AllOf(items):
            return all_of(_first_look(item, waits) for item in items)
        case AnyOf(items):
            return any_of(_first_look(item, waits) for item in items)
        case _:
            return formula


def _tested_without_name(formula: Formula) -> Iterator[Leaf]:
    """Yield what is tested outside of conjunctions that test the event's name."""
    match formula:
        case AllOf(items) if any(map(_tests_name, items)):
            return
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from _tested_without_name(item)
        case Atom():
            yield from formula.leaves


def _tests_name(formula: Formula) -> bool:
    match formula:
        case Atom(is_negated=False):
            return any(leaf.column == _NAME for leaf in formula.leaves)
        case AllOf(items):
            return any(map(_tests_name, items))
        case AnyOf(items):
            return all(map(_tests_name, items))
        case _:
            return False


def _waits(alone: Collection[str], leaf: Leaf) -> bool:
    """Say whether a test beside the event's name may wait; what is tested alone is read anyway."""
    return reads_map(leaf.column) or not (leaf.column in alone or leaf.column.startswith(_KINDS))


def _is_id(leaf: Leaf) -> bool:
    return leaf.column == EVENT_ID  # which events get only when they are stored


def _is_label(columns: Columns, leaf: Leaf) -> bool:
    """Say whether a leaf is read from a whole list of labels."""
    column = columns.get(leaf.column)  # the event's time is no column
    for member in _members(leaf):
        if not isinstance(column, MessagesColumn):
            break
        if column.members.keys() <= _LABEL:
            return True
        column = column.members[member]
    return False
