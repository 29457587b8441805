"""Requests: which flat column a path reads, and how to go on from there.

A resolved path becomes a column of the contract in `windshear.udm.columns` and the hops that lead from one cell of
that column to the value: unnest a list, take an element, take a member of a flat message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn, ScalarKind
from windshear.udm.paths import LeafKind, StepLike, path_text

# The event's time is stored once, as microseconds; whoever reads these two can derive them from it.
EVENT_SECONDS = "metadata.event_timestamp.seconds"
EVENT_NANOS = "metadata.event_timestamp.nanos"

_SCALARS: dict[LeafKind, ScalarKind] = {
    "string": "text",
    "bytes": "text",
    "enum": "text",
    "int": "int",
    "uint": "uint",
    "float": "float",
    "bool": "bool",
}


@dataclass(frozen=True, slots=True)
class Each:
    """Go through the elements of a list: one level of unnesting, named by the path so far (`about.ip`)."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Element:
    """Take one element of a list, counted from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class Member:
    """Take a member of a flat message; its name may be dotted (`user.userid`)."""

    name: str


Hop = Each | Element | Member


@dataclass(frozen=True, slots=True)
class Access:
    """A column to ask for, with what this path needs of it, and the hops from its cell to the value."""

    column: str
    column_type: Column
    hops: tuple[Hop, ...]

    @property
    def request(self) -> dict[str, Column]:
        """The column as a request, ready for `columns.merge`."""
        return {self.column: self.column_type}


def scalar_kind(leaf: LeafKind) -> ScalarKind:
    """Return how a leaf is carried in a column. A message is no leaf and has none (KeyError)."""
    return _SCALARS[leaf]


def reads_map(column: str) -> bool:
    """Say whether a column is one entry of a map, a label among them.

    >>> reads_map('additional.fields["k"]'), reads_map("principal.ip")
    (True, False)
    """
    return "[" in column


def access(steps: Sequence[StepLike], kind: ScalarKind) -> Access:
    """Return the column that holds the values at the end of resolved steps, carried as `kind`.

    A path with a map key is one column named by the whole path.
    """
    if any(step.key is not None for step in steps):
        return _keyed(steps, kind)
    name, column, hops = _flat(steps, kind, "")
    return Access(name, column, hops)


def _keyed(steps: Sequence[StepLike], kind: ScalarKind) -> Access:
    """Return the access of a map read: one scalar, or a list inside a detection's typed variable."""
    name = path_text(steps)
    keyed = max(position for position, step in enumerate(steps) if step.key is not None)
    if any(step.is_repeated for step in steps[keyed + 1 :]):
        return Access(name, ListColumn(kind), (Each(name),))
    return Access(name, ScalarColumn(kind), ())


def _flat(steps: Sequence[StepLike], kind: ScalarKind, above: str) -> tuple[str, Column, tuple[Hop, ...]]:
    """Return name, column and hops of steps below one message; `above` is the prefix of that message."""
    names: list[str] = []
    for position, step in enumerate(steps):
        names.append(step.name)
        if not step.is_repeated:
            continue
        name = ".".join(names)
        prefix = above + name
        hop: Hop = Each(prefix) if step.index is None else Element(step.index)
        rest = steps[position + 1 :]
        if not rest:
            return name, ListColumn(kind), (hop,)
        member, column, hops = _flat(rest, kind, prefix + ".")
        return name, MessagesColumn({member: column}), (hop, Member(member), *hops)
    return ".".join(names), ScalarColumn(kind), ()
