"""What a worker reports about its task."""

from __future__ import annotations

from typing import TypedDict


class Facts(TypedDict, total=False):
    """Counts and costs of one task; parsing knows no rules, normalising no detections.

    per_rule: detections. ids: per rule a sum over the ids of rendered detections. failed: rules that stopped early.
    """

    events: int
    columns: int
    quarantined: int
    candidates: int
    rules_loaded: int
    rules_refused: int
    rules_hit: int
    detections: int
    rendered: int
    failed: dict[str, str]
    per_rule: dict[str, int]
    ids: dict[str, str]
    load_cpu_seconds: float
    cpu_seconds: float
    peak_mebibytes: float
