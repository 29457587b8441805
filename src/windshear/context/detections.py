"""Earlier detections: what composite rules may read besides those of their own run.

A detection is proto-JSON in the shape that `scan --format jsonl` writes, which is that of Google's API, or short: the
fields of its one `detection` at the top, and label lists as objects.
"""

from __future__ import annotations

from collections.abc import Sequence

from windshear.context.records import Canonical, Kind
from windshear.udm.proto_json import EventProblem
from windshear.udm.rows import microseconds


def detection_problem(detection: Canonical, problems: Sequence[EventProblem]) -> str | None:
    """Return why a record is no detection that can be used, or None."""
    for problem in problems:
        if problem.path.split(".")[0] == "detection_time" and problem.kind != "unknown-field":
            return f"`detection_time` cannot be read: {problem.found}"
    if microseconds(detection, "detection") is None:
        return "no `detectionTime`: without it the detection is in no match window"
    if not detection.get("detection"):
        return "not a detection: nothing says which rule found it"
    return None


DETECTION = Kind("detection", detection_problem)
