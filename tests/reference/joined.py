"""Joined rows: one row per event variable, and the values of the placeholders on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.reference.rows import Row
from tests.reference.values import Scalar


@dataclass(frozen=True, slots=True)
class JoinedRow:
    """One combination of rows. A variable that is absent here is not in `parts`; its fields read as zero."""

    parts: Mapping[str, Row]
    placeholders: Mapping[str, Scalar]
