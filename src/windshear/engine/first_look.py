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
    which lets few pass, nothing that is tested only there; beside a search in a text, not whether values are there.
    """
    left = {number: _by_product(formula, foreign) for number, formula in formulas.items()}
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
    match formula:
        case Atom(Leaf(column=column), "plain", OneOf(constants), False):
            return column == PRODUCT and foreign >= constants
        case AnyOf(items):
            return all(_is_foreign(item, foreign) for item in items)
        case _:
            return False


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


def _idle(items: Collection[Formula]) -> list[Formula]:
    """Return those tests of a conjunction that only ask whether values are there, beside one that tells much more."""
    finds = any(map(_finds, items))
    if not any(map(_searches, items)):
        return []
    return [item for item in items if _asks_for_presence(item) or (finds and _is_made(item))]


def _finds(formula: Formula) -> bool:
    """Say whether a formula looks for a pattern in a text."""
    match formula:
        case Atom(probe=Matches(), is_negated=is_negated):
            return not is_negated
        case AllOf(items):
            return any(map(_finds, items))
        case AnyOf(items):
            return all(map(_finds, items))
        case _:
            return False


def _searches(formula: Formula) -> bool:
    """Say whether a formula looks for a pattern in a text, or tests what a function makes of values."""
    match formula:
        case Atom(leaf):
            return isinstance(leaf, Computed) or _finds(formula)
        case AllOf(items):
            return any(map(_searches, items))
        case AnyOf(items):
            return all(map(_searches, items))
        case _:
            return False


def _asks_for_presence(formula: Formula) -> bool:
    """Say whether a formula only asks whether a value is there, or one of several."""
    match formula:
        case Atom(Leaf()):
            return _is_there(formula)
        case AnyOf(items):
            return all(map(_asks_for_presence, items))
        case _:
            return False


def _is_made(formula: Formula) -> bool:
    """Say whether a formula only asks whether a function makes something of values."""
    return isinstance(formula, Atom) and isinstance(formula.leaf, Computed) and _is_there(formula)


def _is_there(atom: Atom) -> bool:
    return atom.is_negated and atom.reading == "plain" and atom.probe == OneOf(frozenset([atom.leaf.zero]))
