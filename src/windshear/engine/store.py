"""Where candidates wait for settle: a DuckDB database of its own, bounded in memory, spilling to disk.

Every added batch lands in the `batch_…` tables; rules without a match section settle on those. `keep` then moves what
windowed rules still need into the `kept_…` tables and empties the batch. Byte-equal records are one event: a later
occurrence loses its hits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from windshear.core import sql
from windshear.engine.settle.fields import TIME
from windshear.engine.settle.rows import NUMBER
from windshear.engine.settle.statement import IDENTITIES
from windshear.language.functions.catalogue import lookup, names
from windshear.language.functions.function import Kernel
from windshear.udm.columns import Columns, arrow_type, sql_type

SLOT = "@slot"

Numbers = npt.NDArray[np.int64]
Row = tuple[object, ...]
_KERNEL_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "UBIGINT": pa.uint64(),
    "DOUBLE": pa.float64(),
    "BLOB": pa.binary(),
}


class CandidateStore:
    """The settle database of one run."""

    def __init__(self, directory: Path, columns: Columns, memory_limit: str, threads: int) -> None:
        """Open an empty database below `directory`; `columns` are all that any loaded rule reads."""
        self._columns = dict(sorted(columns.items()))
        self._schema = pa.schema(
            [(NUMBER, pa.int64()), (TIME, pa.int64())]
            + [(name, arrow_type(column)) for name, column in self._columns.items()]
        )
        self._connection = duckdb.connect(
            str(directory / "candidates.duckdb"),
            config={
                "memory_limit": memory_limit,
                "threads": threads,
                "temp_directory": str(directory),
                "preserve_insertion_order": "false",
                "autoload_known_extensions": "false",
                "autoinstall_known_extensions": "false",
            },
        )
        kernels = {kernel.name: kernel for name in names() for kernel in lookup(name).kernels}
        for kernel in kernels.values():
            self._connection.create_function(
                kernel.name,
                _arrow_kernel(kernel),
                list(kernel.argument_types),
                kernel.result_type,
                type="arrow",
            )
        self._run("SET TimeZone = 'UTC'")
        self._run("SET enable_external_access = false")
        self._run("SET lock_configuration = true")
        self._create_tables()
        self.duplicates = 0

    def _create_tables(self) -> None:
        fields = ", ".join(f"{sql.name(name)} {sql_type(column)}" for name, column in self._columns.items())
        shape = f"({sql.name(NUMBER)} BIGINT, {sql.name(TIME)} BIGINT{', ' + fields if fields else ''})"
        for prefix in ("batch", "kept"):
            self._run(f"CREATE TABLE {prefix}_events {shape}")
            self._run(f"CREATE TABLE {prefix}_hits ({sql.name(SLOT)} INTEGER, {sql.name(NUMBER)} BIGINT)")
        self._run(
            f"CREATE TABLE {IDENTITIES} ({sql.name(NUMBER)} BIGINT, id VARCHAR, time BIGINT, log_type VARCHAR, "
            "product_log_id VARCHAR, source VARCHAR)"
        )

    def add(self, events: pa.Table, identities: pa.Table, hits: Mapping[int, Numbers]) -> None:
        """Store candidates: their columns, their identities, and the event numbers that hit each slot."""
        if events.num_rows == 0:
            return
        self._insert("batch_events", _shaped(events, self._schema))
        self._insert(IDENTITIES, identities)
        slots = np.concatenate([np.full(len(numbers), slot, np.int32) for slot, numbers in hits.items()])
        numbers = np.concatenate(list(hits.values()))
        self._insert("batch_hits", pa.table({SLOT: slots, NUMBER: numbers}))

    def drop_duplicates(self, first_number: int) -> None:
        """Take the hits from batch events (numbers from `first_number` on) whose identity was seen before."""
        duplicate = (
            f"SELECT {sql.name(NUMBER)} FROM (SELECT {sql.name(NUMBER)}, row_number() OVER "
            f"(PARTITION BY id ORDER BY {sql.name(NUMBER)}) AS nth FROM {IDENTITIES} WHERE id IN "
            f"(SELECT id FROM {IDENTITIES} WHERE {sql.name(NUMBER)} >= {int(first_number)})) "
            f"WHERE nth > 1 AND {sql.name(NUMBER)} >= {int(first_number)}"
        )
        ((count,),) = self.rows(f"SELECT count(*) FROM ({duplicate})")
        assert isinstance(count, int)
        if count:
            self.duplicates += count
            self._run(f"DELETE FROM batch_hits WHERE {sql.name(NUMBER)} IN ({duplicate})")

    def slots_hit(self, prefix: str) -> dict[int, int]:
        """Return the number of candidates per slot in the `batch` or `kept` tables."""
        rows = self.rows(f"SELECT {sql.name(SLOT)}, count(*) FROM {prefix}_hits GROUP BY ALL")
        return {int(str(slot)): int(str(count)) for slot, count in rows}

    def keep(self, slots: Collection[int]) -> None:
        """Move the candidates of these slots to the kept tables and empty the batch tables."""
        if slots:
            wanted = ", ".join(str(int(slot)) for slot in sorted(slots))
            self._run(f"INSERT INTO kept_hits SELECT * FROM batch_hits WHERE {sql.name(SLOT)} IN ({wanted})")
            self._run(
                f"INSERT INTO kept_events SELECT * FROM batch_events WHERE {sql.name(NUMBER)} IN "
                f"(SELECT {sql.name(NUMBER)} FROM batch_hits WHERE {sql.name(SLOT)} IN ({wanted}))"
            )
        self._run("TRUNCATE batch_hits")
        self._run("TRUNCATE batch_events")

    def rows(self, statement: str, **relations: pa.Table) -> list[Row]:
        """Run a query, with Arrow tables in scope under the given names, and return its rows."""
        for name, table in relations.items():
            self._connection.register(name, table)
        try:
            return self._connection.execute(statement).fetchall()
        finally:
            for name in relations:
                self._connection.unregister(name)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _insert(self, table: str, rows: pa.Table) -> None:
        self._connection.register("incoming", rows)
        try:
            self._run(f"INSERT INTO {table} SELECT * FROM incoming")
        finally:
            self._connection.unregister("incoming")

    def _run(self, statement: str) -> None:
        self._connection.execute(statement)


def _shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Bring a table to the store's columns; columns that it lacks are absent in all rows."""
    present = set(table.column_names)
    columns: Sequence[pa.ChunkedArray | pa.Array] = [
        table.column(field.name) if field.name in present else pa.nulls(table.num_rows, field.type) for field in schema
    ]
    return pa.table(columns, schema=schema)


def _arrow_kernel(kernel: Kernel) -> Callable[..., pa.Array]:
    """Wrap a kernel over Python lists as an Arrow function for DuckDB."""
    result_type = _KERNEL_TYPES[kernel.result_type]

    def run(*columns: pa.Array) -> pa.Array:
        return pa.array(kernel.function(*(column.to_pylist() for column in columns)), type=result_type)

    # DuckDB counts the parameters of what it is given, so each arity needs a function of its own.
    by_arity: dict[int, Callable[..., pa.Array]] = {
        1: lambda a: run(a),
        2: lambda a, b: run(a, b),
        3: lambda a, b, c: run(a, b, c),
        4: lambda a, b, c, d: run(a, b, c, d),
    }
    return by_arity[len(kernel.argument_types)]
