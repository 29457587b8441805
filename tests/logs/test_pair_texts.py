"""Labels of whole columns of arrays: the same as of one array after the other."""

from __future__ import annotations

import json

import orjson
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from windshear.logs.pair_texts import (
    entries_of_lists,
    entries_of_pairs,
    entries_of_texts,
    labels,
    members,
    together,
)
from windshear.logs.pairs import pairs_of
from windshear.logs.parser import Pairs

_LISTS = pa.list_(pa.string())
# Few keys, so that some repeat; values that are none, that need escapes, and that are JSON strings.
_KEYS = st.sampled_from([None, "", "a", "b", 'c"\\'])
_VALUES = st.one_of(st.none(), st.sampled_from(["", '"q"', '"\\u00e9"', '"', "\x01\n"]), st.text(max_size=4))
_ARRAYS = st.one_of(st.none(), st.lists(st.tuples(_KEYS, _VALUES), max_size=5))
_ROWS = st.lists(_ARRAYS, max_size=6)
_PAIRS = st.builds(
    Pairs, st.just(("p",)), prefix=st.sampled_from(["", 'x"']), is_bare=st.booleans(), basis=st.just("our choice")
)

_Row = list[tuple[str | None, str | None]] | None
_Rows = list[_Row]


def _columns(rows: _Rows) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    keys, values = ([None if row is None else [pair[at] for pair in row] for row in rows] for at in (0, 1))
    return pa.chunked_array([pa.array(keys, _LISTS)]), pa.chunked_array([pa.array(values, _LISTS)])


def _expected(pairs: Pairs, row: _Row) -> list[tuple[str, str]]:
    return pairs_of(pairs, [key for key, _ in row], [value for _, value in row]) if row else []


def _read(texts: pa.StringArray) -> list[list[tuple[str, str]]]:
    found = [orjson.loads(f"[{text}]") if text is not None else [] for text in texts.to_pylist()]
    return [[(label["key"], label["value"]) for label in row] for row in found]


@given(_PAIRS, _ROWS)
def test_labels_of_arrays(pairs: Pairs, rows: _Rows) -> None:
    """The labels of a column are those of each of its rows; where there is none, there is no text."""
    texts = labels(entries_of_pairs(pairs, *_columns(rows)), len(rows))
    expected = [_expected(pairs, row) for row in rows]
    assert _read(texts) == expected
    assert [text is None for text in texts.to_pylist()] == [not row for row in expected]


@given(st.lists(st.one_of(st.none(), st.lists(st.sampled_from(["", "x", "\t"]), max_size=4)), max_size=5))
def test_labels_of_lists(rows: list[list[str] | None]) -> None:
    """Every text counts, an empty one is no label."""
    texts = labels(entries_of_lists("n-", pa.chunked_array([pa.array(rows, _LISTS)])), len(rows))
    assert _read(texts) == [[(f"n-{at}", text) for at, text in enumerate(row or ()) if text] for row in rows]


@given(
    st.lists(
        st.tuples(_ARRAYS, _ARRAYS, st.one_of(st.none(), st.sampled_from(["a1", "b22a"])), st.booleans()), max_size=6
    )
)
def test_members_are_there_once(rows: list[tuple[_Row, _Row, str | None, bool]]) -> None:
    """Of equal keys in a row the first counts, above all one that stands before the others."""
    pairs, own = Pairs(("p",)), ["z", "a"]
    texts = [text for _, _, text, _ in rows]
    lists = [None if text is None else list(text[1:]) for text in texts]
    entries = together(
        [
            entries_of_texts(lambda text: [(text[0], text)], pa.chunked_array([pa.array(texts, pa.string())])),
            entries_of_pairs(pairs, *_columns([first for first, _, _, _ in rows])),
            entries_of_pairs(pairs, *_columns([second for _, second, _, _ in rows])),
            entries_of_lists("n", pa.chunked_array([pa.array(lists, _LISTS)])),
        ]
    )
    standing = pa.array([[False, stands] for _, _, _, stands in rows], pa.list_(pa.bool_()))
    written = members(entries, own, pa.chunked_array([standing]))
    for (first, second, text, stands), found in zip(rows, written.to_pylist(), strict=True):
        every = [(text[0], text)] if text is not None else []
        every += [*_expected(pairs, first), *_expected(pairs, second)]
        every += [(f"n{number}", part) for number, part in enumerate(text[1:] if text is not None else ())]
        expected: dict[str, str] = {}
        for key, value in every:
            if key != "a" or not stands:
                expected.setdefault(key, value)
        assert json.loads("{" + (found or "") + "}", object_pairs_hook=list) == list(expected.items())
