"""Values that functions make of an event's fields, kept as the SQL by which settle computes them.

So a function has one meaning and no second implementation: sift has DuckDB compute the values, once for each distinct
combination of what they are made of, and tests them like any other. Only what fields of one variable determine is
computed, not what depends on the time of the run or on random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal as Choice

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.carriage import CARRIED_AS
from windshear.engine.settle.lower import Leaf as Read
from windshear.engine.settle.lower import Lists, lower
from windshear.engine.sift.nodes import Computed, Leaf
from windshear.language import expressions as ex
from windshear.language.functions.run import NOW, SEED
from windshear.language.types import Kind
from windshear.udm.requests import Each, access

Entries = Callable[[str], Collection[str] | None]
Bindings = Mapping[str, ex.Expression | None]

_MOST_ENTRIES = 1_000  # of a list; they are written out
_LONGEST = 100_000  # characters of SQL
_KINDS: Mapping[Kind, Choice["text", "bool"]] = {Kind.STRING: "text", Kind.BOOL: "bool"}
_MADE = (ex.Comparison, ex.RegexMatch, ex.Call, ex.If)
_PARTS = (*_MADE, ex.Literal, ex.Field, ex.Arithmetic, ex.Membership, ex.And, ex.Or, ex.NOf, ex.Not)


def column(position: int) -> str:
    """Name the column in which the SQL of a computed value finds the values of a leaf."""
    return f"value{position}"


def computed(node: ex.Expression, variable: str, bindings: Bindings, entries: Entries) -> Computed | None:
    """Return the text or truth that an expression makes of fields of a variable; None if it needs more than that.

    `bindings` has the value that the variable gives to each placeholder.
    """
    parts = list(_parts(node, bindings))
    fields = [part for part in parts if isinstance(part, ex.Field)]
    lists = _lists(parts, entries)
    if lists is None or not isinstance(node, _MADE) or node.type.is_list or node.type.kind not in _KINDS:
        return None
    if not fields or not all(isinstance(part, _PARTS) for part in parts):
        return None
    if not all(is_scalar(field, variable) and field.quantifier is None for field in fields):
        return None
    leaves = tuple(sorted({leaf_of(field) for field in fields}, key=str))
    if sum(any(isinstance(hop, Each) for hop in leaf.hops) for leaf in leaves) > 1:
        return None  # copies cross the elements of one list with those of another
    value = lower(node, _Reader(bindings, lists, leaves).read, lists)
    if len(value.text) > _LONGEST or NOW in value.text or SEED in value.text:
        return None
    return Computed(leaves, value, _KINDS[node.type.kind], node.type.zero)


def is_scalar(field: ex.Field, variable: str) -> bool:
    """Say whether a field of a variable is read value by value."""
    return field.variable == variable and not field.is_whole_list and field.path.type.kind in CARRIED_AS


def leaf_of(field: ex.Field) -> Leaf:
    """Return where the values of a field come from."""
    kind = CARRIED_AS[field.path.type.kind]
    place = access(field.path.steps, kind)
    return Leaf(place.column, place.hops, kind, field.path.type.zero)


def _parts(node: ex.Expression, bindings: Bindings) -> Iterator[ex.Expression]:
    """Yield an expression and everything below it, with the values of placeholders in their place."""
    for part in ex.walk(node):
        bound = bindings.get(part.name) if isinstance(part, ex.Placeholder) else None
        yield from [part] if bound is None else ex.walk(bound)


def _lists(parts: Collection[ex.Expression], entries: Entries) -> Lists | None:
    """Return the lists in which parts are looked up; None if one is not known, too long, or not of texts."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        if isinstance(part, ex.Membership):
            name = part.list_name if part.column is None else f"{part.list_name}.{part.column}"
            known = entries(name)
            if known is None or len(known) > _MOST_ENTRIES or part.kind == "number":
                return None
            found[name] = tuple(known)
    return Lists(found)


@dataclass(frozen=True, slots=True)
class _Reader:
    bindings: Bindings
    lists: Lists
    leaves: tuple[Leaf, ...]

    def read(self, node: Read) -> Sql:
        match node:
            case ex.Field():
                return sql.name(column(self.leaves.index(leaf_of(node))))
            case ex.Placeholder(name=name) if (bound := self.bindings.get(name)) is not None:
                return lower(bound, self.read, self.lists)
            case _:
                raise AssertionError(f"{type(node).__name__} has no value in sift")
