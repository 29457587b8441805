"""Normalise: from batches of raw records of one log type to flat UDM columns.

`Normaliser` holds what must live longer than a batch: the DuckDB connection and the compiled statements. The
connection opens no file and loads no extension; it only sees the batches that are handed to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from windshear.core import sql
from windshear.logs.assembly import assemble
from windshear.logs.catalogue import parser_of
from windshear.logs.decoded_commands import register_decoding
from windshear.logs.depth import deeper_than
from windshear.logs.event_reader import Event, EventReader
from windshear.logs.known import Known, known_of
from windshear.logs.macros import MACROS
from windshear.logs.normalised import (
    MOST_DEPTH,
    NormalisedBatch,
    json_problem,
    quarantined_record,
    read_events,
    read_one,
    too_deep,
)
from windshear.logs.parser import LogParser, Shape
from windshear.logs.prepared import ROW_COLUMN, Prepared
from windshear.logs.record import Indices, RecordBatch, batch_of
from windshear.logs.statement import (
    FIRST_REQUIREMENT,
    NO_TIME,
    NOT_JSON,
    NOT_PLAIN,
    NOT_RECOGNISED,
    SEVERAL,
    TIME_COLUMN,
    VERDICT_COLUMN,
    Filled,
    GivenStatement,
    Statement,
    all_columns,
    compile_given,
    compile_statement,
)
from windshear.udm.columns import Columns
from windshear.udm.nesting import from_row

# With all optimisers, long statements take longer to plan, and some run three times as long.
_OPTIMISERS = {"expression_rewriter", "common_subexpressions", "unused_columns"}


# Before the database takes more than this at once, as it does for a large record, it gives back what it has free.
_MUCH = "24MB"


def ingest_connection(threads: int = 1, memory_limit: str = "1GB") -> duckdb.DuckDBPyConnection:
    """Open a connection that sees nothing but what is registered with it."""
    connection = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory_limit,
            "allocator_bulk_deallocation_flush_threshold": _MUCH,
            "enable_external_access": False,
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": True,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    for macro in MACROS:
        connection.execute(macro)
    register_decoding(connection)
    names = [name for (name,) in connection.execute("SELECT * FROM duckdb_optimizers()").fetchall()]
    others = ",".join(name for name in names if name not in _OPTIMISERS)
    connection.execute(f"SET disabled_optimizers = {sql.text(others)}")
    connection.execute("SET lock_configuration = true")
    return connection


# What a statement fills, what it gives for each record, and the records that are nested too deeply to be read.
_Read = tuple[Filled, pa.Table, Indices]


class Normaliser:
    """Turns batches of raw records into UDM columns."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection | None = None, mappings: Mapping[str, str] | None = None
    ) -> None:
        """Use a connection of `ingest_connection`, by default a new one with one thread.

        mappings: the form of its fields that a log type is to have, where it is not the usual one.
        """
        self._mappings = mappings or {}
        self._connection = ingest_connection() if connection is None else connection
        self._prepared = Prepared(self._connection)
        self._statements: dict[tuple[str, str, bool, int], tuple[Columns, Statement]] = {}
        self._givens: dict[tuple[str, str, int], tuple[Columns, GivenStatement | None]] = {}
        self._tolerant: set[str] = set()  # strict statements that met something that is not JSON
        self._whole: dict[str, Columns] = {}

    def normalise(
        self, batch: RecordBatch, log_type: str, columns: Columns, shape: str | None = None
    ) -> NormalisedBatch:
        """Return the events of a batch whose records are of one log type, with the columns asked for.

        Without a shape, records of every shape that the log type knows are taken.
        """
        parser = self._parser(log_type)
        if isinstance(parser, EventReader):
            return read_events(batch, parser, columns)
        if shape is not None:
            return self._normalise(batch, parser, parser.shape(shape), columns)
        return self._any_shape(batch, parser, columns)

    def normalise_full(self, texts: Sequence[str], log_type: str) -> list[Event | None]:
        """Return the whole event of each record in canonical form; None where a record is no event."""
        parser = self._parser(log_type)
        if isinstance(parser, EventReader):
            return [event if isinstance(event, dict) else None for event in (read_one(text, parser) for text in texts)]
        columns = self._whole.setdefault(log_type, all_columns(parser))
        batch = batch_of(texts)
        result = self.normalise(batch, log_type, columns)
        events: list[Event | None] = [None] * len(batch)
        for row, cells in zip(result.rows, result.table.to_pylist(), strict=True):
            events[int(row)] = from_row(_present(cells), parser.root)
        return events

    def known(self, log_type: str, names: Collection[str]) -> Known:
        """Return what is known of some fields of the events of a log type before they are read."""
        return known_of(self._parser(log_type), names)

    def _parser(self, log_type: str) -> LogParser | EventReader:
        return parser_of(log_type, self._mappings.get(log_type))

    def _normalise(self, batch: RecordBatch, parser: LogParser, shape: Shape, columns: Columns) -> NormalisedBatch:
        given = self._given(batch, parser, shape, columns)
        filled, table, deep = given or self._read(batch, parser, shape, columns)
        quarantined = [quarantined_record(batch, int(index), too_deep()) for index in deep]
        shallow = np.setdiff1d(np.arange(len(batch), dtype=np.int64), deep, assume_unique=True)
        verdicts = table.column(VERDICT_COLUMN).to_numpy()
        strangers: list[int] = []
        for place in np.flatnonzero((verdicts != 0) & (verdicts != SEVERAL)):
            index = int(shallow[place])
            reason = _reason(int(verdicts[place]), batch.text(index), parser)
            if reason is None:
                strangers.append(index)
            else:
                quarantined.append(quarantined_record(batch, index, reason))
        accepted = np.flatnonzero(verdicts == 0)
        if len(accepted) < len(table):
            table = table.take(pa.array(accepted))
        for name, text in filled.constants.items():
            table = table.append_column(name, pa.repeat(text, len(table)))
        table = assemble(table, filled.assemblies).select([TIME_COLUMN, *filled.columns])
        quarantined.sort(key=lambda item: item.number)
        held = shallow[np.flatnonzero(verdicts == SEVERAL)]
        return NormalisedBatch(
            parser.log_type,
            table,
            shallow[accepted],
            tuple(quarantined),
            np.array(strangers, np.int64),
            ((shape, held),) if len(held) else (),
        )

    def _any_shape(self, batch: RecordBatch, parser: LogParser, columns: Columns) -> NormalisedBatch:
        parts: list[NormalisedBatch] = []
        left = np.arange(len(batch), dtype=np.int64)
        for shape in parser.shapes:
            part = self._normalise(batch.take(left) if parts else batch, parser, shape, columns)
            several = tuple((held_in, left[held]) for held_in, held in part.several)
            parts.append(replace(part, rows=left[part.rows], several=several))
            left = left[part.strangers]
            if not len(left):
                break
        rows = np.concatenate([part.rows for part in parts])
        table = pa.concat_tables([part.table for part in parts])
        if len(parts) > 1:
            order = np.argsort(rows, kind="stable")
            rows, table = rows[order], table.take(pa.array(order))
        quarantined = tuple(item for part in parts for item in part.quarantined)
        held = tuple(item for part in parts for item in part.several)
        return NormalisedBatch(parser.log_type, table, rows, quarantined, left, held)

    def _read(self, batch: RecordBatch, parser: LogParser, shape: Shape, columns: Columns) -> _Read:
        """Run the statement over the texts of records."""
        statement, texts = self._statement(parser, shape, columns), batch.texts
        deep = deeper_than(texts, MOST_DEPTH)
        if len(deep):
            texts = texts.take(pa.array(np.setdiff1d(np.arange(len(batch), dtype=np.int64), deep, assume_unique=True)))
        table = self._table(statement, texts)
        odd = np.flatnonzero(table.column(VERDICT_COLUMN).to_numpy() == NOT_PLAIN)
        if len(odd):
            table = self._with_rewritten(
                table, texts, odd, self._statement(parser, replace(shape, plain=None), columns)
            )
        return statement.filled, _in_order(table), deep

    def _with_rewritten(self, table: pa.Table, texts: pa.StringArray, odd: Indices, statement: Statement) -> pa.Table:
        """Replace some rows of a result by those of a statement that reads their records rewritten."""
        rows = table.column(ROW_COLUMN).to_numpy()[odd]
        rewritten = self._table(statement, texts.take(pa.array(rows)))
        number = rewritten.schema.get_field_index(ROW_COLUMN)
        places = pa.array(rows[rewritten.column(number).to_numpy()])
        rewritten = rewritten.set_column(number, ROW_COLUMN, places)
        kept = table.take(pa.array(np.setdiff1d(np.arange(len(table)), odd, assume_unique=True)))
        return pa.concat_tables((kept, rewritten))

    def _given(self, batch: RecordBatch, parser: LogParser, shape: Shape, columns: Columns) -> _Read | None:
        """Run the statements over values that a reader gives; None if it gives none."""
        held = batch.held
        if isinstance(held, pa.StringArray):
            return None
        key = (parser.log_type, shape.name, id(columns))
        known = self._givens.get(key)
        if known is None or known[0] is not columns:
            known = self._givens[key] = (columns, compile_given(parser, shape, columns, held.own))
        statement = known[1]
        if statement is None:
            return None
        values = held.values(statement.own.places, statement.shared.places)
        if values is None:
            return None
        table = _in_order(self._prepared.run_given(statement.own, values.own, len(batch)))
        shared = _in_order(self._prepared.run_given(statement.shared, values.shared, int(values.row_of.max()) + 1))
        shared = shared.take(pa.array(values.row_of))
        for name in shared.column_names:
            if name != ROW_COLUMN:
                table = table.append_column(name, shared.column(name))
        return statement.filled, table, np.zeros(0, np.int64)

    def _statement(self, parser: LogParser, shape: Shape, columns: Columns) -> Statement:
        key = (parser.log_type, shape.name, shape.plain is None, id(columns))
        known = self._statements.get(key)
        if known is None or known[0] is not columns:
            known = (columns, compile_statement(parser, shape, columns))
            self._prepared.learn(known[1].functions)
            self._statements[key] = known
        return known[1]

    def _table(self, statement: Statement, texts: pa.StringArray) -> pa.Table:
        """Run a statement as one that raises at what is not JSON, until it does: where one is, there are more."""
        texts = _as_read(texts, statement.shape)
        if statement.strict not in self._tolerant:
            try:
                return self._prepared.run(statement.strict, texts)
            except duckdb.InvalidInputException:
                self._tolerant.add(statement.strict)
        return self._prepared.run(statement.text, texts)


def _in_order(table: pa.Table) -> pa.Table:
    """Put the result of a statement into the order of the records, under the names that were asked for."""
    table = table.rename_columns([sql.unfolded(column) for column in table.column_names])
    order = table.column(ROW_COLUMN).to_numpy()
    return table if np.array_equal(order, np.arange(len(order))) else table.take(pa.array(np.argsort(order)))


def _as_read(texts: pa.StringArray, shape: Shape) -> pa.StringArray:
    """Give the texts that the statement reads."""
    rewrite = shape.rewrite
    return texts if rewrite is None else pa.array([rewrite(text) for text in texts.to_pylist()], pa.string())


def _reason(verdict: int, text: str, parser: LogParser) -> str | None:
    """Say why a record is no event; None for a JSON object that does not look like the log type."""
    if verdict in (NOT_JSON, NOT_RECOGNISED) and (verdict == NOT_JSON or not text.lstrip().startswith("{")):
        return json_problem(text)
    if verdict == NOT_RECOGNISED:
        return None
    if verdict == NO_TIME:
        return "no readable event time"
    return parser.requirements[verdict - FIRST_REQUIREMENT].reason


def _present(cells: Mapping[str, object]) -> dict[str, object]:
    """Leave out what is absent, and write a Struct's entries as the messages that they are."""
    present = {
        name: cell
        for name, cell in cells.items()
        if cell not in (None, "", 0, False, []) or (cell == 0 and name.endswith(_TIME_PARTS))
    }
    present[TIME_COLUMN] = cells[TIME_COLUMN]
    for name in _STRUCTS:
        entries = present.get(name)
        if isinstance(entries, list):
            first: dict[str, str] = {}
            for entry in entries:
                first.setdefault(entry["key"], entry["value"])
            present[name] = [{"key": key, "value.string_value": value} for key, value in first.items()]
    return present


_STRUCTS = ("additional.fields", "extracted.fields")
_TIME_PARTS = (".seconds", ".nanos")  # of a time or duration both are there, or none
