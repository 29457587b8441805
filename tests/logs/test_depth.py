"""Depth: the batch-wise test finds exactly the texts that are too deep."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from windshear.logs.depth import deeper_than, depth_of


def walk(text: str) -> int:
    """Count the depth character by character."""
    depth = deepest = 0
    is_inside = is_escaped = False
    for character in text:
        if is_escaped and character in '"\\':
            is_escaped = False
            continue
        is_escaped = character == "\\"
        if character == '"':
            is_inside = not is_inside
        elif not is_inside and character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif not is_inside and character in "]}":
            depth -= 1
    return deepest


TEXTS = st.text(st.sampled_from('[]{}"\\a:é'), max_size=300)


@given(TEXTS)
def test_depth_of_any_text(text: str) -> None:
    """The depth is that of a plain walk, whatever the text."""
    assert depth_of(text.encode()) == walk(text)


@given(st.lists(TEXTS, max_size=12), st.integers(0, 5), st.integers(0, 3))
def test_batch_agrees(texts: list[str], limit: int, start: int) -> None:
    """A batch, also a slice of one, gives the texts that are deeper one by one."""
    array = pa.array(texts, pa.string()).slice(start)
    assert deeper_than(array, limit).tolist() == [i for i, text in enumerate(texts[start:]) if walk(text) > limit]


def test_deep_record_between_large_ones() -> None:
    """Many brackets side by side are not deep; one deep record among large ones is found."""
    wide, deep = "[" + "[]," * 100_000 + "0]", "[" * 101 + "]" * 101
    assert deeper_than(pa.array([wide, deep, wide, "", deep]), 100).tolist() == [1, 4]
