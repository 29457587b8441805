"""Elements of arrays, lookups among them, and values that are computed once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.test_values import evaluate
from windshear.core import sql
from windshear.logs.extraction import extraction
from windshear.logs.parser import Shape
from windshear.logs.values import (
    EACH,
    constant,
    contains,
    field,
    found,
    item,
    joined,
    looked_up,
    lower,
    nth,
    shared,
    shared_test,
    when,
)

_KINDS = field("targets", EACH, "kind")
_IDS = field("targets", EACH, "place", "id")
_USER = looked_up(_KINDS, _IDS, "user")


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([{"kind": "app", "place": {"id": 1}}, {"kind": "user", "place": {"id": 2}}], "2"),
        ([{"kind": "user", "place": {"id": "a"}}, {"kind": "user", "place": {"id": "b"}}], "a"),
        ([None, "text", 7, [], {"kind": "user", "place": {"id": "a"}}], "a"),
        ([{"kind": "user", "place": {"id": ""}}], None),
        ([{"kind": "user", "place": "none"}], None),
        ([{"kind": "user"}], None),
        ([{"kind": "app", "place": {"id": "a"}}], None),
        ([], None),
        ("user", None),
        ({"kind": "user", "place": {"id": "a"}}, None),
        (None, None),
    ],
)
def test_lookup_by_a_key(targets: object, expected: str | None) -> None:
    """The first element with the key gives the value; what is no such array gives none."""
    assert evaluate(_USER, {"targets": targets}) == expected


def test_elements_behind_an_element() -> None:
    """An array in the first element of another; the elements themselves may be objects, kept as JSON."""
    record = {"events": [{"p": [{"n": "a", "v": [1]}, {"n": "b", "v": {"x": 1}}]}, {"p": [{"n": "c", "v": 3}]}]}
    inner = ("events", item(0), "p", EACH)
    assert evaluate(nth(field(*inner, "n"), 1), record) == "b"
    assert evaluate(nth(field(*inner, "n"), 2), record) is None
    assert evaluate(looked_up(field(*inner, "n"), field(*inner, "v"), "b"), record) == '{"x":1}'
    assert evaluate(joined(nth(field(*inner, "n"), 0), field("events", item(1), "p", item(0), "n")), record) == "ac"


def test_shared_values_may_be_made_of_shared_values() -> None:
    """A value means the same whether it is computed where it stands or once."""
    word = shared(lower(found(field("name"), "[A-Za-z]+$")))
    kind = shared(when(contains(word, "get"), constant("read"), joined("other: ", word)))
    assert evaluate(joined(kind, "!"), {"name": "a.GetThing"}) == "read!"
    assert evaluate(joined(kind, "!"), {"name": "a.Put"}) == "other: put!"
    assert evaluate(kind, {"name": "1"}) is None
    assert evaluate(shared_test(contains(word, "put")), {"name": "1"}) is False
    assert evaluate(shared_test(contains(word, "put")), {"name": "Put"}) is True


def test_a_shared_value_stands_once_in_the_statement() -> None:
    """However often it is used."""
    word = shared(lower(field("name")))
    value = joined(word, word, word)
    query = sql.select([value.sql], extraction(value.reads, Shape("plain", ())))
    assert query.text.count("lower(") == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=3).filter(lambda text: "\x00" not in text))))
def test_lookup_agrees_with_python(pairs: list[tuple[str, str]]) -> None:
    """The value at the first place of the key; an empty text is absent."""
    record = {"targets": [{"kind": kind, "place": {"id": value}} for kind, value in pairs]}
    expected = next((value for kind, value in pairs if kind == "b"), "") or None
    assert evaluate(looked_up(_KINDS, _IDS, "b"), record) == expected
