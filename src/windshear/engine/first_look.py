"""The first look at an event: which of the tests of all formulas are made of every record, and which may wait.

Every column that a test needs is read of every record, so a test is worth it only if it tells apart what others do not.
Leaving a test out makes more records candidates, never fewer; they are tested again with all columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import partial

from windshear.engine.sift.nodes import (
    AllOf,
    AnyOf,
    Atom,
    Computed,
    Formula,
    Leaf,
    Matches,
    OneOf,
    all_of,
    any_of,
    relaxed,
)
from windshear.logs.known import PRODUCT
from windshear.udm.requests import Member, reads_map

_NAME = "metadata.product_event_type"
_KINDS = "metadata."  # what kind of event it is: what lets few pass


def first_look(formulas: Mapping[int, Formula], foreign: AbstractSet[str]) -> dict[int, Formula]:
    """Return what is tested at the first look.

    Beside a test for a product that only other log types name (`foreign`) nothing else is; beside the event's name,
    which lets few pass, nothing that is tested only there; beside a search in a text, not whether values are there;
    nowhere what only leaves out events that have some label.
    """
    left = {number: _without_exclusions(_by_product(formula, foreign)) for number, formula in formulas.items()}
    alone = frozenset(place_of(leaf) for formula in left.values() for leaf in _tested_alone(formula))
    waits = partial(_waits, alone)
    return {number: _told_apart(formula, waits) for number, formula in left.items()}


def members_of(leaf: Leaf) -> list[str]:
    """Return the members that lead from a column to a leaf."""
    return [hop.name for hop in leaf.hops if isinstance(hop, Member)]


def place_of(leaf: Leaf) -> str:
    """Return where a leaf is: its column, and the members below it, by a dotted name."""
    return ".".join([leaf.column, *members_of(leaf)])


def _by_product(formula: Formula, foreign: AbstractSet[str]) -> Formula:
    """Leave out tests beside one for a foreign product."""
    match formula:
        case AllOf(items):
            tests = [item for item in items if _is_foreign(item, foreign)]
            return all_of(tests or (_by_product(item, foreign) for item in items))
        case AnyOf(items):
            return any_of(_by_product(item, foreign) for item in items)
        case _:
            return formula


def _without_exclusions(formula: Formula) -> Formula:
    """Leave out tests that hold of all events without some labels, which are nearly all, where there are others."""
    match formula:
        case AllOf(items):
            kept = [item for item in items if not _is_exclusion(item)]
            return all_of(map(_without_exclusions, kept or items))
        case AnyOf(items):
            return any_of(map(_without_exclusions, items))
        case _:
            return formula


def _is_exclusion(formula: Formula) -> bool:
    match formula:
        case Atom():
            return all(reads_map(leaf.column) for leaf in formula.leaves) and _passes_nothing(formula)
        case AllOf(items):
            return all(map(_is_exclusion, items))
        case AnyOf(items):
            return any(map(_is_exclusion, items))
        case _:
            return False


def _passes_nothing(atom: Atom) -> bool:
    """Say whether a value that is not there passes a test."""
    match atom.probe:
        case OneOf(constants):
            return (atom.leaf.zero in constants) != atom.is_negated
        case _:
            return atom.is_negated


def _told_apart(formula: Formula, waits: Callable[[Leaf], bool]) -> Formula:
    """Leave out tests that wait beside those that let few pass."""
    match formula:
        case AllOf(items) if any(map(_tests_name, items)):
            return relaxed(formula, waits)
        case AllOf(items):
            idle = _idle(items)
            return all_of(relaxed(item, waits) if item in idle else _told_apart(item, waits) for item in items)
        case AnyOf(items):
            return any_of(_told_apart(item, waits) for item in items)
        case _:
            return formula


def _tested_alone(formula: Formula) -> Iterator[Leaf]:
    """Yield what is tested where nothing else lets few pass."""
    match formula:
        case AllOf(items) if any(map(_tests_name, items)):
            return
        case AllOf(items):
            idle = _idle(items)
            for item in items:
                if item not in idle:
                    yield from _tested_alone(item)
        case AnyOf(items):
            for item in items:
                yield from _tested_alone(item)
        case Atom():
            yield from formula.leaves


def _waits(alone: Collection[str], leaf: Leaf) -> bool:
    """Say whether a test may wait; what is tested alone is read anyway."""
    return reads_map(leaf.column) or not (place_of(leaf) in alone or leaf.column.startswith(_KINDS))


def _is_foreign(formula: Formula, foreign: AbstractSet[str]) -> bool:
    """Say whether a formula tests the product for nothing but foreign ones."""

    def is_foreign(atom: Atom) -> bool:
        match atom:
            case Atom(Leaf(column=column), "plain", OneOf(constants), False):
                return column == PRODUCT and foreign >= constants
            case _:
                return False

    return _is_one_of(formula, is_foreign)


def _tests_name(formula: Formula) -> bool:
    return _needs(formula, lambda atom: not atom.is_negated and any(leaf.column == _NAME for leaf in atom.leaves))


def _idle(items: Collection[Formula]) -> list[Formula]:
    """Return those tests of a conjunction that only ask whether values are there, beside one that tells much more.

    That is one that looks for a pattern in a text, or tests what a function makes of values, which may only be there.
    """
    finds = any(_needs(item, _finds) for item in items)
    if not any(_needs(item, lambda atom: isinstance(atom.leaf, Computed) or _finds(atom)) for item in items):
        return []
    return [item for item in items if _is_one_of(item, _is_there) or (finds and _is_made(item))]


def _needs(formula: Formula, tells: Callable[[Atom], bool]) -> bool:
    """Say whether a formula holds only if a test of some kind does."""
    match formula:
        case Atom():
            return tells(formula)
        case AllOf(items):
            return any(_needs(item, tells) for item in items)
        case AnyOf(items):
            return all(_needs(item, tells) for item in items)
        case _:
            return False


def _is_one_of(formula: Formula, tells: Callable[[Atom], bool]) -> bool:
    """Say whether a formula is a test of some kind, or asks for one of several."""
    match formula:
        case Atom():
            return tells(formula)
        case AnyOf(items):
            return all(_is_one_of(item, tells) for item in items)
        case _:
            return False


def _finds(atom: Atom) -> bool:
    return isinstance(atom.probe, Matches) and not atom.is_negated


def _is_there(atom: Atom) -> bool:
    return isinstance(atom.leaf, Leaf) and _is_filled(atom)


def _is_made(formula: Formula) -> bool:
    """Say whether a formula only asks whether a function makes something of values."""
    return isinstance(formula, Atom) and isinstance(formula.leaf, Computed) and _is_filled(formula)


def _is_filled(atom: Atom) -> bool:
    return atom.is_negated and atom.reading == "plain" and atom.probe == OneOf(frozenset([atom.leaf.zero]))
