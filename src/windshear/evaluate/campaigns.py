"""Campaigns: how long it took until something was known, and which stages were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from windshear.evaluate.findings import Finding
from windshear.evaluate.score import AttackRecord, Score, Status

NO_STAGE = "no stage"


@dataclass(frozen=True, slots=True)
class StageScore:
    """One stage: its records, those found, those in alerts. begins: time of its first record (µs).

    alert_after: µs from there to the first alert that holds one of its records, None without one.
    """

    name: str
    records: int
    found: int
    alerted: int
    begins: int
    alert_after: int | None


@dataclass(frozen=True, slots=True)
class First:
    """The first finding of a kind that holds a record of a campaign. after: µs from the campaign's first record."""

    kind: str
    finding: Finding | None
    after: int | None


@dataclass(frozen=True, slots=True)
class CampaignScore:
    """One campaign: its stages in the order of their first records.

    begins, ends: times of its first and last record (µs). firsts: of detections, alerts, and alerts that are composite
    or of a chain, in this order.
    """

    name: str
    begins: int
    ends: int
    records: int
    found: int
    alerted: int
    stages: tuple[StageScore, ...]
    firsts: tuple[First, ...]

    @property
    def alert(self) -> First:
        """The first alert."""
        return self.firsts[1]


def campaigns_of(score: Score) -> tuple[CampaignScore, ...]:
    """Return the campaigns that labels name, by their beginning."""
    by_name: dict[str, list[AttackRecord]] = {}
    for attack in score.attacks:
        if attack.label.campaign:
            by_name.setdefault(attack.label.campaign, []).append(attack)
    found = [_campaign(name, attacks, score.findings) for name, attacks in by_name.items()]
    return tuple(sorted(found, key=lambda one: (one.begins, one.name)))


def _campaign(name: str, attacks: Sequence[AttackRecord], findings: Sequence[Finding]) -> CampaignScore:
    times = [attack.marked.time for attack in attacks]
    begins, ids = min(times), _ids(attacks)
    holding = _holding(ids, findings)
    alerts = [one for one in holding if one.is_alert]
    kinds = {
        "detection": holding,
        "alert": alerts,
        "composite": [one for one in alerts if one.is_composite],
        "chain": [one for one in alerts if one.is_chain],
    }
    stages: dict[str, list[AttackRecord]] = {}
    for attack in attacks:
        stages.setdefault(attack.label.stage or NO_STAGE, []).append(attack)
    return CampaignScore(
        name=name,
        begins=begins,
        ends=max(times),
        records=len(attacks),
        found=_count(attacks),
        alerted=sum(attack.is_alerted for attack in attacks),
        stages=tuple(_stage(stage, some, alerts, ids) for stage, some in stages.items()),
        firsts=tuple(_first(kind, some, ids, begins) for kind, some in kinds.items()),
    )


def _stage(
    name: str, attacks: Sequence[AttackRecord], alerts: Sequence[Finding], campaign: frozenset[str]
) -> StageScore:
    begins = min(attack.marked.time for attack in attacks)
    first = _first("alert", _holding(_ids(attacks), alerts), campaign, begins)
    alerted = sum(attack.is_alerted for attack in attacks)
    return StageScore(name, len(attacks), _count(attacks), alerted, begins, first.after)


def _count(attacks: Sequence[AttackRecord]) -> int:
    return sum(attack.status is Status.FOUND for attack in attacks)


def _ids(attacks: Sequence[AttackRecord]) -> frozenset[str]:
    return frozenset(identity for attack in attacks for identity in attack.marked.ids)


def _holding(ids: frozenset[str], findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if not ids.isdisjoint(record.id for record in one.records)]


def _first(kind: str, findings: Sequence[Finding], ids: frozenset[str], begins: int) -> First:
    finding = min(findings, key=lambda one: (one.known_at(ids), one.rule), default=None)
    return First(kind, finding, None if finding is None else finding.known_at(ids) - begins)
