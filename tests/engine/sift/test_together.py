"""Combinations of values, from every shape of column."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from windshear.engine.sift.nodes import Leaf
from windshear.engine.sift.together import together
from windshear.engine.sift.values import read_values
from windshear.udm.requests import Each

_TABLE = pa.table(
    {
        "text": ["x", None, "y", "x", "x"],
        "number": [1, 1, None, 1, 2],
        "list": [["a", "b"], [], None, ["a"], ["a", "a"]],
    }
)
_TEXT = Leaf("text", (), "text", "")
_NUMBER = Leaf("number", (), "int", 0)
_LIST = Leaf("list", (Each("list"),), "text", "")


@pytest.mark.parametrize("leaves", [(_TEXT,), (_LIST,), (_TEXT, _NUMBER), (_NUMBER, _LIST), (_LIST, _TEXT, _NUMBER)])
@pytest.mark.parametrize("copies", [1, 40])
@pytest.mark.parametrize("wanted", [None, [1, 4], [0, 2, 3]])
def test_combinations(leaves: tuple[Leaf, ...], copies: int, wanted: list[int] | None) -> None:
    """Each row has its values with each element of its list, an empty list counting as one zero; none is kept twice."""
    table = pa.concat_tables([_TABLE] * copies)
    chosen = None if wanted is None else np.array(wanted)
    found = together([read_values(leaf, table) for leaf in leaves], chosen)
    distinct = [tuple(row.values()) for row in found.distinct.to_pylist()]
    assert len(set(distinct)) == len(distinct)
    rows: list[list[tuple[object, ...]]] = [[] for _ in range(table.num_rows)]
    for element, code in enumerate(found.codes):
        rows[element if found.rows is None else found.rows[element]].append(distinct[code])
    expected = []
    for place, row in enumerate(table.to_pylist()):
        cells = [(leaf, row[leaf.column]) for leaf in leaves]
        choices = [(cell or [""]) if leaf is _LIST else [cell or leaf.zero] for leaf, cell in cells]
        is_wanted = wanted is None or place in wanted
        expected.append(sorted(product(*choices), key=str) if is_wanted else [])
    assert [sorted(row, key=str) for row in rows] == expected
