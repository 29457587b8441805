"""Scoring: what was found of what is labelled, and what was found that is nothing.

An *alert* is a detection of medium severity or above: such rules are taken as deployed to alert. A *false alarm* is an
alert that holds a record that a label calls clean. But one that also holds a record of a campaign's attack is about it,
and is counted as *mixed*; so is one with any record of an attack, where the label only says that everything else is
clean. One that holds only neutral records of a campaign beside clean ones is not scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from windshear.detections.detection import EventReference
from windshear.evaluate.behaviours import Catalogue, claimed
from windshear.evaluate.findings import Finding
from windshear.evaluate.labels import Label, Verdict
from windshear.evaluate.marking import Marked, Marker
from windshear.language.rule import CheckedRule

URGENT_RISK = 70
NO_BEHAVIOUR = "none"


class Status(StrEnum):
    """What became of a record of an attack. unclaimed: nothing found it, and no rule says that it would."""

    FOUND = "found"
    MISSED = "missed"
    UNCLAIMED = "unclaimed"


class Kind(StrEnum):
    """What an alert is. unscored: no label is about its records, or they are neutral."""

    TRUE = "true"
    MIXED = "mixed"
    FALSE = "false"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class AttackRecord:
    """A record of an attack: its behaviours, what became of it, the rules that found it, and whether an alert did.

    claimed_by: the rules that claim one of its behaviours.
    """

    marked: Marked
    behaviours: tuple[str, ...]
    status: Status
    rules: tuple[str, ...]
    is_alerted: bool
    claimed_by: tuple[str, ...]

    @property
    def label(self) -> Label:
        """Its label."""
        return self.marked.label


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert, what it is, and the clean records that it holds."""

    finding: Finding
    kind: Kind
    clean: tuple[EventReference, ...] = ()


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """Records with one verdict. found: held by a detection, of clean ones by an alert."""

    labelled: int
    found: int
    missed: int = 0
    unclaimed: int = 0


@dataclass(frozen=True, slots=True)
class BehaviourScore:
    """One behaviour: its records, and the alerts of the rules that claim it."""

    id: str
    name: str
    rules: tuple[str, ...]
    records: int
    found: int
    alerted: int
    unclaimed: int
    true_alerts: int
    false_alarms: int

    @property
    def missed(self) -> int:
        """Records that a rule claims to find, and none did."""
        return self.records - self.found - self.unclaimed

    @property
    def recall(self) -> float | None:
        """The share of the records that were to be found and were, None if there are none."""
        return share(self.found, self.found + self.missed)

    @property
    def precision(self) -> float | None:
        """The share of the alerts that hold a record of an attack, None if there is no alert."""
        return share(self.true_alerts, self.true_alerts + self.false_alarms)


@dataclass(frozen=True)
class Score:
    """How rules did. behaviours: those with records or alerts, by id; `total` counts each record and alert once."""

    verdicts: Mapping[Verdict, VerdictCount]
    attacks: tuple[AttackRecord, ...]
    alerts: tuple[Alert, ...]
    behaviours: tuple[BehaviourScore, ...]
    total: BehaviourScore
    findings: tuple[Finding, ...]

    def attacks_that_are(self, status: Status) -> list[AttackRecord]:
        """Return the records of attacks with one status."""
        return [attack for attack in self.attacks if attack.status is status]

    def alerts_that_are(self, kind: Kind) -> list[Alert]:
        """Return the alerts of one kind."""
        return [alert for alert in self.alerts if alert.kind is kind]

    @property
    def urgent(self) -> int:
        """Detections with a risk score of 70 or more."""
        return sum(finding.detection.risk_score >= URGENT_RISK for finding in self.findings)


def share(part: int, whole: int) -> float | None:
    """Return a share between 0 and 1, None of nothing."""
    return part / whole if whole else None


def score(
    findings: Sequence[Finding], claims: Mapping[str, Sequence[str]], marker: Marker, catalogue: Catalogue
) -> Score:
    """Judge what rules found by the labels of what was read. claims: the behaviours that rules say they find."""
    holders: dict[str, list[Finding]] = {}
    for finding in findings:
        for reference in finding.records:
            holders.setdefault(reference.id, []).append(finding)
    records = marker.records()
    attacks = tuple(
        _attack(marked, [one for identity in marked.ids for one in holders.get(identity, ())], claims, catalogue)
        for marked in records
        if marked.label.verdict.is_attack
    )
    alerts = tuple(_alert(finding, marker) for finding in findings if finding.is_alert)
    behaviours, total = _behaviours(attacks, alerts, claims, catalogue)
    return Score(
        _verdicts(attacks, alerts, records, holders, marker), attacks, alerts, behaviours, total, tuple(findings)
    )


def claims_of(rules: Iterable[CheckedRule]) -> dict[str, tuple[str, ...]]:
    """Return the behaviours that rules claim, by rule."""
    return {rule.name: claimed(rule.meta) for rule in rules}


def _attack(
    marked: Marked, holders: Sequence[Finding], claims: Mapping[str, Sequence[str]], catalogue: Catalogue
) -> AttackRecord:
    behaviours = catalogue.behaviours_of(marked.label)
    claimed_by = tuple(rule for rule, some in claims.items() if not set(behaviours).isdisjoint(some))
    if holders:
        status = Status.FOUND
    elif marked.label.verdict is Verdict.FLAG or claimed_by:
        status = Status.MISSED
    else:
        status = Status.UNCLAIMED
    rules = tuple(dict.fromkeys(holder.rule for holder in holders))
    return AttackRecord(marked, behaviours, status, rules, any(holder.is_alert for holder in holders), claimed_by)


def _alert(finding: Finding, marker: Marker) -> Alert:
    labels = [(record, label) for record in finding.records if (label := marker.label_of(record)) is not None]
    clean = [(record, label) for record, label in labels if label.verdict is Verdict.CLEAN]
    named = [record for record, label in clean if not label.is_background]
    held = tuple(named or (record for record, _ in clean))
    return Alert(finding, _kind([label for _, label in labels], is_clean_named=bool(named)), held)


def _kind(labels: Sequence[Label], *, is_clean_named: bool) -> Kind:
    """Return what an alert is that holds records with some labels."""
    has_clean = any(label.verdict is Verdict.CLEAN for label in labels)
    has_attack = any(label.verdict.is_attack for label in labels)
    of_campaign = [label for label in labels if label.campaign and label.verdict is not Verdict.CLEAN]
    if has_attack and (of_campaign or not is_clean_named):
        return Kind.MIXED if has_clean else Kind.TRUE
    return Kind.FALSE if has_clean and not of_campaign else Kind.UNSCORED


def _verdicts(
    attacks: Sequence[AttackRecord],
    alerts: Sequence[Alert],
    records: Sequence[Marked],
    holders: Mapping[str, Sequence[Finding]],
    marker: Marker,
) -> dict[Verdict, VerdictCount]:
    labelled = Counter(marked.label.verdict for marked in records)
    for label, number in marker.rest.items():
        labelled[label.verdict] += number
    found: dict[Verdict, VerdictCount] = {}
    for verdict in (Verdict.FLAG, Verdict.FLAG_IF_COVERED):
        status = Counter(attack.status for attack in attacks if attack.label.verdict is verdict)
        found[verdict] = VerdictCount(
            labelled[verdict], status[Status.FOUND], status[Status.MISSED], status[Status.UNCLAIMED]
        )
    neutral = [marked for marked in records if marked.label.verdict is Verdict.NEUTRAL]
    held = sum(any(identity in holders for identity in marked.ids) for marked in neutral)
    clean = {record.id for alert in alerts if alert.kind is Kind.FALSE for record in alert.clean}
    found[Verdict.NEUTRAL] = VerdictCount(labelled[Verdict.NEUTRAL], held)
    found[Verdict.CLEAN] = VerdictCount(labelled[Verdict.CLEAN], len(clean))
    return found


def _behaviours(
    attacks: Sequence[AttackRecord],
    alerts: Sequence[Alert],
    claims: Mapping[str, Sequence[str]],
    catalogue: Catalogue,
) -> tuple[tuple[BehaviourScore, ...], BehaviourScore]:
    def made(
        name: str, some: Sequence[AttackRecord], raised: Sequence[Alert], rules: tuple[str, ...]
    ) -> BehaviourScore:
        kinds = Counter(alert.kind for alert in raised)
        return BehaviourScore(
            id=name,
            name=catalogue.names.get(name, ""),
            rules=rules,
            records=len(some),
            found=sum(attack.status is Status.FOUND for attack in some),
            alerted=sum(attack.is_alerted for attack in some),
            unclaimed=sum(attack.status is Status.UNCLAIMED for attack in some),
            true_alerts=kinds[Kind.TRUE] + kinds[Kind.MIXED],
            false_alarms=kinds[Kind.FALSE],
        )

    records: dict[str, list[AttackRecord]] = {}
    for attack in attacks:
        for name in attack.behaviours or (NO_BEHAVIOUR,):
            records.setdefault(name, []).append(attack)
    raised: dict[str, list[Alert]] = {}
    for alert in alerts:
        for name in claims.get(alert.finding.rule) or (NO_BEHAVIOUR,):
            raised.setdefault(name, []).append(alert)
    rules = {name: tuple(rule for rule, some in claims.items() if name in some) for name in {*records, *raised}}
    found = [made(name, records.get(name, []), raised.get(name, []), rules[name]) for name in sorted(rules)]
    return tuple(found), made("", attacks, alerts, ())
