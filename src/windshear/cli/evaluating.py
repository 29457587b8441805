"""Evaluating: labelled data read once, rules run over it, and what they found judged."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from windshear.cli.console import count, tell
from windshear.cli.counting import History, history_beside
from windshear.cli.enriching import expired_of, say_expired, say_supplied, surroundings_of
from windshear.cli.inputs import input_of, time_of_run
from windshear.cli.progress import InputProgress
from windshear.cli.rule_sets import Ready, ready_rules, why_unfit
from windshear.cli.summary import say_input
from windshear.context.context import Context
from windshear.core.errors import InputError, SettingError
from windshear.core.readings.settings import Readings
from windshear.engine.enrichment.enrichment import Enrichment
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.evaluate.behaviours import Catalogue, catalogue_folders, check_labels, read_catalogue
from windshear.evaluate.campaigns import CampaignScore, campaigns_of
from windshear.evaluate.dataset import DataSet, needed_labels, open_data
from windshear.evaluate.labels import Label, Labels, refuse
from windshear.evaluate.marking import Marker
from windshear.evaluate.run import DETECTION_LIMIT, Ran, RuleSide, run_sides
from windshear.evaluate.score import Score, claims_of, score
from windshear.language.metrics import Measure
from windshear.packs.needs import lacking
from windshear.packs.pack import RULE_FILE, content_folder


@dataclass(frozen=True, slots=True)
class Job:
    """What to evaluate on what."""

    data: Path
    labels: Path | None
    rules: Sequence[Path]
    packs: Sequence[str]
    against: Sequence[str]
    context: Path | None
    geoip: Sequence[Path]
    history: Sequence[str]
    log_type: str | None
    mappings: Mapping[str, str]
    readings: Readings
    settings: Settings
    now: str | None
    users: int | None


@dataclass(frozen=True, slots=True)
class Side:
    """One set of rules: what it is called, how it did, and the campaigns as it saw them."""

    name: str
    score: Score
    campaigns: tuple[CampaignScore, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How rules did on labelled data.

    sides: the rules first, then each that they are held against. silent: rules that could find nothing, and why. users:
    persons in the data, or as given. rules: how many ran. cut: rules with more detections than are judged.
    """

    labels: Labels
    catalogue: Catalogue
    sides: tuple[Side, ...]
    silent: Mapping[str, str]
    events: Mapping[str, int]
    files: int
    users: int
    days: int
    rules: int
    unlabelled: int
    cut: Mapping[str, int]
    is_broken: bool

    @property
    def score(self) -> Score:
        """How the rules did."""
        return self.sides[0].score

    def rate(self, number: int) -> float | None:
        """Return a number of detections as one for 1,000 users and a day, None where nobody is known."""
        return number * 1000 / self.users / self.days if self.users and self.days else None


def run_evaluation(job: Job) -> Evaluation:
    """Evaluate rules; what cannot be read or run is told. `InputError` if the data or its labels cannot be used."""
    found = open_data(job.data, job.labels)
    labels = needed_labels(found, job.data)
    catalogue = read_catalogue(catalogue_folders(job.rules))
    check_labels(labels, catalogue)
    if found.elsewhere:
        tell(f"{count(found.elsewhere, 'label')} left out: about files outside of `{job.data}`")
    given, present = Input(found.files, job.log_type, mappings=job.mappings), present_of(job.now, labels)
    context, supplied = surroundings_of(job.context or found.context, job.geoip, present)
    with tempfile.TemporaryDirectory(prefix="windshear-") as directory:
        earlier = earlier_logs(found, given, job.history, context, Path(directory), supplied.enrichment)
        sides = [ready_rules(job.rules, job.packs, context, job.readings, earlier, present)]
        sides += [ready_rules([rule_of(name)], (), context, job.readings, None, present) for name in job.against]
        marker = Marker(labels)
        with InputProgress(given, "evaluating", writes_to_terminal=False) as progress:
            ran = run_sides(
                given,
                [RuleSide(side.plans, side.context) for side in sides],
                marker,
                replace(job.settings, detection_limit=DETECTION_LIMIT, now_seconds=present),
                supplied.enrichment,
                lambda size: progress.show(size, ""),
            )
    say_input(ran.report, tell, is_quarantine_kept=True)
    say_supplied(supplied, tell)
    say_expired(expired_of(sides[0].context, sides[0].plans), tell)
    if not ran.report.event_count:
        raise InputError(f"no event could be read from `{job.data}`")
    refuse_lost(marker, ran)
    return _judged(job, labels, catalogue, sides, marker, ran)


def _judged(
    job: Job, labels: Labels, catalogue: Catalogue, sides: Sequence[Ready], marker: Marker, ran: Ran
) -> Evaluation:
    claims = claims_of(sides[0].rules)
    names = ["the rules", *map(_shown_name, job.against)]
    judged = []
    for name, findings in zip(names, ran.findings, strict=True):
        how = score(findings.all(), claims, marker, catalogue)
        judged.append(Side(name, how, campaigns_of(how)))
    for findings in ran.findings:
        for name, reason in findings.failures.items():
            tell(f"rule {name} stopped: {reason}", style="red", lead="error")
    return Evaluation(
        labels=labels,
        catalogue=catalogue,
        sides=tuple(judged),
        silent=silent_rules(sides[0], ran),
        events=dict(ran.report.events),
        files=len(ran.report.with_events),
        users=job.users or ran.census.population,
        days=len(ran.census.days),
        rules=len(claims),
        unlabelled=marker.unlabelled,
        cut=ran.findings[0].cut,
        is_broken=not all(side.is_complete for side in sides) or any(one.failures for one in ran.findings),
    )


def earlier_logs(
    found: DataSet, given: Input, names: Sequence[str], context: Context, directory: Path, enrichment: Enrichment
) -> History | None:
    """Return the history that the metrics of rules count: as named, else that of the data set if nothing counted it."""
    if names or found.history is None or context.rollups is not None:
        return history_beside(given, names, directory, enrichment, is_strict=False)
    beside = replace(input_of([str(found.history)], "auto"), mappings=given.mappings)
    return _HistoryBeside(beside, directory, enrichment, is_strict=False)


class _HistoryBeside(History):
    """History that nobody named: it is left alone if no rule asks for it."""

    def added_to(self, context: Context, measures: Sequence[Measure]) -> Context:
        return History.added_to(self, context, measures) if measures else context


def silent_rules(ready: Ready, ran: Ran) -> dict[str, str]:
    """Return the rules that could find nothing on this data, or not all, and why."""
    planned = {plan.facts.name for plan in ready.plans}
    left_out = [rule for rule in ready.rules if rule.name not in planned]
    unfit = {rule.name: why_unfit(rule, ready.context) or "it waits for its own detections" for rule in left_out}
    missing = lacking(ready.plans, ran.report.events.keys(), ready.context.tables)
    found = {name: ", ".join(dict.fromkeys(lack.text for lack in lacks)) for name, lacks in missing.items()}
    return unfit | found | {name: f"stopped: {reason}" for name, reason in ran.findings[0].failures.items()}


def present_of(now: str | None, labels: Labels | None) -> int:
    """Return the seconds that rules take as now: as given, else the last time that a label names, else that of the run.

    What was known of the data, such as exceptions for a time, is taken as it was then.
    """
    latest = labels.latest if labels is not None else None
    return time_of_run(now) if now is not None or latest is None else latest


def rule_of(name: str) -> Path:
    """Return the rule that is meant by a path, or by `comparison/NAME` or the name of a rule of a built-in pack."""
    path = Path(name)
    if path.exists():
        return path
    known = {
        f"{kind}/{file.parent.name}": file
        for kind in ("comparison", "rules")
        for file in sorted(content_folder().glob(f"*/{kind}/*/{RULE_FILE}"))
    }
    meant = next((file for key, file in known.items() if name in (key, file.parent.name)), None)
    if meant is None:
        there = ", ".join(key for key in known if key.startswith("comparison"))
        raise SettingError(f"`--against {name}` is neither a rule file nor a built-in rule; there is {there}")
    return meant


def refuse_lost(marker: Marker, ran: Ran) -> None:
    """Raise `InputError` for labels that are about no event that was read."""
    refuse(marker.labels.path, [f"{label.line}: {_lost(label, ran)}" for label in marker.without_records()])


def _lost(label: Label, ran: Ran) -> str:
    if label.is_rest:
        return f"no event could be read from `{label.file}` but what has lines of its own"
    left_out = ran.report.quarantined_count + ran.report.skipped_count
    perhaps = f"; {count(left_out, 'record')} of the data could not be read, it may be among them" if left_out else ""
    return f"there is no event `{label.record_id}` in `{label.file}`{perhaps}"


def _shown_name(name: str) -> str:
    path = rule_of(name)
    return path.parent.name if path.name == RULE_FILE else path.stem
