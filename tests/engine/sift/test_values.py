"""Values of a leaf from every shape of column."""

from __future__ import annotations

import pyarrow as pa
import pytest

from windshear.engine.sift.nodes import Leaf
from windshear.engine.sift.values import read_values
from windshear.udm.requests import EVENT_NANOS, EVENT_SECONDS, Each, Element, Hop, Member

_MESSAGE = pa.list_(pa.struct([("ip", pa.list_(pa.string())), ("user.userid", pa.string())]))
_MESSAGES = [
    [{"user.userid": "u", "ip": ["p", "q"]}, {"user.userid": None, "ip": []}],
    [],
    None,
    [{"user.userid": "v"}],
]
TABLE = pa.table(
    {
        "text": pa.array(["x", None, "", "y"]),
        "dictionary": pa.array(["x", None, "", "y"]).dictionary_encode(),
        "large": pa.array(["x", None, "", "y"], type=pa.large_string()),
        "list": pa.array([["a", "b"], [], None, ["c"]]),
        "messages": pa.array(_MESSAGES, type=_MESSAGE),
        "nothing": pa.nulls(4),
        "ts_us": pa.array([1_500_000, -1_500_000, 0, 5]),
    }
)
_IP = (Each("messages"), Member("ip"), Each("messages.ip"))
_USER = (Each("messages"), Member("user.userid"))


def _plain_values(leaf: Leaf, table: pa.Table) -> list[list[object]]:
    """List the values of each row as a plain read sees them, zeros of empty lists last."""
    values = read_values(leaf, table)
    distinct = values.distinct.to_pylist()
    found: list[list[object]] = [[] for _ in range(table.num_rows)]
    for element, code in enumerate(values.codes):
        found[element if values.rows is None else values.rows[element]].append(distinct[code])
    for row in range(table.num_rows):
        if values.absent is not None and values.absent[row]:
            assert values.zero is not None
            found[row].append(distinct[values.zero])
    return found


CASES: list[tuple[str, tuple[Hop, ...], list[list[str]]]] = [
    ("text", (), [["x"], [""], [""], ["y"]]),
    ("dictionary", (), [["x"], [""], [""], ["y"]]),
    ("large", (), [["x"], [""], [""], ["y"]]),
    ("nothing", (), [[""], [""], [""], [""]]),
    ("missing", (), [[""], [""], [""], [""]]),
    ("list", (Each("list"),), [["a", "b"], [""], [""], ["c"]]),
    ("list", (Element(1),), [["b"], [""], [""], [""]]),
    ("missing", (Each("missing"),), [[""], [""], [""], [""]]),
    ("messages", _USER, [["u", ""], [""], [""], ["v"]]),
    ("messages", _IP, [["p", "q", ""], [""], [""], [""]]),
    ("messages", (Each("messages"), Member("unasked")), [["", ""], [""], [""], [""]]),
    ("messages", (Each("messages"), Member("unasked"), Each("messages.unasked")), [[""], [""], [""], [""]]),
    ("messages", (Element(0), Member("ip"), Element(1)), [["q"], [""], [""], [""]]),
    ("nothing", _IP, [[""], [""], [""], [""]]),
]


@pytest.mark.parametrize(("column", "hops", "expected"), CASES)
def test_every_shape(column: str, hops: tuple[Hop, ...], expected: list[list[str]]) -> None:
    """Scalars, lists and messages read alike, whole, sliced and in chunks."""
    leaf = Leaf(column, hops, "text", "")
    assert _plain_values(leaf, TABLE) == expected
    assert _plain_values(leaf, TABLE.slice(1, 2)) == expected[1:3]
    chunks = pa.concat_tables([TABLE.slice(3), TABLE.slice(0, 2)])
    assert _plain_values(leaf, chunks) == [expected[3], *expected[:2]]


@pytest.mark.parametrize(
    ("path", "expected"), [(EVENT_SECONDS, [1, -2, 0, 0]), (EVENT_NANOS, [500_000_000, 500_000_000, 0, 5000])]
)
def test_event_time_is_derived(path: str, expected: list[int]) -> None:
    """Seconds and nanoseconds come from the one column of microseconds; nanoseconds always count up."""
    assert _plain_values(Leaf(path, (), "int", 0), TABLE) == [[value] for value in expected]


def test_a_dictionary_may_hold_nulls() -> None:
    """A NULL inside a dictionary is absent like any other."""
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array([None, "x"]))
    assert _plain_values(Leaf("c", (), "text", ""), pa.table({"c": column})) == [[""], ["x"], [""]]


def test_no_zero_without_need() -> None:
    """A batch in which every row has a value knows no zero, so that a test of all values speaks for all rows."""
    assert read_values(Leaf("list", (Each("list"),), "text", ""), TABLE.slice(0, 1)).zero is None
