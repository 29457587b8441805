"""Detections as JSON: Google's `Collection` shape in lowerCamelCase, plus our own `explanation`.

Enum names and int64 values are strings, timestamps RFC 3339 in UTC, list outcomes are joined by `, ` in `value` and
typed in `variables`. `explanation` holds, per event variable, the clauses that are true for each sample event with the
values they read, the clauses because of which the condition section held, and the identities of all bound events.

Google documents references to events and to entities. A reference to an input detection of a composite rule has its id
where the schema has ids of detections, and beside it, as our addition, the detection itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from windshear.detections.detection import (
    Bound,
    ConditionClause,
    Detection,
    Evidence,
    NamedValue,
    RuleFacts,
    Sample,
    Scalar,
    TypedName,
)
from windshear.udm.schema import Root, enumeration

Json = dict[str, object]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALAR_KEYS: dict[TypedName, str] = {
    "string": "stringVal",
    "int": "int64Val",
    "uint": "uint64Val",
    "float": "doubleVal",
    "bool": "boolVal",
    "bytes": "bytesVal",
}
_LIST_KEYS: dict[TypedName, tuple[str, str]] = {
    "string": ("stringSeq", "stringVals"),
    "int": ("int64Seq", "int64Vals"),
    "uint": ("uint64Seq", "uint64Vals"),
    "float": ("doubleSeq", "doubleVals"),
    "bool": ("boolSeq", "boolVals"),
    "bytes": ("bytesSeq", "bytesVals"),
}


def to_json(detection: Detection) -> Json:
    """Return a detection as a JSON object."""
    return {**to_collection(detection, _whole_reference), "explanation": _explanation(detection)}


def to_collection(detection: Detection, reference: Callable[[Root, Sample], Json] | None = None) -> Json:
    """Return the part of a detection that the UDM schema has: what composite rules can read."""
    refer = reference or _reference
    elements = [
        {"label": name, "references": [refer(bound.source, sample) for sample in bound.samples]}
        for name, bound in detection.bound.items()
        if bound.samples
    ]
    return {
        "type": "RULE_DETECTION",
        "id": detection.id,
        "detection": [_detection_part(detection)],
        "detectionTime": timestamp(detection.time),
        "timeWindow": {"startTime": timestamp(detection.start), "endTime": timestamp(detection.end)},
        "collectionElements": elements,
    }


def _reference(source: Root, sample: Sample) -> Json:
    match source:
        case "udm":
            return {"event": sample.event}
        case "graph":
            return {"entity": sample.event}
        case "detection":
            return {"id": {"namespace": "RULE_DETECTIONS", "stringId": sample.reference.id}}


def _whole_reference(source: Root, sample: Sample) -> Json:
    reference = _reference(source, sample)
    return {**reference, "detection": sample.event} if source == "detection" else reference


def rule_part(rule: RuleFacts) -> Json:
    """Return what every detection of a rule says about it."""
    part: Json = {
        "ruleName": rule.name,
        "ruleId": rule.identity,
        "ruleType": "MULTI_EVENT" if rule.is_multi_event else "SINGLE_EVENT",
    }
    for key in ("description", "severity", "summary"):
        if value := rule.meta_value(key):
            part[key] = _severity(value) if key == "severity" else value
    if rule.meta:
        part["ruleLabels"] = [{"key": key, "value": value} for key, value in rule.meta]
    return part


def _severity(written: str) -> str:
    """Return the name that UDM has for a severity, so that rules can compare it; any other word stays as it is."""
    name = written.strip().upper()
    return name if name in enumeration("SecurityResult.ProductSeverity").members else written


def _detection_part(detection: Detection) -> Json:
    part = {**rule_part(detection.rule), "alertState": "ALERTING" if detection.is_alerting else "NOT_ALERTING"}
    if detection.is_alerting:
        part["alertState"] = "ALERTING"
    if detection.match:
        part["detectionFields"] = [_pair(value) for value in detection.match]
    if detection.outcomes:
        part["outcomes"] = [_pair(value) for value in detection.outcomes]
    if detection.match or detection.outcomes:
        part["variables"] = {
            **{value.name: _variable(value, "MATCH") for value in detection.match},
            **{value.name: _variable(value, "OUTCOME") for value in detection.outcomes},
        }
    part["riskScore"] = _number(detection.risk_score)
    return part


def _pair(value: NamedValue) -> Json:
    pair: Json = {"key": value.name, "value": text(value)}
    if value.source:
        pair["source"] = value.source
    return pair


def _variable(value: NamedValue, kind: str) -> Json:
    variable: Json = {"type": kind, "value": text(value)}
    if value.source:
        variable["sourcePath"] = value.source
    if isinstance(value.value, list):
        outer, inner = _LIST_KEYS[value.type]
        variable[outer] = {inner: [_typed(item, value.type) for item in value.value]}
    else:
        variable[_SCALAR_KEYS[value.type]] = _typed(value.value, value.type)
    return variable


def _typed(value: Scalar, kind: TypedName) -> object:
    return str(value) if kind in ("int", "uint") else value


def text(value: NamedValue) -> str:
    """Return a value as the detection's text: lists joined by a comma and a space.

    >>> text(NamedValue("n", [1, 2], "int"))
    '1, 2'
    """
    items = value.value if isinstance(value.value, list) else [value.value]
    return ", ".join(scalar_text(item) for item in items)


def scalar_text(value: Scalar) -> str:
    """Return the text of one value: truth values in lower case, floats in their shortest form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_number(value)) if isinstance(value, float) else str(value)


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else value


def _explanation(detection: Detection) -> Json:
    explanation: Json = {}
    if detection.branch:
        explanation["branch"] = detection.branch
    explanation["variables"] = {name: _clauses(bound) for name, bound in detection.bound.items() if bound.samples}
    explanation["condition"] = [
        {"clause": held.clause, "values": [{"name": value.name, "value": text(value)} for value in held.values]}
        for held in detection.condition
    ]
    explanation["events"] = {name: _references(bound) for name, bound in detection.bound.items()}
    return explanation


def _clauses(bound: Bound) -> list[Json]:
    return [
        {
            "eventId": sample.reference.id,
            "clauses": [_clause(evidence) for evidence in sample.evidence],
        }
        for sample in bound.samples
    ]


def _clause(evidence: Evidence) -> Json:
    clause: Json = {"clause": evidence.clause}
    if evidence.placeholder:
        clause["placeholder"] = evidence.placeholder
    clause["values"] = [
        {**({"variable": value.variable} if value.variable else {}), "field": value.field, "value": value.value}
        for value in evidence.values
    ]
    return clause


def _references(bound: Bound) -> Json:
    return {
        "total": bound.total,
        "events": [
            {
                key: value
                for key, value in (
                    ("id", reference.id),
                    ("productLogId", reference.product_log_id if reference.product_log_id != reference.id else ""),
                    ("logType", reference.log_type),
                    ("eventTimestamp", "" if reference.time is None else timestamp(reference.time)),
                    ("source", reference.source),
                )
                if value
            }
            for reference in bound.references
        ],
    }


def held_text(held: ConditionClause) -> str:
    """Return a clause of the condition section with the values that made it hold, in the words of a report.

    >>> held_text(ConditionClause("#fail >= 10", (NamedValue("#fail", 12, "int"),)))
    '#fail = 12 (>= 10)'
    """
    shown = [f"{value.name} = {text(value)}" for value in held.values]
    if len(held.values) == 1:
        (value,) = held.values
        name = re.escape(value.name)
        if tested := re.fullmatch(rf"{name}\s*((?:[<>]=?|!=)\s*[^\s#$]+)", held.clause):
            return f"{shown[0]} ({tested[1]})"
        if re.fullmatch(rf"{name}\s*=\s*\S+", held.clause):
            return shown[0]
        if held.clause == f"!${value.name[1:]}" and value.name.startswith("#"):
            return f"{held.clause}: none in the window"
    return f"{held.clause}, with {', '.join(shown)}" if shown else held.clause


def timestamp(microseconds: int) -> str:
    """Return RFC 3339 text with as few groups of three fraction digits as hold the value.

    >>> timestamp(1741784400000000)
    '2025-03-12T13:00:00Z'
    """
    moment = _EPOCH + timedelta(microseconds=microseconds)
    fraction = microseconds % 1_000_000
    digits = "" if fraction == 0 else f".{fraction // 1000:03d}" if fraction % 1000 == 0 else f".{fraction:06d}"
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + digits + "Z"
