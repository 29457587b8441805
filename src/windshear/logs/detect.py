"""Which log type a record is, by the keys and values that it has. Nothing is guessed: no evidence, no type."""

from __future__ import annotations

from dataclasses import dataclass

from windshear.logs.catalogue import PARSERS
from windshear.logs.evidence import evidence_text, holds, shows, text_at
from windshear.logs.parser import Evidence, Has, HasAny, Is


@dataclass(frozen=True, slots=True)
class Recognised:
    """A log type, the shape in which the record stands, and the evidence."""

    log_type: str
    shape: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No log type that we read; the reason names the type where it is a known one."""

    reason: str


def identify(record: dict[str, object]) -> Recognised | Unknown:
    """Tell what a parsed record is.

    >>> identify({"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "eventVersion": "1.08"}).log_type
    'AWS_CLOUDTRAIL'
    """
    for parser in PARSERS:
        for shape in parser.shapes:
            if shows(record, shape):
                return Recognised(parser.log_type, shape.name, evidence_text(shape))
    return Unknown(_unsupported(record))


# Log types that are often found beside those that we read, so that a skipped record says what it is.
_KNOWN: tuple[tuple[str, tuple[Evidence, ...]], ...] = (
    ("AZURE_AD_AUDIT", (HasAny((("AADOperationType",), ("activityDisplayName",), ("ActivityDisplayName",))),)),
    ("AZURE_AD_AUDIT", (Is(("category",), ("AuditLogs",)),)),
    (
        "AZURE_ACTIVITY",
        (HasAny((("resourceId",), ("resource_id",))), HasAny((("operationName",), ("operation_name",)))),
    ),
    ("GCP_CLOUDAUDIT", (Has(("protoPayload", "methodName")),)),
    ("GCP log without an audit payload", (Has(("logName",)), HasAny((("insertId",), ("receiveTimestamp",))))),
    ("OKTA", (Has(("eventType",)), HasAny((("legacyEventType",), ("uuid",))))),
    ("OKTA", (Has(("eventType_s",)),)),
    ("OFFICE_365", (Has(("Workload",)), Has(("Operation",)))),
    ("AWS EventBridge event", (Has(("detail-type",)), Has(("source",)))),
    ("UDM entity or detection", (HasAny((("entity",), ("detectionTime",), ("collectionElements",))),)),
)


def _unsupported(record: dict[str, object]) -> str:
    channel = text_at(record, ("Channel",)) or text_at(record, ("winlog", "channel"))
    if channel is not None:
        return f"unsupported log type (Windows event channel {channel[:80]})"
    for name, evidence in _KNOWN:
        if all(holds(record, item) for item in evidence):
            return f"unsupported log type ({name})"
    keys = ", ".join(f"`{key[:40]}`" for key in list(record)[:5])
    return f"unrecognised log type (keys {keys or 'none'})"
