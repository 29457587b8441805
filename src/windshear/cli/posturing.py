"""Running the posture checks of the built-in packs: one scan, and its detections gathered by check and subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from windshear.cli.formats.writers import Writer
from windshear.cli.rule_sets import ready_rules
from windshear.cli.scanning import Job as ScanJob
from windshear.cli.scanning import ScanResult, run_scan
from windshear.context.context import Context
from windshear.core.errors import InputError
from windshear.detections.detection import Detection
from windshear.engine.enrichment.supplied import Supplied
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.language.diagnostics.suggest import closest
from windshear.language.front import compile_source
from windshear.packs.pack import ContentRule, builtin_packs
from windshear.packs.rules import rule_source
from windshear.response.filling import filled
from windshear.response.guides import Guide, read_guide

_SUBJECT, _COUNT, _EXPLANATION = "subject", "event_count", "explanation"


@dataclass(frozen=True, slots=True)
class Job:
    """What to look at: logs, their context, and which checks (`P01` or a name; none mean all)."""

    given: Input
    context: Context
    supplied: Supplied
    present: int
    checks: Sequence[str]


@dataclass(slots=True)
class Subject:
    """Who or what a check is about: how many events show it, what is said of it, and the search for the evidence."""

    name: str
    events: int = 0
    told: str = ""
    evidence: str = ""


@dataclass(slots=True)
class Check:
    """One check and what it found. facts: the meta section of its rule."""

    rule: str
    guide: Guide
    facts: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)
    is_evaluable: bool = True

    @property
    def id(self) -> str:
        """Its number."""
        return self.facts.get("check", "")

    def ranked(self) -> list[Subject]:
        """Return the subjects, those with most events first."""
        return sorted(self.subjects.values(), key=lambda subject: (-subject.events, subject.name))


@dataclass(frozen=True, slots=True)
class Posture:
    """All checks by number, and how the scan went."""

    checks: list[Check]
    result: ScanResult


def _gather(checks: dict[str, Check], detection: Detection) -> None:
    """Count a detection for its subject."""
    check = checks[detection.rule.name]
    values = {value.name: value.value for value in (*detection.outcomes, *detection.match)}
    name = str(values.get(_SUBJECT, ""))
    subject = check.subjects.setdefault(name, Subject(name))
    events = values.get(_COUNT, 1)
    subject.events += int(events) if isinstance(events, int | float) else 1
    told = values.get(_EXPLANATION, "")
    subject.told = subject.told or str(told[0] if isinstance(told, list | tuple) and told else told)


def run_posture(job: Job) -> Posture:
    """Run the checks over the logs."""
    rules = _wanted(job.checks)
    checks = {rule.name: Check(rule.name, read_guide(rule.guide)) for rule in rules}
    ready = ready_rules([rule.rule for rule in rules], (), job.context, now_seconds=job.present)
    if not ready.plans:
        raise InputError("no posture check can run")
    for plan in ready.plans:
        checks[plan.facts.name].facts = dict(plan.facts.meta)
    for name in checks.keys() - {plan.facts.name for plan in ready.plans}:
        checks[name].is_evaluable = False
    scan = ScanJob(ready, job.given, Settings(now_seconds=job.present, shows_samples=False), supplied=job.supplied)
    result = run_scan(scan, Writer(lambda found: _gather(checks, found), lambda: None), lambda _: None)
    for check in checks.values():
        for subject in check.subjects.values():
            subject.evidence = _evidence(check.guide, subject)
    return Posture(sorted(checks.values(), key=lambda check: (check.id, check.rule)), result)


def _wanted(names: Sequence[str]) -> list[ContentRule]:
    found = [rule for pack in builtin_packs() for rule in pack.posture]
    if not names:
        return found
    by_name = {rule.name: rule for rule in found}
    by_name |= {_number(rule): rule for rule in found}
    for name in names:
        if name not in by_name:
            meant = closest(name, by_name)
            hint = f"; did you mean {meant}?" if meant else f": expected one of {', '.join(sorted(by_name))}"
            raise InputError(f"there is no posture check `{name}`{hint}")
    return [by_name[name] for name in names]


def _number(rule: ContentRule) -> str:
    """Return the number of a check, as its meta section says."""
    rules = compile_source(rule_source(rule.rule)).rules
    return rules[0].meta_values.get("check", "") if rules else ""


def _evidence(guide: Guide, subject: Subject) -> str:
    """Return the first search of the guide with the subject in it."""
    steps = filled(guide.investigate, lambda name: (subject.name,) if name == _SUBJECT and subject.name else ())
    return next((line.strip() for line in steps.splitlines() if line.strip().startswith("windshear search")), "")
