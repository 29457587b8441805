"""Assembly: lists of labels, and messages that hold such lists, put together from plain columns.

A rule asks for a label by its key, which is a column of its own and stays in SQL. A whole list is wanted for the few
events that somebody looks at; building it in SQL made statements ten times slower to plan, so it is built here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from windshear.logs.flatten import flatten
from windshear.logs.pairs import numbered_in, pairs_of
from windshear.logs.parser import Numbered, Pairs
from windshear.udm.columns import MessagesColumn, arrow_type

Label = dict[str, object]
Cells = Mapping[str, Sequence[object]]


@dataclass(frozen=True, slots=True)
class LabelList:
    """A list of labels: keys with the columns of their values, and columns of JSON or text that give several each."""

    entries: tuple[tuple[str, str], ...]
    flattened: tuple[tuple[str, str], ...]
    pairs: tuple[tuple[Pairs, tuple[str, ...]], ...] = ()
    numbered: tuple[tuple[Numbered, str], ...] = ()

    def columns(self) -> list[str]:
        """Return the names of the columns that it is made of."""
        single = (column for _, column in (*self.entries, *self.flattened, *self.numbered))
        return [*single, *(column for _, columns in self.pairs for column in columns)]

    def build(self, cells: Cells, row: int) -> list[Label]:
        """Return the labels of one row."""
        labels: list[Label] = [
            {"key": key, "value": value} for key, column in self.entries if (value := cells[column][row]) is not None
        ]
        for prefix, column in self.flattened:
            document = cells[column][row]
            if document is not None:
                labels += ({"key": key, "value": value} for key, value in flatten(prefix, str(document)))
        for pairs, columns in self.pairs:
            found = [cells[column][row] for column in columns]
            if None not in found:
                labels += [{"key": key, "value": value} for key, value in pairs_of(pairs, found)]
        for numbered, column in self.numbered:
            text = cells[column][row]
            if text is not None:
                labels += ({"key": key, "value": value} for key, value in numbered_in(numbered, str(text)))
        return labels


@dataclass(frozen=True, slots=True)
class MessageParts:
    """One message: the column that tells whether it exists, and its members."""

    exists: str
    members: tuple[tuple[str, str | LabelList], ...]

    def columns(self) -> list[str]:
        """Return the names of the columns that it is made of."""
        found = [self.exists]
        for _, part in self.members:
            found += [part] if isinstance(part, str) else part.columns()
        return found

    def build(self, cells: Cells, row: int) -> dict[str, object] | None:
        """Return the message of one row, if it exists."""
        if not cells[self.exists][row]:
            return None
        return {
            name: cells[part][row] if isinstance(part, str) else part.build(cells, row) or None
            for name, part in self.members
        }


@dataclass(frozen=True, slots=True)
class Assembly:
    """A column to put together: a list of labels, or of messages."""

    name: str
    column: MessagesColumn
    parts: LabelList | tuple[MessageParts, ...]

    def build(self, cells: Cells, row: int) -> list[dict[str, object]]:
        """Return the column's cell of one row."""
        if isinstance(self.parts, LabelList):
            return self.parts.build(cells, row)
        return [message for part in self.parts if (message := part.build(cells, row)) is not None]

    def columns(self) -> list[str]:
        """Return the names of the columns that it is made of."""
        if isinstance(self.parts, LabelList):
            return self.parts.columns()
        return [column for part in self.parts for column in part.columns()]


def assemble(table: pa.Table, assemblies: Sequence[Assembly]) -> pa.Table:
    """Return the table with the assembled columns added."""
    for assembly in assemblies:
        cells = {name: table.column(name).to_pylist() for name in assembly.columns()}
        built = [assembly.build(cells, row) for row in range(table.num_rows)]
        table = table.append_column(assembly.name, pa.array(built, arrow_type(assembly.column)))
    return table
