"""The detection: what a rule found, with its events, outcomes and the evidence for them.

Values are native Python; times are microseconds since 1970 UTC. `windshear.detections.rendering` turns a detection
into Google's JSON shape.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.udm.schema import Root

Scalar = str | int | float | bool
Value = Scalar | list[Scalar]
TypedName = Literal["string", "int", "uint", "float", "bool", "bytes"]


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a detection says about its rule."""

    name: str
    text: str
    meta: tuple[tuple[str, str], ...]
    is_multi_event: bool

    @property
    def identity(self) -> str:
        """The rule's identity: its text decides."""
        return "ru_" + str(_uuid("rule", self.text))

    def meta_value(self, key: str) -> str:
        """Return a meta value, empty when the rule has none (keys are compared without case)."""
        return next((value for name, value in self.meta if name.lower() == key), "")


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A match or outcome variable with its value; `source` is the UDM path it was bound to, if it was a field."""

    name: str
    value: Value
    type: TypedName
    source: str = ""


@dataclass(frozen=True, slots=True)
class EventReference:
    """One bound record: identity, time, log type, the vendor's own record id (may be empty), and where it was read.

    An entity may have no time. A detection of the same run was read nowhere: `source` is its rule and its number there.
    """

    id: str
    time: int | None
    log_type: str
    product_log_id: str
    source: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field and a value it had, as text; `variable` only where it is another than the one explained."""

    field: str
    value: str
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A clause of the rule that is true for one event, as written, with the values that made it true.

    `placeholder`: the clause is no test but the value that this placeholder took from the event.
    """

    clause: str
    values: tuple[FieldValue, ...]
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class ConditionClause:
    """A clause of the condition section that held, as written, with the counts and outcomes that it reads.

    Values are named as in the section: `#e`, `$total`.
    """

    clause: str
    values: tuple[NamedValue, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample record in full (proto-JSON) and why it was bound."""

    reference: EventReference
    event: Mapping[str, object]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """The records bound to one variable: all references up to the setting, the true total, and the samples.

    source: what the records are: events, entities or detections.
    """

    total: int
    references: Sequence[EventReference]
    samples: Sequence[Sample]
    source: Root = "udm"


@dataclass(frozen=True, slots=True)
class Detection:
    """One detection of one rule.

    condition: why its condition section held. partition: of a run that keeps several data sets apart, the one that it
    was found in.
    """

    id: str
    rule: RuleFacts
    branch: str
    start: int
    end: int
    time: int
    match: tuple[NamedValue, ...]
    outcomes: tuple[NamedValue, ...]
    risk_score: float
    bound: Mapping[str, Bound]
    condition: tuple[ConditionClause, ...] = ()
    is_alerting: bool = False
    partition: int = 0


def detection_id(rule: RuleFacts, match: Sequence[NamedValue], start: int, end: int, subject: str) -> str:
    """Return a detection's identity from what defines it, so that another run gives the same one.

    subject: the event's identity (and branch) for a rule without match, the pivot's for a sliding window, else empty.
    """
    parts = [rule.text, *(f"{v.name}={v.value!r}" for v in match), str(start), str(end), subject]
    return "de_" + str(_uuid("detection", *parts))


def event_id(log_type: str, raw: str) -> str:
    """Return an event's identity: 128 bits of a SHA-256 over log type and raw record, as hex.

    No file name, position or clock takes part, so reading again in any order gives the same identities.
    """
    digest = hashlib.sha256(log_type.encode() + b"\x00" + raw.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _uuid(kind: str, *parts: str) -> uuid.UUID:
    digest = hashlib.sha256()
    for part in (kind, *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return uuid.UUID(bytes=digest.digest()[:16], version=5)
