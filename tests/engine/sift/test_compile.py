"""Compiled formulas over batches: folding, selection, and answers by number."""

from __future__ import annotations

import pyarrow as pa

from tests.engine.sift.rules import checked
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.formula import formula
from windshear.engine.sift.nodes import ALWAYS, NEVER, Formula

TABLE = pa.table(
    {
        "ts_us": pa.array([0, 0, 0]),
        "principal.hostname": pa.array(["a", None, "b"]),
        "principal.ip": pa.array([["10.0.0.1"], None, ["x", "y"]]),
    }
)


def _formula(events: str) -> Formula:
    return formula(checked(f"    {events}"), "e")


def _rows(*events: str) -> dict[int, list[int]]:
    sift = compile_sift([(number, _formula(text)) for number, text in enumerate(events)])
    return {number: rows.tolist() for number, rows in sift.apply(TABLE).items()}


def test_only_formulas_with_candidates_are_named() -> None:
    """A formula without a candidate row is not in the answer; the others keep their numbers."""
    found = _rows('$e.principal.hostname = "a"', '$e.principal.hostname = "no"', '$e.principal.hostname != "a"')
    assert found == {0: [0], 2: [1, 2]}


def test_a_missing_column_is_zero() -> None:
    """A field that no event of the table has is compared as its zero value."""
    found = _rows('$e.target.hostname = ""', '$e.target.hostname = "a"', "$e.target.port < 1", 'all $e.target.ip = "a"')
    assert found == {0: [0, 1, 2], 2: [0, 1, 2], 3: [0, 1, 2]}


def test_constants() -> None:
    """Formulas without atoms hold for all rows or for none."""
    sift = compile_sift([(3, ALWAYS), (4, NEVER)])
    assert {number: rows.tolist() for number, rows in sift.apply(TABLE).items()} == {3: [0, 1, 2]}


def test_an_empty_table_has_no_candidates() -> None:
    """No rows, no candidates, even for a formula that always holds."""
    assert compile_sift([(3, ALWAYS)]).apply(TABLE.slice(0, 0)) == {}


def test_nothing_compiled() -> None:
    """A rule set without rules sifts everything away."""
    assert compile_sift([]).apply(TABLE) == {}


def test_alternatives_below_conjunctions() -> None:
    """Selections narrow through conjunctions and widen through alternatives."""
    found = _rows(
        '$e.principal.ip != "" and ($e.principal.hostname = "a" or ($e.principal.ip = "y" and $e.principal.ip = "x"))',
        '$e.principal.hostname = "b" or ($e.principal.ip = "" and $e.principal.hostname = "")',
    )
    assert found == {0: [0, 2], 1: [1, 2]}


def test_tables_with_many_sets_of_columns() -> None:
    """What was learned about a set of columns is bounded and does not leak into another set."""
    sift = compile_sift([(0, _formula('$e.principal.hostname = "a"'))])
    for number in range(80):
        assert sift.apply(pa.table({f"column{number}": pa.nulls(2)})) == {}
        assert sift.apply(TABLE)[0].tolist() == [0]


def test_a_few_rows_of_many() -> None:
    """Tests on the rows that are left give what tests on all rows give."""
    hosts = ["a"] * 5000 + ["b"] * 5
    ports = list(range(5005))
    table = pa.table({"principal.hostname": pa.array(hosts), "target.port": pa.array(ports)})
    sift = compile_sift(
        [(0, _formula('$e.principal.hostname = "b" and $e.target.port > 5002 and $e.target.port != 1'))]
    )
    assert sift.apply(table)[0].tolist() == [5003, 5004]
