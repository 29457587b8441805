"""Function vectors as cases: a rule without match whose only outcome is the call."""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson

from windshear.conformance.case import Case, ExpectedDetection, ExpectedDetections, JsonValue, Vector

# The two moments that vectors name: 2025-01-01 00:00:00 and 2025-03-12 13:30:00 UTC.
_MOMENTS = {"T": "1735689600", "U": "1741786200"}
_PIECES = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|\[[^\]]*\]|\b[TU]\b')
_DELIMITER = "|"
_RULE = """rule vector {{
  meta:
    author = "conformance"
  events:
    $e.metadata.event_type = "GENERIC_EVENT"
  outcome:
    $result = {call}
  condition:
    $e
}}
"""
_EVENT = {"metadata": {"productLogId": "e1", "eventTimestamp": "2025-03-12T13:30:00Z", "eventType": "GENERIC_EVENT"}}


def case_of(vector: Vector) -> Case | str:
    """Return the case that tests a vector, or the feature that rules do not have."""
    if vector.call.startswith("window."):
        return "window functions"
    call, result = _PIECES.sub(_in_rule, vector.call), vector.result
    if isinstance(result, bool):  # an outcome has no boolean type
        call, result = f"if({call}, 1, 0)", int(result)
    return Case(
        id=f"{vector.section} {vector.call}",
        title=vector.call,
        section=vector.section,
        place=vector.place,
        rule=_RULE.format(call=call),
        events=(_EVENT,),
        context={},
        mode="strict",
        expected=ExpectedDetections((ExpectedDetection(outcomes={"result": result}),)),
    )


def _in_rule(piece: re.Match[str]) -> str:
    """Write moments as numbers and list literals, which the language lacks, as calls that give the list."""
    text = piece[0]
    if not text.startswith("["):
        return _MOMENTS.get(text, text)
    items: JsonValue = orjson.loads(text)
    if not isinstance(items, Sequence) or not items:
        return 're.capture_all("", `x`)'
    return f'strings.split("{_DELIMITER.join(str(item) for item in items)}", "{_DELIMITER}")'
