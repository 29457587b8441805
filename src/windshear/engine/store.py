"""Where candidates wait for settle: bounded in memory, spilling to disk.

Each event variable (slot) has a pile of candidates; a rule sees its piles as relations when it settles. Identities
are in a table of a DuckDB database of the store's own; byte-equal records are one event, the first that was stored.
Without sift every event is a candidate of every slot, so the slots share piles and nothing is stored twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from windshear.core import sql
from windshear.engine.identities import EVENT_ID, UDM
from windshear.engine.kernels import register
from windshear.engine.pile import Numbers, Pile, largest, schema_of
from windshear.engine.plan import slot_relation
from windshear.engine.settle import fields
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.working_database import lock, open_database
from windshear.udm.columns import Columns, merge
from windshear.udm.schema import Root

Row = tuple[object, ...]
_ROWS_AT_A_TIME = 10_000
_LOG_TYPE = sql.name("@log_type")
# Whoever takes in a raw record gives its event an id, which is bytes; what is UDM already has one, or none.
_WITH_ID = (
    f"REPLACE (CASE WHEN {_LOG_TYPE} = {sql.text(UDM)} THEN {sql.name(EVENT_ID)} "
    f"ELSE to_base64(unhex({sql.name(fields.IDENTITY)})) END AS {sql.name(EVENT_ID)})"
)


class SettleError(Exception):
    """A query of a rule failed."""


class TooMuchMemoryError(SettleError):
    """A query of a rule needs more memory than the store may take."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An event variable of a plan, which records it ranges over and what it reads of them.

    is_kept: its rule settles only at the end of the input. reads_identity: statements see who each candidate is.
    has_own: it has candidates that others over the same records do not have.
    """

    number: int
    columns: Columns
    is_kept: bool
    source: Root = "udm"
    reads_identity: bool = False
    has_own: bool = False

    @property
    def reads_id(self) -> bool:
        """Whether statements read the id that an event has in UDM."""
        return self.source == "udm" and EVENT_ID in self.columns

    @property
    def schema(self) -> pa.Schema:
        """The columns of its candidates."""
        return schema_of(self.columns, self.source)


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """memory: of the database. waiting_bytes: of candidates in memory, all piles together.

    now_seconds, seed: what rules see as the time of the run, and what their random numbers depend on. pairs:
    combinations of events that the joins of one rule may compare.
    """

    memory: str = "160MB"
    threads: int = 1
    now_seconds: int = 0
    seed: int = 0
    waiting_bytes: int = 32_000_000
    pairs: int = 500_000_000


class CandidateStore:
    """The candidates of one run, and the database in which rules settle over them."""

    def __init__(self, directory: Path, slots: Sequence[Slot], limits: StoreLimits, *, shares_piles: bool) -> None:
        """Open an empty store below `directory`."""
        self._directory = directory
        self.limits = limits
        self._slots = {slot.number: slot for slot in slots}
        self._piles = _piles(slots, shares_piles=shares_piles)
        self._file_count = 0
        self._connection = _connect(directory, limits)
        self._repeats: Numbers = np.zeros(0, np.int64)
        self.duplicates = 0

    def add_identities(self, identities: pa.Table) -> None:
        """Store who the next candidates are; those stored before are repeats, and `add` leaves them out."""
        self._insert(IDENTITIES, identities)
        number, partition = sql.name(fields.NUMBER), fields.partition(sql.name(fields.NUMBER))
        place = sql.binary("&", number, sql.integer(2**fields.PARTITION_BITS - 1))  # consecutive over partitions
        first = int(identities.column(fields.NUMBER)[0].as_py()) & 2**fields.PARTITION_BITS - 1
        repeats = self.rows(
            f"SELECT {number} FROM (SELECT {number}, "
            f"row_number() OVER (PARTITION BY id, {partition} ORDER BY {number}) AS nth "
            f"FROM {IDENTITIES} WHERE id IN (SELECT id FROM {IDENTITIES} WHERE {place} >= {first})) "
            f"WHERE nth > 1 AND {place} >= {first}"
        )
        self._repeats = np.array(repeats, np.int64).reshape(-1)
        self.duplicates += len(repeats)

    def add(self, events: pa.Table, hits: Mapping[int, Numbers]) -> dict[int, int]:
        """Store the rows of `events` that hit each slot, repeats left out; return how many are stored per slot."""
        if len(self._repeats):
            is_new = np.isin(events.column(fields.NUMBER).to_numpy(), self._repeats, invert=True)
            hits = {slot: rows[is_new[rows]] for slot, rows in hits.items()}
        piles = {id(self._piles[slot]): (self._piles[slot], rows) for slot, rows in hits.items()}
        every = {id(pile): pile for pile in self._piles.values()}.values()
        for pile, rows in piles.values():
            pile.add(events, rows)
            for full in largest(every, self.limits.waiting_bytes):  # at once: a batch may fill hundreds of piles
                full.write(self._new_file())
        return {slot: len(rows) for slot, rows in hits.items()}

    def waiting(self, slot: int) -> int:
        """Return the number of candidates of a slot."""
        return self._piles[slot].row_count

    def open(self, slots: Iterable[int], since: int | None = None) -> None:
        """Make the candidates of some slots visible to statements; with `since` (µs) only those from then on."""
        for number in slots:
            slot, files = self._slots[number], self._piles[number].files(self._new_file())
            columns = ", ".join(sql.name(name).text for name in slot.schema.names)
            listed = sql.list_of(sql.text(str(file)) for file in files)
            view = sql.name(slot_relation(number))
            events = f"SELECT {columns} FROM read_parquet({listed})"
            if since is not None:
                events += f" WHERE {sql.binary('>=', sql.name(fields.TIME), sql.integer(since))}"
            if slot.reads_identity or slot.reads_id:
                number_and_id = f"{sql.name(fields.NUMBER)}, id AS {sql.name(fields.IDENTITY)}, log_type AS {_LOG_TYPE}"
                identities = f"(SELECT {number_and_id} FROM {IDENTITIES})"
                chosen = f"* EXCLUDE {_LOG_TYPE} {_WITH_ID if slot.reads_id else ''}"
                events = f"SELECT {chosen} FROM ({events}) JOIN {identities} USING ({sql.name(fields.NUMBER)})"
            self._run(f"CREATE OR REPLACE TEMP VIEW {view} AS {events}")

    def clear(self, slots: Iterable[int]) -> None:
        """Forget the candidates of some slots."""
        for slot in slots:
            self._piles[slot].clear()

    def rows(self, statement: str, **relations: pa.Table) -> list[Row]:
        """Run a query, with Arrow tables in scope under the given names, and return its rows."""
        return list(self.stream(statement, **relations))

    def stream(self, statement: str, **relations: pa.Table) -> Iterator[Row]:
        """Run a query as `rows` does and yield its rows; nothing else may run before all are taken."""
        for name, table in relations.items():
            self._connection.register(name, table)
        try:
            found = self._connection.execute(statement)
            while rows := found.fetchmany(_ROWS_AT_A_TIME):
                yield from rows
        except duckdb.Error as error:
            raise self._failure(error) from error
        finally:
            for name in relations:
                self._connection.unregister(name)

    def add_table(self, relation: str, rows: pa.Table) -> None:
        """Make a table of the run's context visible to statements under a name."""
        named = rows.rename_columns([sql.folded(name) for name in rows.column_names])
        self._connection.register("incoming", named)
        try:
            self._run(f"CREATE TABLE {sql.name(relation)} AS SELECT * FROM incoming")
        finally:
            self._connection.unregister("incoming")

    def add_stream(self, relation: str, rows: pa.RecordBatchReader) -> None:
        """Make rows that need not fit into memory visible to statements under a name."""
        self._connection.register("incoming", rows)
        try:
            self._run(f"CREATE TABLE {sql.name(relation)} AS SELECT * FROM incoming")
        finally:
            self._connection.unregister("incoming")

    def keep(self, relation: str, statement: str) -> None:
        """Run a query and keep its rows under a name, for later statements."""
        self._run_of_rule(f"CREATE TABLE {sql.name(relation)} AS {statement}")

    def keep_more(self, relation: str, statement: str) -> None:
        """Run a query and add its rows to those kept under a name."""
        self._run_of_rule(f"INSERT INTO {sql.name(relation)} {statement}")

    def drop(self, relation: str) -> None:
        """Forget the rows kept under a name, if there are any."""
        self._run(f"DROP TABLE IF EXISTS {sql.name(relation)}")

    def _run_of_rule(self, statement: str) -> None:
        try:
            self._run(statement)
        except duckdb.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: duckdb.Error) -> SettleError:
        """Say why a statement failed, in words for whoever wrote the rule."""
        if isinstance(error, duckdb.OutOfMemoryException):
            return TooMuchMemoryError(
                f"it needs more than the {self.limits.memory} of memory that rules may take; narrower filters, a "
                "shorter window or fewer outcomes take less"
            )
        return SettleError(str(error).splitlines()[0].removeprefix("Invalid Input Error: "))

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _new_file(self) -> Path:
        self._file_count += 1
        return self._directory / f"{self._file_count}.parquet"

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._connection.register("incoming", rows)
        try:
            self._run(f"INSERT INTO {table} SELECT * FROM incoming")
        finally:
            self._connection.unregister("incoming")

    def _run(self, statement: str) -> None:
        self._connection.execute(statement)


def _piles(slots: Sequence[Slot], *, shares_piles: bool) -> dict[int, Pile]:
    if not shares_piles:
        return {slot.number: Pile(slot.schema) for slot in slots}
    # Each rule may see other detections than the next, so their slots share nothing.
    piles = {slot.number: Pile(slot.schema) for slot in slots if slot.source == "detection" or slot.has_own}
    shared: dict[tuple[Root, bool], list[Slot]] = {}
    for slot in slots:
        if slot.number not in piles:
            shared.setdefault((slot.source, slot.is_kept), []).append(slot)
    for (source, _), members in shared.items():
        pile = Pile(schema_of(merge(slot.columns for slot in members), source))
        piles |= {slot.number: pile for slot in members}
    return piles


def _connect(directory: Path, limits: StoreLimits) -> duckdb.DuckDBPyConnection:
    """Open the settle database: it sees the files of its own directory and nothing else."""
    connection = open_database(directory, "candidates", limits.memory, limits.threads)
    register(connection, limits.now_seconds, limits.seed)
    # Estimates fall with every filter of a rule, so the optimiser would build tables of whole joins, taking them for a
    # handful of rows. Statements are written in an order that builds tables of single relations only.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    # By the same estimates it would take the left side of an ASOF join for a few rows, and make a loop over both sides.
    connection.execute("SET asof_loop_join_threshold = 0")
    connection.execute("SET TimeZone = 'UTC'")
    lock(connection, directory)
    connection.execute(
        f"CREATE TABLE {IDENTITIES} ({sql.name(fields.NUMBER)} BIGINT, id VARCHAR, time BIGINT, log_type VARCHAR, "
        "product_log_id VARCHAR, source VARCHAR)"
    )
    return connection
