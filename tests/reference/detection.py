"""What the evaluator finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.reference.values import Value


@dataclass(frozen=True, slots=True)
class ReferenceDetection:
    """One detection.

    events: per variable the positions, ascending, of its records in the list they came from (events, entities or
    detections); a variable with nothing bound has an empty tuple. Times are microseconds since the epoch. branch: the
    event variable of a rule without match whose condition joins independent variables by `or`.
    """

    match: Mapping[str, Value]
    events: Mapping[str, tuple[int, ...]]
    outcomes: Mapping[str, Value]
    start: int
    end: int
    detection_time: int
    risk_score: int | float
    branch: str | None
