"""An evaluation as one JSON object: everything that was judged, and nothing cut."""

from __future__ import annotations

from collections.abc import Mapping

from windshear.cli.evaluating import Evaluation, Side
from windshear.detections.detection import EventReference
from windshear.detections.rendering import timestamp
from windshear.evaluate.campaigns import CampaignScore
from windshear.evaluate.findings import Finding
from windshear.evaluate.marking import below
from windshear.evaluate.score import Alert, AttackRecord, BehaviourScore, Kind

Json = Mapping[str, object]
_SECOND = 1_000_000


def evaluation_record(found: Evaluation) -> Json:
    """Return an evaluation as plain values; times are RFC 3339, time spans seconds."""
    rules, *others = found.sides
    return {
        "rules": found.rules,
        "events": found.events,
        "files": found.files,
        "users": found.users,
        "days": found.days,
        "unlabelled_events": found.unlabelled,
        **_side(found, rules),
        "not_evaluable": dict(found.silent),
        "against": [{"rule": side.name, **_side(found, side)} for side in others],
    }


def _side(found: Evaluation, side: Side) -> Json:
    score = side.score
    alerts = {kind.value: len(score.alerts_that_are(kind)) for kind in Kind}
    return {
        "verdicts": {
            verdict.value: {
                "records": number.labelled,
                "found": number.found,
                **({"missed": number.missed, "unclaimed": number.unclaimed} if verdict.is_attack else {}),
            }
            for verdict, number in score.verdicts.items()
        },
        "total": _behaviour(score.total),
        "behaviours": {one.id: _behaviour(one) for one in score.behaviours},
        "attacks": [_attack(found, attack) for attack in score.attacks],
        "detections": len(score.findings),
        "alerts": {"all": len(score.alerts), **alerts, "urgent": score.urgent},
        "alerts_per_1000_users_and_day": {
            "all": found.rate(len(score.alerts)),
            "false": found.rate(alerts["false"]),
            "urgent": found.rate(score.urgent),
        },
        "false_alarms": [_alert(found, alert) for alert in score.alerts_that_are(Kind.FALSE)],
        "mixed_alerts": [_alert(found, alert) for alert in score.alerts_that_are(Kind.MIXED)],
        "unscored_alerts": [_alert(found, alert) for alert in score.alerts_that_are(Kind.UNSCORED)],
        "campaigns": [_campaign(one) for one in side.campaigns],
    }


def _behaviour(one: BehaviourScore) -> Json:
    return {
        "name": one.name,
        "rules": one.rules,
        "records": one.records,
        "found": one.found,
        "found_by_alerts": one.alerted,
        "missed": one.missed,
        "unclaimed": one.unclaimed,
        "recall": one.recall,
        "true_alerts": one.true_alerts,
        "false_alarms": one.false_alarms,
        "precision": one.precision,
    }


def _attack(found: Evaluation, attack: AttackRecord) -> Json:
    label = attack.label
    return {
        "place": below(attack.marked.place, found.labels.folder),
        "record_id": label.record_id,
        "time": timestamp(attack.marked.time),
        "log_type": attack.marked.log_type,
        "verdict": label.verdict.value,
        "labels": label.names,
        "behaviours": attack.behaviours,
        "campaign": label.campaign,
        "stage": label.stage,
        "status": attack.status.value,
        "found_by": attack.rules,
        "is_alerted": attack.is_alerted,
        "claimed_by": attack.claimed_by,
    }


def _alert(found: Evaluation, alert: Alert) -> Json:
    return {
        **_finding(alert.finding),
        "why": alert.finding.value("explanation") or alert.finding.detection.rule.meta_value("description"),
        "clean_records": [_reference(found, record) for record in alert.clean],
        "records_not_listed": alert.finding.unlisted,
    }


def _reference(found: Evaluation, record: EventReference) -> Json:
    return {
        "place": below(record.source, found.labels.folder),
        "record_id": record.product_log_id,
        "log_type": record.log_type,
        "time": None if record.time is None else timestamp(record.time),
    }


def _finding(finding: Finding) -> Json:
    detection = finding.detection
    return {
        "rule": finding.rule,
        "id": detection.id,
        "severity": finding.severity,
        "risk_score": detection.risk_score,
        "time": timestamp(detection.time),
    }


def _campaign(one: CampaignScore) -> Json:
    return {
        "campaign": one.name,
        "begins": timestamp(one.begins),
        "ends": timestamp(one.ends),
        "records": one.records,
        "found": one.found,
        "found_by_alerts": one.alerted,
        "first": {
            first.kind: None if first.finding is None else {**_finding(first.finding), "seconds": _seconds(first.after)}
            for first in one.firsts
        },
        "stages": [
            {
                "stage": stage.name,
                "records": stage.records,
                "found": stage.found,
                "found_by_alerts": stage.alerted,
                "begins": timestamp(stage.begins),
                "seconds_to_alert": _seconds(stage.alert_after),
            }
            for stage in one.stages
        ],
    }


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / _SECOND
