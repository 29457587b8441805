"""What of a detection must be the same however it was found: everything but where its records were read."""

from __future__ import annotations

from windshear.detections.detection import Detection
from windshear.ruletest.trial import Tried


def facts(tried: Tried) -> object:
    """Return what came of a trial, in a form that can be compared."""
    found = {name: [_facts(detection) for detection in some] for name, some in tried.detections.items()}
    return found, dict(tried.failures), tried.unread, tried.read


def _facts(detection: Detection) -> object:
    bound = {
        name: (bound.total, [(one.id, one.time, one.product_log_id) for one in bound.references])
        for name, bound in detection.bound.items()
    }
    return (
        detection.id,
        detection.branch,
        (detection.start, detection.end, detection.time),
        detection.match,
        detection.outcomes,
        detection.risk_score,
        bound,
        detection.condition,
    )
