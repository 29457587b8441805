"""Assembly: lists of labels, and messages that hold such lists, put together from plain columns.

A rule asks for a label by its key, which is a column of its own and stays in SQL. A whole list is wanted for the few
events that somebody looks at; building it in SQL made statements ten times slower to plan, so it is built here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from windshear.logs.flatten import flatten
from windshear.logs.pairs import pairs_of
from windshear.logs.parser import Pairs
from windshear.udm.columns import MessagesColumn, arrow_type

Label = dict[str, object]
Cells = Mapping[str, Sequence[object]]
Texts = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class LabelList:
    """A list of labels: keys with the columns of their values, and columns that give several each.

    Those are of JSON (flattened), of keys and values (pairs), or of texts whose keys are a prefix and their number.
    """

    entries: tuple[tuple[str, str], ...]
    flattened: tuple[tuple[str, str], ...]
    pairs: tuple[tuple[Pairs, str, str], ...] = ()
    numbered: tuple[tuple[str, str], ...] = ()

    def columns(self) -> list[str]:
        """Return the names of the columns that it is made of."""
        return [*(column for _, column in self.entries), *self.columns_of_several()]

    def columns_of_several(self) -> list[str]:
        """Return the names of the columns that give several labels each."""
        single = (column for _, column in (*self.flattened, *self.numbered))
        return [*single, *(column for _, *columns in self.pairs for column in columns)]

    def build(self, cells: Cells, count: int) -> list[list[Label]]:
        """Return the labels of each row; most columns have a value in few of them."""
        labels: list[list[Label]] = [[] for _ in range(count)]
        for key, column in self.entries:
            for row, value in _filled(cells[column]):
                labels[row].append({"key": key, "value": value})
        for row, found in enumerate(self.several(cells, count)):
            labels[row] += [{"key": key, "value": value} for key, value in found]
        return labels

    def several(self, cells: Cells, count: int) -> list[list[tuple[str, str]]]:
        """Return the keys and values of each row that come from columns that give several."""
        labels: list[list[tuple[str, str]]] = [[] for _ in range(count)]
        for prefix, column in self.flattened:
            for row, document in _filled(cells[column]):
                labels[row] += flatten(prefix, str(document))
        for pairs, keys, values in self.pairs:
            for row, (named, valued) in enumerate(zip(cells[keys], cells[values], strict=True)):
                if named is not None and valued is not None:
                    labels[row] += pairs_of(pairs, cast("Texts", named), cast("Texts", valued))
        for prefix, column in self.numbered:
            for row, texts in _filled(cells[column]):
                named = enumerate(cast("Texts", texts))
                labels[row] += [(f"{prefix}{number}", text) for number, text in named if text]
        return labels


def _filled(column: Sequence[object]) -> list[tuple[int, object]]:
    return [(row, value) for row, value in enumerate(column) if value is not None]


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

    def build(self, cells: Cells, count: int) -> list[dict[str, object] | None]:
        """Return the message of each row, None where there is none."""
        members = [
            (name, cells[part] if isinstance(part, str) else part.build(cells, count)) for name, part in self.members
        ]
        # An empty list of labels is none.
        return [
            {name: None if column[row] == [] else column[row] for name, column in members} if exists else None
            for row, exists in enumerate(cells[self.exists])
        ]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A column to put together: a list of labels, or of messages."""

    name: str
    column: MessagesColumn
    parts: LabelList | tuple[MessageParts, ...]

    def build(self, cells: Cells, count: int) -> list[list[dict[str, object]]]:
        """Return the column's cells."""
        if isinstance(self.parts, LabelList):
            return self.parts.build(cells, count)
        parts = [part.build(cells, count) for part in self.parts]
        return [[message for message in row if message is not None] for row in zip(*parts, strict=True)]

    def columns(self) -> list[str]:
        """Return the names of the columns that it is made of."""
        if isinstance(self.parts, LabelList):
            return self.parts.columns()
        return [column for part in self.parts for column in part.columns()]


def assemble(table: pa.Table, assemblies: Sequence[Assembly]) -> pa.Table:
    """Return the table with the assembled columns added."""
    for assembly in assemblies:
        cells = {name: table.column(name).to_pylist() for name in assembly.columns()}
        built = assembly.build(cells, table.num_rows)
        table = table.append_column(assembly.name, pa.array(built, arrow_type(assembly.column)))
    return table
