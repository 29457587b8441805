"""What the checker knows of data tables: the columns of each, with the type and the shape of their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from windshear.language.entity_fields import EntityField
from windshear.language.types import FLOAT, STRING, Type

ColumnType = Literal["string", "number", "regex", "cidr", "until"]
COLUMN_TYPES: tuple[ColumnType, ...] = ("string", "number", "regex", "cidr", "until")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a data table.

    is_repeated: a cell may hold several values, written with `|` between them. is_key: one of the columns that
    identify a row, which a rule that writes rows has to give. field: the field of entities that the column is mapped
    to, for rules that change the entity graph by the table.
    """

    type: ColumnType
    is_repeated: bool = False
    is_key: bool = False
    field: EntityField | None = None

    @property
    def value_type(self) -> Type:
        """The type of one value of a cell: a float for numbers; texts, patterns, ranges and dates are strings."""
        return FLOAT if self.type == "number" else STRING

    @property
    def tested_as(self) -> Literal["string", "number", "regex", "cidr"]:
        """How a value is looked up in the column; dates are texts to rules."""
        return "string" if self.type == "until" else self.type


TableSchema = Mapping[str, TableColumn]
TableSchemas = Mapping[str, TableSchema]


def row_variable(table: str) -> str:
    """Name the variable that stands for the row of a table to which a rule joins; no event variable is called so.

    >>> row_variable("admins")
    '%admins'
    """
    return "%" + table


def joined_table(variable: str) -> str:
    """Return the table for whose row a variable stands.

    >>> joined_table("%admins")
    'admins'
    """
    return variable.removeprefix("%")
