"""An evaluation for people, reports and tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import orjson

from windshear.cli.console import count
from windshear.cli.evaluating import Evaluation
from windshear.cli.formats.evaluation_json import evaluation_record
from windshear.cli.formats.evaluation_sides import side_by_side
from windshear.cli.formats.figures import NOTHING, days, duration, percent, rate
from windshear.cli.formats.sections import Item, Section, as_markdown, as_text
from windshear.cli.formats.story import shorten, when
from windshear.detections.detection import EventReference
from windshear.detections.rendering import timestamp
from windshear.evaluate.campaigns import CampaignScore
from windshear.evaluate.labels import Verdict
from windshear.evaluate.marking import below
from windshear.evaluate.score import NO_BEHAVIOUR, URGENT_RISK, Alert, AttackRecord, BehaviourScore, Kind, Status

_MOST_RECORDS = 3  # of one detection
_MOST_RULES = 15
_FEWEST = 2  # false alarms of a rule that are shown, however many rules have some


def table(found: Evaluation, limit: int) -> str:
    """Return an evaluation as text of at most 80 columns; at most `limit` entries of each list."""
    return as_text(headline(found), sections(found, limit))


def markdown(found: Evaluation, limit: int) -> str:
    """Return an evaluation as Markdown."""
    return as_markdown("Evaluation", headline(found), sections(found, limit))


def as_json(found: Evaluation) -> str:
    """Return an evaluation as one JSON object."""
    return orjson.dumps(evaluation_record(found), option=orjson.OPT_INDENT_2).decode() + "\n"


def headline(found: Evaluation) -> str:
    """Return in one sentence what was evaluated on what."""
    events = sum(found.events.values())
    return (
        f"{count(found.rules, 'rule')} over {count(events, 'event')} of {count(found.files, 'file')}: "
        f"{count(found.users, 'user')}, {days(found.days)}"
    )


def sections(found: Evaluation, limit: int) -> list[Section]:
    """Return the parts of the report that have something to say."""
    parts = [
        _verdicts(found),
        _behaviours(found),
        *_missed(found, limit),
        *_unclaimed(found, limit),
        *_false_alarms(found, limit),
        *_campaigns(found),
        _rates(found),
        *_loud_rules(found),
        *_silent(found),
        *side_by_side(found),
    ]
    return [part for part in parts if part.rows or part.items or part.notes]


def _verdicts(found: Evaluation) -> Section:
    rows = []
    for verdict, number in found.score.verdicts.items():
        if not number.labelled:
            continue
        scored = verdict.is_attack
        rows.append(
            (
                verdict.value,
                f"{number.labelled:,}",
                f"{number.found:,}",
                f"{number.missed:,}" if scored else NOTHING,
                f"{number.unclaimed:,}" if scored else NOTHING,
            )
        )
    notes = [f"and {count(found.unlabelled, 'event')} without a label"] if found.unlabelled else []
    notes += [f"{rule}: {count(left, 'detection')} more, not judged" for rule, left in found.cut.items()]
    held = found.score.verdicts[Verdict.CLEAN]
    if held.labelled:
        notes.append("clean records are found if a false alarm holds them")
    header = ("verdict", "records", "found", "missed", "not claimed")
    return Section("Records", header, tuple(rows), notes=tuple(notes))


def _behaviours(found: Evaluation) -> Section:
    rows = [_behaviour(one, f"{one.id} {one.name}".strip()) for one in found.score.behaviours if _is_scored(one)]
    if not rows:
        return Section("Behaviours")
    header = ("behaviour", "found", "recall", "alerts", "false", "precision")
    return Section("Behaviours", header, (*rows, _behaviour(found.score.total, "all, each counted once")))


def _is_scored(one: BehaviourScore) -> bool:
    return bool(one.records or one.true_alerts or one.false_alarms)


def _behaviour(one: BehaviourScore, name: str) -> tuple[str, ...]:
    shown = "(no behaviour named)" if one.id == NO_BEHAVIOUR else name
    return (
        shown,
        f"{one.found:,} of {one.records:,}",
        percent(one.recall),
        f"{one.true_alerts + one.false_alarms:,}",
        f"{one.false_alarms:,}",
        percent(one.precision),
    )


def _missed(found: Evaluation, limit: int) -> Iterator[Section]:
    missed = found.score.attacks_that_are(Status.MISSED)
    alike: dict[tuple[str, ...], list[AttackRecord]] = {}
    for attack in missed:
        alike.setdefault(_about(found, attack), []).append(attack)
    if missed:
        items = [_missed_item(found, lines, some) for lines, some in [*alike.items()][:limit]]
        yield Section(f"Missed ({len(missed):,})", items=tuple(items), notes=_more(list(alike), limit))


def _missed_item(found: Evaluation, lines: tuple[str, ...], some: Sequence[AttackRecord]) -> Item:
    first = some[0]
    more = (f"and {count(len(some) - 1, 'record')} more like it",) if len(some) > 1 else ()
    return Item(f"{below(first.marked.place, found.labels.folder)} {first.label.record_id}", (*lines, *more))


def _about(found: Evaluation, attack: AttackRecord) -> tuple[str, ...]:
    """Return what is known of a record that was missed, as lines."""
    label = attack.label
    what = ", ".join((*attack.behaviours, *label.names)) or "no behaviour named"
    where = " ".join(part for part in (label.campaign, label.stage) if part)
    lines = [f"{what}{f' ({where})' if where else ''}", *([shorten(label.why)] if label.why else [])]
    if attack.claimed_by:
        lines.append("claimed by " + ", ".join(_with_reason(found, rule) for rule in attack.claimed_by))
    return tuple(lines)


def _with_reason(found: Evaluation, rule: str) -> str:
    return f"{rule} (not evaluable: {found.silent[rule]})" if rule in found.silent else rule


def _unclaimed(found: Evaluation, limit: int) -> Iterator[Section]:
    reasons: Counter[tuple[str, str]] = Counter()
    for attack in found.score.attacks_that_are(Status.UNCLAIMED):
        what = ", ".join((*attack.label.names, *attack.behaviours))
        nobody = f"no rule claims {', '.join(attack.behaviours)}" if attack.behaviours else ""
        reasons[what, nobody or found.catalogue.reason_of(attack.label)] += 1
    if reasons:
        rows = [(what, f"{number:,}", why) for (what, why), number in reasons.most_common(limit)]
        yield Section("Not claimed", ("what", "records", "why"), tuple(rows), notes=_more(list(reasons), limit))


def _false_alarms(found: Evaluation, limit: int) -> Iterator[Section]:
    alarms = found.score.alerts_that_are(Kind.FALSE)
    if alarms:
        yield Section(f"False alarms ({len(alarms):,})", items=tuple(_alarm_items(found, alarms, limit)))
    mixed = found.score.alerts_that_are(Kind.MIXED)
    if mixed:
        by_rule = Counter(alert.finding.rule for alert in mixed)
        rows = [(rule, f"{number:,}") for rule, number in by_rule.most_common()]
        yield Section("Alerts that hold attack and other records", ("rule", "alerts"), tuple(rows))


def _alarm_items(found: Evaluation, alarms: Sequence[Alert], limit: int) -> Iterator[Item]:
    """Yield false alarms rule by rule, the loudest rule first: each gets its share of the limit."""
    by_rule: dict[str, list[Alert]] = {}
    for alert in alarms:
        by_rule.setdefault(alert.finding.rule, []).append(alert)
    most = max(_FEWEST, limit // len(by_rule))
    for rule, some in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
        yield from (_alert_item(found, alert) for alert in some[:most])
        if len(some) > most:
            left = len(some) - most
            yield Item(f"and {left:,} more of {rule} (--limit N shows more, --format json all)")


def _alert_item(found: Evaluation, alert: Alert) -> Item:
    detection = alert.finding.detection
    why = alert.finding.value("explanation") or detection.rule.meta_value("description")
    head = f"{alert.finding.rule}  {alert.finding.severity}  risk {detection.risk_score:g}  {when(detection)}"
    records = [_record(found, record) for record in alert.clean[:_MOST_RECORDS]]
    if len(alert.clean) > _MOST_RECORDS:
        records.append(f"and {count(len(alert.clean) - _MOST_RECORDS, 'record')} more")
    return Item(head, (*([shorten(why)] if why else []), *records))


def _record(found: Evaluation, record: EventReference) -> str:
    return f"{below(record.source, found.labels.folder)} {record.product_log_id}".rstrip()


def _more(items: Sequence[object], limit: int) -> tuple[str, ...]:
    left = len(items) - limit
    return (f"and {left:,} more (--limit N shows more, --format json all)",) if left > 0 else ()


def _campaigns(found: Evaluation) -> Iterator[Section]:
    campaigns = found.sides[0].campaigns
    if not campaigns:
        return
    rows = [
        (
            one.name,
            f"{one.found:,} of {one.records:,}",
            f"{sum(bool(stage.found) for stage in one.stages)} of {len(one.stages)}",
            *(duration(first.after) for first in one.firsts[1:]),
        )
        for one in campaigns
    ]
    header = ("campaign", "found", "stages", "first alert", "composite", "chain")
    items = [Item(one.name, tuple(_story(one))) for one in campaigns]
    yield Section("Campaigns", header, tuple(rows), tuple(items))


def _story(one: CampaignScore) -> Iterator[str]:
    yield f"begins {timestamp(one.begins)}, lasts {duration(one.ends - one.begins)}"
    for first in one.firsts:
        shown = f"first {first.kind} after {duration(first.after)}: {first.finding.rule}" if first.finding else ""
        yield shown or f"no {first.kind}"
    for stage in one.stages:
        alert = f", alert after {duration(stage.alert_after)}" if stage.alert_after is not None else ", no alert"
        yield f"{stage.name}: {stage.found:,} of {stage.records:,} found{alert}"


def _rates(found: Evaluation) -> Section:
    score = found.score
    kinds = Counter(alert.kind for alert in score.alerts)
    numbers = [
        ("alerts (medium severity or above)", len(score.alerts)),
        ("  that hold a record of an attack", kinds[Kind.TRUE] + kinds[Kind.MIXED]),
        ("  false alarms", kinds[Kind.FALSE]),
        ("  not scored: neutral or without a label", kinds[Kind.UNSCORED]),
        (f"detections with a risk score of {URGENT_RISK} or more", score.urgent),
        ("all detections", len(score.findings)),
    ]
    rows = [(what, f"{number:,}", rate(found.rate(number))) for what, number in numbers]
    header = ("detections", "number", "a day for 1,000 users")
    return Section("Alerts", header, tuple(rows))


def _loud_rules(found: Evaluation) -> Iterator[Section]:
    by_rule: dict[str, Counter[Kind]] = {}
    for alert in found.score.alerts:
        by_rule.setdefault(alert.finding.rule, Counter())[alert.kind] += 1
    loud = sorted(by_rule.items(), key=lambda item: (-item[1].total(), item[0]))
    rows = [
        (
            rule,
            f"{kinds.total():,}",
            f"{kinds[Kind.TRUE] + kinds[Kind.MIXED]:,}",
            f"{kinds[Kind.FALSE]:,}",
            f"{kinds[Kind.UNSCORED]:,}",
        )
        for rule, kinds in loud[:_MOST_RULES]
    ]
    if rows:
        yield Section(
            "Rules with alerts",
            ("rule", "alerts", "true", "false", "not scored"),
            tuple(rows),
            notes=_more(loud, _MOST_RULES),
        )


def _silent(found: Evaluation) -> Iterator[Section]:
    reasons: dict[str, list[str]] = {}
    for rule, reason in found.silent.items():
        reasons.setdefault(reason, []).append(rule)
    if reasons:
        ordered = sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))
        items = [Item(f"{count(len(rules), 'rule')}: {reason}", (", ".join(rules),)) for reason, rules in ordered]
        yield Section("Not evaluable on this data", items=tuple(items))
