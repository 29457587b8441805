"""Damaged rules, the same ones every time: no crash, no hang."""

from __future__ import annotations

from random import Random

import pytest

from tests.language.syntax.mutations import damaged, examine


@pytest.mark.parametrize("seed", range(8))
def test_damaged_rules_give_diagnostics(seed: int) -> None:
    """Whatever is done to a rule, reading it ends soon and without an exception."""
    random = Random(seed)
    for _ in range(100):
        examine(damaged(random))
