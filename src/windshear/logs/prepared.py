"""Prepared statements over the records at hand: planned once, and run for every batch.

Planning one of our statements takes as long as thousands of records. DuckDB keeps the plan of a prepared statement only
if it reads no table and has no parameter, so these read the records of a batch through functions. A function also takes
what is large out of a statement: the result of a prepared statement is held twice before it is a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from windshear.core import sql
from windshear.core.collecting import without_collecting
from windshear.core.sql import Sql
from windshear.logs.label_texts import LabelFunction
from windshear.logs.record import Path

ROW_COLUMN = "row"
TEXT_COLUMN = "text"

_COUNT, _WIDTH, _TEXTS, _ASIDE = "count_of_records", "records_in_a_vector", "texts_of_records", "set_aside"
_VECTOR = 2048  # rows that DuckDB works on together
_FEWEST = 65  # in a vector: fewer are put together again
_VECTOR_BYTES = 1 << 20
# Each layer of a statement holds the texts of a vector. So of large records fewer come in one: the rest of its rows are
# left out.
_BATCH = sql.raw(f"(SELECT {_COUNT}() AS count, {_WIDTH}() AS width)")
_PLACES = sql.select(
    [sql.raw("*"), sql.raw(f"unnest(range((count + width - 1) // width * {_VECTOR})) AS place")], _BATCH
)
_ROW = f"place // {_VECTOR} * width + place % {_VECTOR}"
_ROWS = sql.select(
    [sql.raw(f"{_ROW} AS {ROW_COLUMN}")], sql.raw(f"{_PLACES} WHERE place % {_VECTOR} < width AND {_ROW} < count")
)
# The records at hand as a table of their number in the batch and their text.
RECORDS = sql.select([sql.raw(ROW_COLUMN), sql.raw(f"{_TEXTS}({ROW_COLUMN}) AS {TEXT_COLUMN}")], _ROWS)


def set_aside(text: Sql) -> Sql:
    """Give the last column of a statement, a text, past its result."""
    return sql.call(_ASIDE, text)


@dataclass(frozen=True, slots=True)
class Given:
    """A statement over values of records that their reader gives instead of their texts.

    function: returns the values of a record at hand, as a structure. places: where in a record its members stand.
    """

    function: str
    places: Sequence[Path]
    text: str

    def records(self, values: Mapping[Path, pa.Array], count: int) -> pa.StructArray:
        """Return the values of some records as the function gives them."""
        row = pa.array(np.arange(count))
        members = [row, *(values[place] for place in self.places)]
        return pa.StructArray.from_arrays(members, [ROW_COLUMN, *map(_member, range(len(self.places)))])


def _member(place: int) -> str:
    return f"place{place}"


def given_records(function: str, columns: Mapping[str, int]) -> Sql:
    """Return the records at hand as a table of their number in the batch and of members of what a function gives."""
    given = "given"
    values = sql.aliased(sql.raw(f"{function}({ROW_COLUMN})"), given)
    items = [sql.aliased(sql.member(sql.name(given), _member(place)), name) for name, place in columns.items()]
    return sql.select([sql.raw(ROW_COLUMN), *items], sql.select([sql.raw(ROW_COLUMN), values], _ROWS))


@dataclass(slots=True)
class _AtHand:
    """The records at hand, and the texts that a statement has set aside of them.

    The functions of a connection know nothing else, for it holds them: if they knew it, it would never be let go.
    """

    texts: pa.StringArray | pa.StructArray = field(default_factory=lambda: pa.array([], pa.string()))
    aside: list[pa.Array] = field(default_factory=list)

    def texts_of(self, rows: pa.ChunkedArray) -> pa.Array:
        """Return the texts of rows that follow each other, as the table of records has them."""
        return self.texts.slice(rows[0].as_py(), len(rows))

    def set_aside(self, texts: pa.ChunkedArray) -> pa.Array:
        """Take the texts of rows that follow each other, and give none."""
        self.aside += texts.chunks
        return pa.nulls(len(texts), pa.string())

    def clear(self) -> None:
        """Let go of the records."""
        self.texts, self.aside = pa.array([], pa.string()), []


class Prepared:
    """Runs statements over `RECORDS` on a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the functions known to the connection, which no other may be on."""
        self._connection = connection
        self._at_hand = at_hand = _AtHand()
        self._names: dict[str, str] = {}
        self._functions: set[str] = set()
        connection.create_function(_COUNT, lambda: len(at_hand.texts), [], "BIGINT", side_effects=True)
        connection.create_function(_WIDTH, lambda: _width(at_hand.texts), [], "BIGINT", side_effects=True)
        connection.create_function(
            _TEXTS, at_hand.texts_of, ["BIGINT"], "VARCHAR", type=PythonUDFType.ARROW, side_effects=True
        )
        connection.create_function(
            _ASIDE,
            at_hand.set_aside,
            ["VARCHAR"],
            "VARCHAR",
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
            side_effects=True,
        )

    def learn(self, functions: Iterable[LabelFunction]) -> None:
        """Make functions known to the connection unless it knows them by their names."""
        for function in functions:
            if function.name not in self._functions:
                self._functions.add(function.name)
                self._connection.create_function(
                    sql.folded(function.name),
                    function.column,
                    None,  # as many arguments as it is given
                    "VARCHAR",
                    type=PythonUDFType.ARROW,
                    null_handling=FunctionNullHandling.SPECIAL,
                )

    def run_given(self, given: Given, values: Mapping[Path, pa.Array], count: int) -> pa.Table:
        """Return what a statement gives for the values of some records."""
        if given.function not in self._functions:
            self._functions.add(given.function)
            members = {ROW_COLUMN: "BIGINT"} | {_member(place): "VARCHAR" for place in range(len(given.places))}
            self._connection.create_function(
                given.function,
                self._at_hand.texts_of,
                ["BIGINT"],
                self._connection.struct_type(members),
                type=PythonUDFType.ARROW,
                side_effects=True,
            )
        return self.run(given.text, given.records(values, count))

    def run(self, statement: str, texts: pa.StringArray | pa.StructArray) -> pa.Table:
        """Return what a statement gives for some records: their texts, or the values that it reads as given."""
        name = self._names.get(statement)
        if name is None:
            name = f"statement_{len(self._names)}"
            self._connection.execute(f"PREPARE {name} AS {statement}")
            self._names[statement] = name
        self._at_hand.texts = texts
        try:
            with without_collecting():  # functions in Python make lists of whole columns
                table = self._connection.sql(f"EXECUTE {name}").to_arrow_table()
            if self._at_hand.aside:
                last = table.num_columns - 1
                table = table.set_column(last, table.field(last), pa.chunked_array(self._at_hand.aside))
            return table
        finally:
            self._at_hand.clear()


def _width(texts: pa.StringArray | pa.StructArray) -> int:
    """Return how many of some records are worked on together."""
    fitting: int = _VECTOR_BYTES * len(texts) // max(texts.nbytes, 1)
    return max(_FEWEST, min(_VECTOR, fitting))
