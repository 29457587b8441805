"""Which log type a record is, by the keys and values that it has. Nothing is guessed: no evidence, no type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from windshear.logs.catalogue import ENTITY_PARSERS, PARSERS
from windshear.logs.evidence import evidence_text, holds, shows, text_at
from windshear.logs.parser import Evidence, Has, HasAny, IsNot, Lacks, Shape


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
    possible = _possible(_FIRST_KEYS.intersection(record))
    for log_type, shape in possible.shapes:
        if shows(record, shape):
            return Recognised(log_type, shape.name, evidence_text(shape))
    return Unknown(_unsupported(record, possible.known))


@dataclass(frozen=True, slots=True)
class Miss:
    """A log type that a record shows some evidence of, and what it lacks."""

    log_type: str
    shape: str
    lacking: str


def misses(record: dict[str, object]) -> tuple[Miss, ...]:
    """Return the log types that a record is not although something speaks for them, the nearest first.

    >>> [miss.lacking for miss in misses({"eventSource": "s", "eventName": "n"}) if miss.log_type == "AWS_CLOUDTRAIL"]
    ['one of `eventVersion`, `eventID`, `awsRegion` present']
    """
    found: dict[str, tuple[float, Miss]] = {}
    for log_type, shape in _SHAPES:
        positive = [evidence for evidence in shape.evidence if not isinstance(evidence, IsNot | Lacks)]
        lacking = [evidence for evidence in shape.evidence if not holds(record, evidence)]
        if not lacking or not any(holds(record, evidence) for evidence in positive):
            continue
        share = len(lacking) / len(shape.evidence)
        miss = Miss(log_type, shape.name, ", ".join(str(evidence)[:_MOST_EVIDENCE] for evidence in lacking))
        if log_type not in found or share < found[log_type][0]:
            found[log_type] = (share, miss)
    nearest = sorted(found.values(), key=lambda pair: pair[0])
    return tuple(miss for _, miss in nearest[:_MOST_MISSES])


_MOST_MISSES = 3
_MOST_EVIDENCE = 200  # characters

# Log types that are often found beside those that we read, so that a skipped record says what it is.
_KNOWN: tuple[tuple[str, tuple[Evidence, ...]], ...] = (
    (
        "Azure resource log",
        (HasAny((("resourceId",), ("resource_id",))), HasAny((("operationName",), ("operation_name",)))),
    ),
    ("GCP log without an audit payload", (Has(("logName",)), HasAny((("insertId",), ("receiveTimestamp",))))),
    ("AWS EventBridge event", (Has(("detail-type",)), Has(("source",)))),
    ("UDM entity or detection", (HasAny((("entity",), ("detectionTime",), ("collectionElements",))),)),
)


@dataclass(frozen=True, slots=True)
class _Possible:
    """What a record with certain keys at its top can be: evidence asks for a value below such a key, or for none."""

    shapes: tuple[tuple[str, Shape], ...]
    known: tuple[tuple[str, tuple[Evidence, ...]], ...]


def _may_show(keys: frozenset[str], evidence: Evidence) -> bool:
    return isinstance(evidence, IsNot | Lacks) or not keys.isdisjoint(_first_keys(evidence))


def _first_keys(evidence: Evidence) -> set[str]:
    paths = evidence.paths if isinstance(evidence, HasAny) else (evidence.path,)
    return {path[0] for path in paths}


_SHAPES = tuple((parser.log_type, shape) for parser in PARSERS for shape in parser.shapes)
_FIRST_KEYS = frozenset[str]().union(
    *(_first_keys(evidence) for _, shape in _SHAPES for evidence in shape.evidence),
    *(_first_keys(evidence) for _, found in _KNOWN for evidence in found),
)


@lru_cache(maxsize=4096)
def _possible(keys: frozenset[str]) -> _Possible:
    """Return what is left to be tested of a record that has these of all keys that evidence asks for."""
    return _Possible(
        tuple((log_type, shape) for log_type, shape in _SHAPES if all(_may_show(keys, e) for e in shape.evidence)),
        tuple((name, found) for name, found in _KNOWN if all(_may_show(keys, e) for e in found)),
    )


def _unsupported(record: dict[str, object], known: tuple[tuple[str, tuple[Evidence, ...]], ...]) -> str:
    channel = text_at(record, ("Channel",)) or text_at(record, ("winlog", "channel"))
    if channel is not None:
        return f"Windows event without a number (channel {channel[:80]})"
    for parser in ENTITY_PARSERS:
        if any(shows(record, shape) for shape in parser.shapes):
            name = parser.log_type.lower()
            return f"an entity, not an event ({parser.log_type}): `normalize --type {name}` writes it for --context"
    for name, evidence in known:
        if all(holds(record, item) for item in evidence):
            return f"unsupported log type ({name})"
    keys = ", ".join(f"`{key[:40]}`" for key in list(record)[:5])
    return f"unrecognised log type (keys {keys or 'none'})"
