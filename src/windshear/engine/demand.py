"""What a rule set asks of normalising: at once for every event, and later for the few that a rule still wants.

Most of what rules read they only show, count or join by; a list of labels holds every leaf of a free-form map of the
record. All that is needed of an event that no rule wants is what tells so. So variables sift twice: first over some of
the columns that their formulas test (`first_look`), a test of a whole list of labels counting as true; then, with all
columns, the rows that are left.

What a log type says of its events decides tests before anything is read: a formula that no event of the type can pass
asks nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from windshear.engine.first_look import first_look, members_of, place_of
from windshear.engine.identities import EVENT_ID, HANDLES
from windshear.engine.plan import Plan
from windshear.engine.sift.letters import change
from windshear.engine.sift.nodes import (
    NEVER,
    Atom,
    Constant,
    Formula,
    Leaf,
    OneOf,
    Value,
    atoms,
    relaxed,
    replaced,
)
from windshear.logs.known import Known
from windshear.udm.columns import Columns, MessagesColumn, ScalarColumn, merge
from windshear.udm.schema import Root

_LABEL = {"key", "value"}


@dataclass(frozen=True, slots=True)
class SlotDemand:
    """What a slot asks of records: the columns that its candidates must have, and which records may be candidates.

    formula: over all columns; early: the same without whole lists of labels.
    """

    columns: Columns
    formula: Formula
    early: Formula

    def tested(self, formula: Formula) -> Columns:
        """Return the columns that a formula tests; the event's time is none."""
        leaves = {leaf: None for atom in atoms(formula) for leaf in atom.leaves if leaf.column in self.columns}
        return merge(_narrowed(self.columns, leaf.column, members_of(leaf)) for leaf in leaves)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the records of one log type.

    columns: of every record. whole: of candidates; none if they need no more. at_once: which records may be candidates,
    as far as the columns of every record tell, for the slots that can have any. late: slots that need more of them.
    """

    columns: Columns
    whole: Columns
    at_once: Mapping[int, Formula]
    late: frozenset[int]


@dataclass(frozen=True, slots=True)
class Demand:
    """What slots ask of one kind of record, and columns that every record must have.

    is_whole: all columns are read of every record.
    """

    always: Columns
    slots: Mapping[int, SlotDemand] = field(default_factory=dict)
    is_whole: bool = False

    def asked(self, known: Known) -> Asked:
        """Return what is asked of the records of a log type of which something is known."""
        if self.is_whole:
            return Asked(self.every, {}, {number: slot.formula for number, slot in self.slots.items()}, frozenset())
        tests = {atom for slot in self.slots.values() for atom in atoms(slot.early)}
        decided = {test: holds for test in tests if (holds := _decided(test, known)) is not None}
        told = {leaf.column for test in decided for leaf in test.leaves if leaf.column in known.choices}
        least = merge([self.always, {name: ScalarColumn("text") for name in sorted(told)}])
        left = {n: replaced(slot.early, lambda atom: decided.get(atom, atom)) for n, slot in self.slots.items()}
        at_once = first_look({n: formula for n, formula in left.items() if formula != NEVER}, known.foreign)
        tested = {number: self.slots[number].tested(formula) for number, formula in at_once.items()}
        whole = {number: self.slots[number].columns for number in at_once}
        late = frozenset(number for number in at_once if tested[number] != whole[number])
        return Asked(merge([least, *tested.values()]), merge([least, *whole.values()]) if late else {}, at_once, late)

    @property
    def tested(self) -> dict[str, set[str]]:
        """What formulas test: columns, and of each the members of messages by their dotted names."""
        places: dict[str, set[str]] = {}
        for slot in self.slots.values():
            for leaf in (leaf for atom in atoms(slot.formula) for leaf in atom.leaves):
                places.setdefault(leaf.column, set()).add(place_of(leaf))
        return places

    @property
    def every(self) -> Columns:
        """All columns, for records that are at hand as a whole."""
        return merge([self.always, *(slot.columns for slot in self.slots.values())])

    def without(self, name: str) -> Demand:
        """Leave out a column that is no part of records."""
        slots = {n: replace(slot, columns=_other(slot.columns, name)) for n, slot in self.slots.items()}
        return Demand(_other(self.always, name), slots, self.is_whole)


def demand(plans: Iterable[Plan], source: Root = "udm") -> Demand:
    """Return what plans ask of one kind of record. Nothing of entities and detections is late: they are read whole."""
    always: Columns = {HANDLES[source]: ScalarColumn("text")}
    asked = [
        (slot, plan.columns[name], plan.formulas[name])
        for plan in plans
        for name, slot in slots_over(plan, source).items()
    ]
    if source != "udm":
        slots = {slot: SlotDemand(columns, told, told) for slot, columns, told in asked}
        return Demand(always, slots, is_whole=True)
    formulas = {slot: relaxed(formula, _is_id) for slot, _, formula in asked}
    early = {slot: relaxed(formulas[slot], partial(_is_label, columns)) for slot, columns, _ in asked}
    return Demand(always, {slot: SlotDemand(columns, formulas[slot], early[slot]) for slot, columns, _ in asked})


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


def _decided(test: Atom, known: Known) -> Formula | None:
    """Return whether a test holds, or fails, whatever its field is; None if that is not known.

    Only tests for constants are decided: what is known of others, or of what functions make, takes its time to tell.
    """
    match test:
        case Atom(Leaf() as leaf, reading, OneOf(constants), is_negated):
            pass
        case _:
            return None
    if place_of(leaf) in known.absent:
        if reading != "plain" and leaf.hops:  # of no element
            return Constant(reading == "all")
        values: set[Value] = {leaf.zero}
    elif leaf.column in known.choices and not leaf.hops:
        texts = known.choices[leaf.column]
        values = {leaf.zero if text is None else change(text, leaf.letters) for text in texts}
    else:
        return None
    if leaf.letters != "as written" and not all(str(value).isascii() for value in values):
        return None  # see `change`
    verdicts = {(value in constants) is not is_negated for value in values}
    return Constant(*verdicts) if len(verdicts) == 1 else None


def _other(columns: Columns, name: str) -> Columns:
    return {other: column for other, column in columns.items() if other != name}


def _narrowed(columns: Columns, name: str, members: Sequence[str]) -> Columns:
    """Return one column, without the members of messages that are not read."""
    column = columns[name]
    if members and isinstance(column, MessagesColumn):
        column = MessagesColumn(_narrowed(column.members, members[0], members[1:]))
    return {name: column}


def _is_id(leaf: Leaf) -> bool:
    return leaf.column == EVENT_ID  # which events get only when they are stored


def _is_label(columns: Columns, leaf: Leaf) -> bool:
    """Say whether a leaf is read from a whole list of labels."""
    column = columns.get(leaf.column)  # the event's time is no column
    for member in members_of(leaf):
        if not isinstance(column, MessagesColumn):
            break
        if column.members.keys() <= _LABEL:
            return True
        column = column.members[member]
    return False
