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
class CampaignScore:
    """One campaign: its stages in the order of their first records.

    begins, ends: times of its first and last record (µs). detection, alert, composite, chain: the first of each that
    holds one of its records, by when all of it had happened; None without one. The last two are alerts.
    """

    name: str
    begins: int
    ends: int
    records: int
    found: int
    alerted: int
    stages: tuple[StageScore, ...]
    detection: Finding | None
    alert: Finding | None
    composite: Finding | None
    chain: Finding | None

    def after(self, finding: Finding | None) -> int | None:
        """Return the time from the first record until a finding was possible (µs)."""
        return None if finding is None else finding.known_at - self.begins


def firsts(one: CampaignScore) -> tuple[tuple[str, Finding | None], ...]:
    """Return the first findings of each kind, with what they are."""
    return ("detection", one.detection), ("alert", one.alert), ("composite", one.composite), ("chain", one.chain)


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
    holding = _holding(attacks, findings)
    alerts = [one for one in holding if one.is_alert]
    stages: dict[str, list[AttackRecord]] = {}
    for attack in attacks:
        stages.setdefault(attack.label.stage or NO_STAGE, []).append(attack)
    return CampaignScore(
        name=name,
        begins=min(times),
        ends=max(times),
        records=len(attacks),
        found=_count(attacks),
        alerted=sum(attack.is_alerted for attack in attacks),
        stages=tuple(_stage(stage, some, holding) for stage, some in stages.items()),
        detection=_first(holding),
        alert=_first(alerts),
        composite=_first([one for one in alerts if one.is_composite]),
        chain=_first([one for one in alerts if one.is_chain]),
    )


def _stage(name: str, attacks: Sequence[AttackRecord], findings: Sequence[Finding]) -> StageScore:
    begins = min(attack.marked.time for attack in attacks)
    alert = _first([one for one in _holding(attacks, findings) if one.is_alert])
    alerted = sum(attack.is_alerted for attack in attacks)
    return StageScore(
        name, len(attacks), _count(attacks), alerted, begins, None if alert is None else alert.known_at - begins
    )


def _count(attacks: Sequence[AttackRecord]) -> int:
    return sum(attack.status is Status.FOUND for attack in attacks)


def _holding(attacks: Sequence[AttackRecord], findings: Sequence[Finding]) -> list[Finding]:
    ids = {identity for attack in attacks for identity in attack.marked.ids}
    return [one for one in findings if not ids.isdisjoint(record.id for record in one.records)]


def _first(findings: Sequence[Finding]) -> Finding | None:
    return min(findings, key=lambda one: (one.known_at, one.rule), default=None)
