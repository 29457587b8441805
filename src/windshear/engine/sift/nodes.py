"""The sift formula: what it can say about an event, and how constants fold.

A formula is a monotone combination (no negation above the atoms) of tests of one value of one leaf. It is an
over-approximation: where it holds, the event may bind to the variable; where it fails, the event cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal as Choice

from windshear.core.sql import Sql
from windshear.udm.columns import ScalarKind
from windshear.udm.requests import Hop

Value = str | int | float | bool
Letters = Choice["as written", "lower", "upper"]
Reading = Choice["plain", "any", "all"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where values come from: a column and the hops from its cells, the zero value, and a change of letters."""

    column: str
    hops: tuple[Hop, ...]
    kind: ScalarKind
    zero: Value
    letters: Letters = "as written"

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """What the value is made of: itself."""
        return (self,)


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that SQL makes of the values that one copy has at some leaves, at most one of which is in a list.

    value: names the leaves by their place, see `windshear.engine.sift.computed.column`.
    """

    leaves: tuple[Leaf, ...]
    value: Sql
    kind: ScalarKind
    zero: Value
    letters: Letters = "as written"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of these constants."""

    constants: frozenset[Value]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A number stands in this order to a constant."""

    operator: Choice["<", "<=", ">", ">="]
    constant: int | float


@dataclass(frozen=True, slots=True)
class Pattern:
    """An RE2 pattern."""

    text: str
    is_nocase: bool = False


@dataclass(frozen=True, slots=True)
class Matches:
    """An RE2 search finds one of the patterns in the text."""

    patterns: frozenset[Pattern]


@dataclass(frozen=True, slots=True)
class InNetwork:
    """The text is an address of one of the networks (CIDR notation)."""

    networks: frozenset[str]


Probe = OneOf | Ordered | Matches | InNetwork


@dataclass(frozen=True, slots=True)
class Atom:
    """A positive or negated test of one value.

    plain: some element passes, an empty or absent list counting as one zero value; any: some element passes; all:
    every element passes.
    """

    leaf: Leaf | Computed
    reading: Reading
    probe: Probe
    is_negated: bool = False

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves of which the value is, or is made."""
        return self.leaf.leaves

    @property
    def opposite(self) -> Atom:
        """The negation pushed into the atom: of a copy's test, or through the quantifier."""
        flipped: dict[Reading, Reading] = {"plain": "plain", "any": "all", "all": "any"}
        return replace(self, reading=flipped[self.reading], is_negated=not self.is_negated)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every item holds."""

    items: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one item holds."""

    items: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """Holds always, or never."""

    holds: bool


Formula = Atom | AllOf | AnyOf | Constant

ALWAYS = Constant(holds=True)
NEVER = Constant(holds=False)


def all_of(items: Iterable[Formula]) -> Formula:
    """Return the conjunction with constants folded, nesting flattened and repetitions dropped."""
    kept = dict.fromkeys(part for item in items for part in (item.items if isinstance(item, AllOf) else (item,)))
    if NEVER in kept:
        return NEVER
    kept.pop(ALWAYS, None)
    return AllOf(tuple(kept)) if len(kept) > 1 else next(iter(kept), ALWAYS)


def any_of(items: Iterable[Formula]) -> Formula:
    """Return the disjunction with constants folded, nesting flattened and tests of one leaf united."""
    kept = dict.fromkeys(part for item in items for part in (item.items if isinstance(item, AnyOf) else (item,)))
    if ALWAYS in kept:
        return ALWAYS
    kept.pop(NEVER, None)
    united = _unite(kept)
    return AnyOf(united) if len(united) > 1 else next(iter(united), NEVER)


def _unite(items: Iterable[Formula]) -> tuple[Formula, ...]:
    """Join alternatives on one leaf: some value is `a` or some value is `b`, so some value is `a` or `b`."""
    united: dict[object, Formula] = {}
    for item in items:
        match item:
            case Atom(leaf, "plain" | "any" as reading, OneOf() | Matches() | InNetwork() as probe, False):
                key = (leaf, reading, type(probe))
                known = united.get(key)
                united[key] = Atom(leaf, reading, _union(known.probe, probe)) if isinstance(known, Atom) else item
            case _:
                united[item] = item
    return tuple(united.values())


def _union(first: Probe, second: Probe) -> Probe:
    match first, second:
        case OneOf(constants), OneOf(more):
            return OneOf(constants | more)
        case Matches(patterns), Matches(others):
            return Matches(patterns | others)
        case InNetwork(networks), InNetwork(further):
            return InNetwork(networks | further)
        case _:
            raise AssertionError("probes of different kinds have no union")


def atoms(formula: Formula) -> Iterator[Atom]:
    """Yield every atom of a formula, in order, repetitions included."""
    match formula:
        case Atom():
            yield formula
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from atoms(item)
        case Constant():
            pass


def relaxed(formula: Formula, is_unknown: Callable[[Leaf], bool]) -> Formula:
    """Replace tests of values that are not known by true, which keeps the formula an over-approximation."""
    return replaced(formula, lambda atom: ALWAYS if any(map(is_unknown, atom.leaves)) else atom)


def replaced(formula: Formula, replacement: Callable[[Atom], Formula]) -> Formula:
    """Replace every atom, and fold what has become constant."""
    match formula:
        case Atom():
            return replacement(formula)
        case AllOf(items) | AnyOf(items):
            parts = [replaced(item, replacement) for item in items]
            if all(part is item for part, item in zip(parts, items, strict=True)):
                return formula
            return all_of(parts) if isinstance(formula, AllOf) else any_of(parts)
        case Constant():
            return formula
