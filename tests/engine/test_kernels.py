"""Kernels see each distinct value of a batch once, and every row gets its own answer."""

from __future__ import annotations

import pyarrow as pa
import pytest

from windshear.engine.kernels import arrow_function
from windshear.language.functions.function import Kernel


def test_a_value_that_is_repeated_is_computed_once() -> None:
    """The kernel gets the distinct values, the rows get their results in order."""
    seen: list[str] = []

    def upper(values: list[str]) -> list[str]:
        seen.extend(values)
        return [value.upper() for value in values]

    function = arrow_function(Kernel("upper", ("VARCHAR",), "VARCHAR", upper))
    assert function(pa.array(["b", "a", "b", "", "a"])).to_pylist() == ["B", "A", "B", "", "A"]
    assert sorted(seen) == ["", "a", "b"]


@pytest.mark.parametrize("is_chunked", [False, True])
def test_rows_of_two_columns_are_computed_once(*, is_chunked: bool) -> None:
    """Distinct are rows, not values: a pair that occurs twice is computed once, each other pair for itself."""
    seen: list[tuple[str, str]] = []

    def joined(first: list[str], second: list[str]) -> list[str]:
        pairs = list(zip(first, second, strict=True))
        seen.extend(pairs)
        return ["+".join(pair) for pair in pairs]

    function = arrow_function(Kernel("joined", ("VARCHAR", "VARCHAR"), "VARCHAR", joined))
    columns: list[pa.Array | pa.ChunkedArray] = [pa.array(["a", "b", "a", "a"]), pa.array(["x", "x", "y", "x"])]
    if is_chunked:
        columns = [pa.chunked_array([column[:1], column[1:]]) for column in columns]
    assert function(*columns).to_pylist() == ["a+x", "b+x", "a+y", "a+x"]
    assert sorted(seen) == [("a", "x"), ("a", "y"), ("b", "x")]


def test_no_rows_give_no_results() -> None:
    """An empty batch is no special case."""
    function = arrow_function(Kernel("same", ("VARCHAR", "VARCHAR"), "VARCHAR", lambda first, _second: first))
    assert function(pa.array([], pa.string()), pa.array([], pa.string())).to_pylist() == []
