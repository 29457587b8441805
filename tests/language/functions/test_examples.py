"""Every example of every function, and vectors of the language reference, run through DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import duckdb
import pytest

from tests.language.functions.harness import RUN, connect, evaluate
from windshear.language.functions import catalogue
from windshear.language.functions.function import Example

_WITHOUT_EXAMPLES = {
    "arrays.length",
    "math.random",
    "timestamp.current_seconds",
    "timestamp.now",
}  # need a field, or have no fixed value


class Vector(TypedDict):
    """A call and its value."""

    call: str
    result: object
    note: str


def _vectors() -> list[Vector]:
    lines = Path(__file__).with_name("vectors.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


_EXAMPLES = [example for name in catalogue.names() for example in catalogue.lookup(name).examples]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give one connection to all tests of this file."""
    with connect() as made:
        yield made


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example.call)
def test_example_has_its_value(connection: duckdb.DuckDBPyConnection, example: Example) -> None:
    """An example in a declaration shows the value that the SQL gives."""
    _assert_same(evaluate(connection, example.call), example.result)


@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["call"])
def test_vector_has_its_value(connection: duckdb.DuckDBPyConnection, vector: Vector) -> None:
    """A vector of the reference has the value that it states."""
    _assert_same(evaluate(connection, vector["call"]), vector["result"])


@pytest.mark.parametrize("name", sorted(set(catalogue.names()) - _WITHOUT_EXAMPLES))
def test_function_has_two_examples(name: str) -> None:
    """A function shows at least two examples that call it, and says in a sentence what it does."""
    function = catalogue.lookup(name)
    calls = [example.call for example in function.examples if name + "(" in example.call]
    assert len(calls) >= 2
    assert function.summary.endswith(".")


@pytest.mark.parametrize("name", ["timestamp.current_seconds", "timestamp.now"])
def test_the_time_of_the_run_is_what_the_run_says(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """No clock is read: two runs with one time agree."""
    assert evaluate(connection, f"{name}()") == RUN.now_seconds


def test_geo_distance_of_one_degree(connection: duckdb.DuckDBPyConnection) -> None:
    """One degree on the equator is about 111 kilometres."""
    assert evaluate(connection, "math.geo_distance(0, 0, 1, 0)") == pytest.approx(111_195, rel=1e-4)


def test_names_of_files_and_functions_agree() -> None:
    """The catalogue finds each function by its name, and nothing by others."""
    assert catalogue.find("strings.trim") is catalogue.lookup("strings.trim")
    assert catalogue.find("strings.shout") is None


def _assert_same(found: object, expected: object) -> None:
    if isinstance(expected, float):
        assert found == pytest.approx(expected)
    else:
        assert found == expected
    if isinstance(expected, bool):
        assert isinstance(found, bool)
