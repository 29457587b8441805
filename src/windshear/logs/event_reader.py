"""The escape hatch: log types whose records are read one by one, because no SQL expression can say how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from windshear.logs.parser import Shape

Event = dict[str, object]


@dataclass(frozen=True, slots=True)
class EventReader:
    """A log type read by a function that gives the canonical event of a parsed record, or why it is none."""

    log_type: str
    shapes: tuple[Shape, ...]
    read: Callable[[dict[str, object]], Event | str]

    def shape(self, name: str) -> Shape:
        """Return the shape of that name."""
        return next(shape for shape in self.shapes if shape.name == name)
