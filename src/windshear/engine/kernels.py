"""Kernels on the settle connection: parts of functions that run in Python, each once per distinct value of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb.func import PythonUDFType

from windshear.core import sql
from windshear.language.functions.catalogue import lookup, names
from windshear.language.functions.function import Kernel
from windshear.language.functions.run import NOW, SEED

_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
}


def register(connection: duckdb.DuckDBPyConnection, now_seconds: int, seed: int) -> None:
    """Make everything that functions need known to a connection: their kernels, and what they know of the run."""
    for kernel in {kernel.name: kernel for name in names() for kernel in lookup(name).kernels}.values():
        connection.create_function(
            kernel.name,
            arrow_function(kernel),
            list(kernel.argument_types),
            kernel.result_type,
            type=PythonUDFType.ARROW,
        )
    for name, value in ((NOW, now_seconds), (SEED, seed)):
        connection.execute(f"CREATE TEMP MACRO {name}() AS {sql.integer(value)}")


def arrow_function(kernel: Kernel) -> Callable[..., pa.Array]:
    """Wrap a kernel over Python values as a function over Arrow columns, which it sees without repetitions."""
    result_type = _TYPES[kernel.result_type]

    def run(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Array:
        distinct, codes = _distinct([_dictionary(column) for column in columns])
        return pa.array(kernel.function(*distinct), type=result_type).take(pa.array(codes))

    # DuckDB counts the parameters of what it is given, so each arity needs a function of its own.
    by_arity: dict[int, Callable[..., pa.Array]] = {
        1: lambda a: run([a]),
        2: lambda a, b: run([a, b]),
    }
    return by_arity[len(kernel.argument_types)]


def _dictionary(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.dictionary_encode()


def _distinct(columns: Sequence[pa.DictionaryArray]) -> tuple[list[list[object]], npt.NDArray[np.int64]]:
    """Return the distinct rows, column by column, and which of them each row is."""
    codes = columns[0].indices.to_numpy().astype(np.int64)
    if len(columns) == 1:
        return [columns[0].dictionary.to_pylist()], codes
    for column in columns[1:]:
        codes = codes * len(column.dictionary) + column.indices.to_numpy()
    rows, codes = np.unique(codes, return_inverse=True)
    values: list[list[object]] = []
    for column in reversed(columns):
        rows, places = np.divmod(rows, max(1, len(column.dictionary)))
        values.insert(0, column.dictionary.take(pa.array(places)).to_pylist())
    return values, codes
