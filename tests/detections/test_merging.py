"""Merging of hop windows and suppression."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from windshear.core.readings.settings import Merging
from windshear.detections.merging import Candidate, merge, suppress

windows = st.lists(
    st.builds(Candidate, st.integers(0, 60), st.integers(1, 5)), max_size=12, unique_by=lambda w: w.start
)
mergings = st.sampled_from(["coverage", "earliest"])
SIZE = 10


def naive(candidates: list[Candidate], merging: Merging) -> list[int]:
    """Follow the definition word by word: take the best that is left, drop what overlaps it."""
    left = dict(enumerate(candidates))
    kept = []
    while left:
        if merging == "coverage":
            best = min(left, key=lambda i: (-left[i].total, left[i].start))
        else:
            best = min(left, key=lambda i: left[i].start)
        start = left[best].start
        kept.append(best)
        left = {i: w for i, w in left.items() if abs(w.start - start) >= SIZE}
    return sorted(kept, key=lambda i: candidates[i].start)


@given(windows, mergings)
def test_merge_follows_the_definition(candidates: list[Candidate], merging: Merging) -> None:
    """The fast pass keeps what the definition keeps."""
    assert merge(candidates, SIZE, merging) == naive(candidates, merging)


@given(windows, mergings)
def test_merged_windows_are_disjoint_and_cover(candidates: list[Candidate], merging: Merging) -> None:
    """Kept windows never overlap, and every dropped one overlaps a kept one."""
    kept = [candidates[i].start for i in merge(candidates, SIZE, merging)]
    assert all(later - earlier >= SIZE for earlier, later in pairwise(kept))
    assert all(any(abs(w.start - start) < SIZE for start in kept) for w in candidates)


def test_a_burst_is_one_detection_under_coverage_and_two_under_earliest() -> None:
    """Three events in four minutes under a ten-minute window: the fullest window takes all of them."""
    starts = range(-9, 5)  # minutes; events at 0, 2 and 4
    burst = [Candidate(start, sum(start <= minute < start + 10 for minute in (0, 2, 4))) for start in starts]
    assert [burst[i] for i in merge(burst, 10, "coverage")] == [Candidate(-5, 3)]
    assert [burst[i].start for i in merge(burst, 10, "earliest")] == [-9, 1]


def test_suppression_keeps_the_first_per_key_and_block() -> None:
    """A repeat in the same block goes, in the next block it stays, and keys do not touch each other."""
    items = [("a", 25, "late"), ("a", 21, "first"), ("b", 22, "other"), ("a", 30, "next block")]
    assert suppress(items, 10) == ["first", "other", "next block"]
