"""Evaluating: labelled data read once, rules run over it, and what they found judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from windshear.cli.console import count, tell
from windshear.cli.enriching import expired_of, say_expired, say_supplied
from windshear.cli.labelled import Asked, opened, refuse_lost
from windshear.cli.progress import InputProgress
from windshear.cli.rule_sets import Ready, ready_rules, why_unfit
from windshear.cli.summary import say_input
from windshear.core.errors import InputError, SettingError
from windshear.evaluate.behaviours import Catalogue
from windshear.evaluate.campaigns import CampaignScore, campaigns_of
from windshear.evaluate.dataset import needed_labels
from windshear.evaluate.labels import Labels
from windshear.evaluate.marking import Marker
from windshear.evaluate.run import Ran, RuleSide, run_sides
from windshear.evaluate.score import Score, claims_of, score
from windshear.packs.needs import lacking
from windshear.packs.pack import RULE_FILE, content_folder


@dataclass(frozen=True, slots=True)
class Job:
    """What to evaluate on what. against: rules to hold the others against. users: that rates are given for."""

    asked: Asked
    against: Sequence[str]
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
    asked, data = job.asked, opened(job.asked)
    labels = needed_labels(data.found, asked.data)
    if data.found.elsewhere:
        tell(f"{count(data.found.elsewhere, 'label')} left out: about files outside of `{asked.data}`")
    with data.rules() as ready:
        others = [rule_of(name) for name in job.against]
        sides = [ready, *(ready_rules([one], (), data.context, asked.readings, None, data.present) for one in others)]
        marker = Marker(labels)
        with InputProgress(data.given, "evaluating", writes_to_terminal=False) as progress:
            ran = run_sides(
                data.given,
                [RuleSide(side.plans, side.context) for side in sides],
                marker,
                data.settings,
                data.supplied.enrichment,
                lambda size: progress.show(size, ""),
            )
    say_input(ran.report, tell, is_quarantine_kept=True)
    say_supplied(data.supplied, tell)
    say_expired(expired_of(ready.context, ready.plans), tell)
    if not ran.report.event_count:
        raise InputError(f"no event could be read from `{asked.data}`")
    refuse_lost(marker, ran)
    return _judged(job, labels, data.catalogue, sides, marker, ran)


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


def silent_rules(ready: Ready, ran: Ran) -> dict[str, str]:
    """Return the rules that could find nothing on this data, or not all, and why."""
    planned = {plan.facts.name for plan in ready.plans}
    left_out = [rule for rule in ready.rules if rule.name not in planned]
    unfit = {rule.name: why_unfit(rule, ready.context) or "it waits for its own detections" for rule in left_out}
    missing = lacking(ready.plans, ran.report.events.keys(), ready.context.tables)
    found = {name: ", ".join(dict.fromkeys(lack.text for lack in lacks)) for name, lacks in missing.items()}
    return unfit | found | {name: f"stopped: {reason}" for name, reason in ran.findings[0].failures.items()}


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


def _shown_name(name: str) -> str:
    path = rule_of(name)
    return path.parent.name if path.name == RULE_FILE else path.stem
