"""What a rule does with data tables beyond reading them: it changes the graph that it sees, and writes rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as Choice

from windshear.language.expressions import Expression, Literal, OutcomeVariable, Placeholder
from windshear.language.source import Span
from windshear.language.tables import TableColumn

GraphOperation = Choice["append", "override", "exclude"]
Written = Literal | OutcomeVariable | Placeholder


@dataclass(frozen=True, slots=True)
class GraphChange:
    """One operation of the setup section: what one variable's entities become before anything else is asked of them.

    condition: which entities and rows of the table belong together; it reads fields of `variable` and of the row's
    variable (see `windshear.language.tables.row_variable`). None for `append`, which takes every row. columns: those
    that are mapped to a field, which say something of an entity; empty for `exclude`, and where the table is not known.
    """

    operation: GraphOperation
    variable: str
    table: str
    condition: Expression | None
    columns: Mapping[str, TableColumn]
    span: Span


@dataclass(frozen=True, slots=True)
class TableWrite:
    """The export section: the row that each detection writes to a table, as values by column in written order.

    A placeholder among the values is a match key.
    """

    table: str
    values: Mapping[str, Written]
    span: Span
