"""The option `suppression_window`: the first detection per key and block of that length stays."""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.detection import ReferenceDetection
from windshear.language.rule import CheckedRule

MICROSECONDS = 1_000_000


def suppress(rule: CheckedRule, detections: Sequence[ReferenceDetection]) -> list[ReferenceDetection]:
    """Drop the detections that repeat a key inside one block; they come in order of time."""
    seconds = rule.options.get("suppression_window", 0)
    if not seconds:
        return list(detections)
    kept: dict[tuple[object, ...], ReferenceDetection] = {}
    for detection in detections:
        block = detection.detection_time // (seconds * MICROSECONDS)
        kept.setdefault((block, *_key(rule, detection)), detection)
    return list(kept.values())


def _key(rule: CheckedRule, detection: ReferenceDetection) -> tuple[object, ...]:
    """Return the match values of a multi-event rule that has some, else the outcome of that name, else one for all."""
    if rule.is_multi_event and rule.match_keys:
        return tuple(detection.match.values())
    return (repr(detection.outcomes.get("suppression_key")),)
