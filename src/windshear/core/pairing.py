"""Pairing what is expected with what was found, one to one, as far as possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Expected = TypeVar("Expected")
Found = TypeVar("Found")


def pair(fits: Sequence[Sequence[bool]], found: int) -> dict[int, int]:
    """Return which of `found` things each expected one is paired with; `fits[expected][found]` says what may be.

    As many as possible are paired, by augmenting paths.

    >>> pair([[True, True], [True, False]], 2)
    {1: 0, 0: 1}
    """
    owners: dict[int, int] = {}

    def place(wanted: int, tried: set[int]) -> bool:
        for have in range(found):
            if fits[wanted][have] and have not in tried:
                tried.add(have)
                if have not in owners or place(owners[have], tried):
                    owners[have] = wanted
                    return True
        return False

    for wanted in range(len(fits)):
        place(wanted, set())
    return {wanted: have for have, wanted in owners.items()}


def is_same_multiset(
    expected: Sequence[Expected], found: Sequence[Found], is_same: Callable[[Expected, Found], bool]
) -> bool:
    """Whether both hold the same values, in any order.

    >>> is_same_multiset([1, 2, 1], [2, 1, 1], lambda a, b: a == b)
    True
    """
    left = list(found)
    for wanted in expected:
        position = next((i for i, have in enumerate(left) if is_same(wanted, have)), None)
        if position is None:
            return False
        del left[position]
    return not left
