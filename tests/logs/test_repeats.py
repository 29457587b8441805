"""Repeats: the same answer whether few records were read, which are held in memory, or many."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windshear.logs.repeats import Repeats

_DIGESTS = st.integers(0, 20).map(lambda number: sha256(bytes([number])).digest()[:16])


@pytest.mark.parametrize("most_held", [0, 5, 1000])
@given(st.lists(st.lists(_DIGESTS), max_size=6))
def test_each_is_new_once(most_held: int, batches: list[list[bytes]]) -> None:
    """A record is new when it is first met, in its batch or an earlier one."""
    met: set[bytes] = set()
    with Repeats(most_held) as repeats:
        for batch in batches:
            expected = [digest not in met and batch.index(digest) == place for place, digest in enumerate(batch)]
            assert repeats.new(batch) == expected
            met.update(batch)


@pytest.mark.parametrize("most_held", [0, 100_000, 1_000_000])
def test_many_records(most_held: int) -> None:
    """More than a table begins with are told from each other, and known again."""
    digests = [sha256(number.to_bytes(4)).digest()[:16] for number in range(150_000)]
    parts = [digests[start : start + 40_000] for start in range(0, len(digests), 40_000)]
    with Repeats(most_held) as repeats:
        assert all(all(repeats.new(part)) for part in parts)
        assert not any(any(repeats.new(part)) for part in parts)


@pytest.mark.parametrize("most_held", [0, 10])
def test_both_halves_count(most_held: int) -> None:
    """Digests that share one half are two."""
    first, second = bytes(16), bytes(8) + b"\xff" * 8
    with Repeats(most_held) as repeats:
        assert repeats.new([b"x" * 16]) == [True]
        assert repeats.new([first, second]) == [True, True]
        assert repeats.new([second, first, second[::-1]]) == [False, False, True]
