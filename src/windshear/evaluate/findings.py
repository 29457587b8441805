"""Findings: the detections of a scan, each with all records that it rests on.

A composite detection rests on the records of the detections that it holds. A detection lists at most 1,000 records per
variable; what it holds beyond them is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from windshear.detections.detection import Detection, EventReference

SEVERITIES = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
ALERT_RANK = SEVERITIES.index("MEDIUM")
_UNKNOWN_RANK = SEVERITIES.index("HIGH")  # a rule without severity counts as high
_CHAIN = "chain"
_MOST_DEEP = 50  # composites over composites


@dataclass(frozen=True, slots=True)
class Finding:
    """A detection and the records that it rests on, each once. unlisted: how many more it holds."""

    detection: Detection
    records: tuple[EventReference, ...]
    unlisted: int = 0

    @property
    def rule(self) -> str:
        """The rule's name."""
        return self.detection.rule.name

    @property
    def severity(self) -> str:
        """The severity of the rule in upper case, `HIGH` where it says none that is known."""
        return SEVERITIES[rank_of(self.detection)]

    @property
    def is_alert(self) -> bool:
        """Whether its severity is medium or above."""
        return rank_of(self.detection) >= ALERT_RANK

    @property
    def is_composite(self) -> bool:
        """Whether its rule puts other rules' detections together (`stage` is `chain`)."""
        return self.detection.rule.meta_value("stage") == _CHAIN

    @property
    def is_chain(self) -> bool:
        """Whether its rule is one for whole attacks: a composite whose name ends with `chain`."""
        return self.is_composite and self.rule.endswith(_CHAIN)

    def known_at(self, attack: Collection[str]) -> int:
        """Return when an attack could be known by it (µs), given the ids of the attack's records: at the last it holds.

        If the rule waits for something that never came, it is the end of its window, which may be long after that.
        """
        times = [record.time for record in self.records if record.time is not None and record.id in attack]
        return self.detection.time if self._waits or not times else max(times)

    @property
    def _waits(self) -> bool:
        """Whether its condition held because a variable has no events."""
        counts = {value.name: value.value for clause in self.detection.condition for value in clause.values}
        return any(not bound.total and counts.get(f"#{name}") == 0 for name, bound in self.detection.bound.items())

    def value(self, name: str) -> str:
        """Return a match or outcome variable as text, empty where there is none; a list is joined by commas."""
        return ", ".join(self.values(name))

    def values(self, name: str) -> tuple[str, ...]:
        """Return what a match or outcome variable holds, each once and without what is empty."""
        for value in (*self.detection.match, *self.detection.outcomes):
            if value.name == name:
                some = value.value if isinstance(value.value, list) else [value.value]
                return tuple(dict.fromkeys(text for item in some if (text := _text(item))))
        return ()

    def all_values(self) -> tuple[str, ...]:
        """Return what all match and outcome variables hold."""
        names = [value.name for value in (*self.detection.match, *self.detection.outcomes)]
        return tuple(text for name in names for text in self.values(name))


@dataclass(slots=True)
class Findings:
    """What the rules of one set found. failures: rules that stopped, and why. cut: detections beyond the limit."""

    detections: list[Detection] = field(default_factory=list)
    failures: Mapping[str, str] = field(default_factory=dict)
    cut: Mapping[str, int] = field(default_factory=dict)

    def all(self) -> list[Finding]:
        """Return the findings by time, then rule and id."""
        by_id = {found.id: found for found in self.detections}
        found = [_finding(detection, by_id) for detection in by_id.values()]
        return sorted(found, key=lambda one: (one.detection.time, one.rule, one.detection.id))


def rank_of(detection: Detection) -> int:
    """Return where the severity of a detection stands among all."""
    level = detection.rule.meta_value("severity").strip().upper()
    return SEVERITIES.index(level) if level in SEVERITIES else _UNKNOWN_RANK


def _finding(detection: Detection, by_id: Mapping[str, Detection]) -> Finding:
    records: dict[str, EventReference] = {}
    unlisted = 0
    seen = {detection.id}
    waiting = [detection]
    for _ in range(_MOST_DEEP):
        below: list[Detection] = []
        for one in waiting:
            for bound in one.bound.values():
                unlisted += max(0, bound.total - len(bound.references))
                if bound.source == "udm":
                    records |= {reference.id: reference for reference in bound.references}
                elif bound.source == "detection":
                    below += _unseen(bound.references, by_id, seen)
        if not below:
            break
        waiting = below
    return Finding(detection, tuple(records.values()), unlisted)


def _unseen(
    references: Sequence[EventReference], by_id: Mapping[str, Detection], seen: set[str]
) -> Iterable[Detection]:
    for reference in references:
        found = by_id.get(reference.id)
        if found is not None and found.id not in seen:
            seen.add(found.id)
            yield found


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
