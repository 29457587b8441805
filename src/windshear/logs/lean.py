"""Lean statements: a statement without what no record seen so far has.

A declaration says what records of a type may hold, and most have a third of it. What is worked out of places that no
record of a sample has is left out: the lean statement only looks whether a record has any of them after all, and gives
a verdict of its own for it. Such records are read by the whole statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.reduction import Reduction, is_constant, nothing
from windshear.logs.decoded_commands import STRICT_FUNCTIONS as DECODING
from windshear.logs.macros import STRICT_FUNCTIONS
from windshear.logs.parser import Shape
from windshear.logs.values import ABSENT, Each, Reading, Value


@dataclass(slots=True)
class Leaner:
    """Leaves out of values what is worked out of readings that are not there.

    joining: names of functions that join labels, as they are called.
    """

    shape: Shape
    unseen: Collection[Reading]
    joining: Collection[str]
    reduction: Reduction = field(init=False)
    _known: dict[Reading, Reading | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.reduction = Reduction({**STRICT_FUNCTIONS, **DECODING}, self.joining)
        for reading in self.unseen:
            is_list = any(isinstance(step, Each) for step in reading.path)
            self.reduction.know(sql.name(reading.column), nothing("VARCHAR[]" if is_list else "VARCHAR"))
            self._known[reading] = None

    def values(self, chosen: Mapping[str, Value]) -> dict[str, Value]:
        """Return what is left of the columns of a statement; those that are a constant now are known as such."""
        left = {name: self._left(value) for name, value in chosen.items()}
        for name, value in left.items():
            if is_constant(value.sql):
                self.reduction.know(sql.name(name), value.sql)
        return left

    def _left(self, value: Value) -> Value:
        left = [self._reading(reading) for reading in value.reads]
        reduced = self.reduction.reduced(value.sql)
        names = sql.names_in(reduced)  # a fragment of SQL keeps the names of readings that are left out elsewhere
        readings = {*value.reads, *(reading for reading in left if reading is not None)}
        return Value(reduced, frozenset(reading for reading in readings if sql.name(reading.column).text in names))

    def _reading(self, reading: Reading) -> Reading | None:
        """Return a reading, with what is left of it if it is made of others; None if it holds the same in every row."""
        if reading in self._known:
            return self._known[reading]
        found: Reading | None
        found, made = reading, self.shape.made_of(reading)
        if made is not None:
            left = ABSENT if reading.among in self.unseen else self._left(made)
            if is_constant(left.sql):
                self.reduction.know(sql.name(reading.column), left.sql)
                found = None
            elif left.sql != made.sql:
                found = Reading((), made=left, among=reading.among)
                self.reduction.know(sql.name(reading.column), sql.name(found.column))
        self._known[reading] = found
        return found
