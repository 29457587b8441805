"""The databases in which a run works: files of a folder that ends with the run, and closed to everything else."""

from __future__ import annotations

from pathlib import Path

import duckdb

from windshear.core import sql

_MUCH = "1MB"  # before the database takes more than this at once, it gives back what it has free


def open_database(directory: Path, name: str, memory: str, threads: int = 1) -> duckdb.DuckDBPyConnection:
    """Open a new database in a folder, where it also spills; `lock` it before anything of a stranger's is run in it.

    memory: what it may take, as DuckDB writes it, e.g. `160MB`.
    """
    connection = duckdb.connect(
        str(directory / f"{name}.duckdb"),
        config={
            "memory_limit": memory,
            "threads": threads,
            "allocator_bulk_deallocation_flush_threshold": _MUCH,
            "temp_directory": str(directory),
            "preserve_insertion_order": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "enable_external_file_cache": "false",
        },
    )
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")  # the database ends with the run
    return connection


def lock(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    """Let a database see the files of its own folder and nothing else, for good."""
    connection.execute(f"SET allowed_directories = {sql.list_of([sql.text(str(directory))])}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
