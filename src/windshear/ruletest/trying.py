"""Trying: trials in, detections out. Trials share scans, in which they do not meet; each gives what it gives alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from windshear.detections.detection import Detection
from windshear.engine.composite import compose
from windshear.engine.partitions import Partitions
from windshear.engine.plan import Plan, build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.engine.support import missing_feature
from windshear.logs.normalise import Normaliser
from windshear.ruletest.batches import Batch, batches, meanings_of
from windshear.ruletest.feeding import Feeding
from windshear.ruletest.trial import Trial, Tried

_NO_LIMIT = 1_000_000  # detections of a rule, over all trials of a scan

Progress = Callable[[int], None]  # how many more trials are done


@dataclass(slots=True)
class _Findings:
    """What comes of one trial, while it grows."""

    detections: dict[str, list[Detection]]
    failures: dict[str, str]
    unread: list[str] = field(default_factory=list)
    read: int = 0

    def tried(self) -> Tried:
        found = {name: tuple(some) for name, some in self.detections.items()}
        return Tried(found, self.failures, tuple(self.unread), self.read)


class Trier:
    """Tries trials. `settings` are those of the scans; what a trial says of its run goes before."""

    def __init__(self, settings: Settings | None = None, normaliser: Normaliser | None = None) -> None:
        """Use a normaliser, by default a new one."""
        self._settings = replace(settings or Settings(shows_samples=False), detection_limit=_NO_LIMIT)
        self._normaliser = normaliser or Normaliser()
        self._unfit: dict[tuple[int, int], str] = {}  # by rule and context, of the trials at hand

    def try_all(self, trials: Sequence[Trial], progress: Progress = lambda _: None) -> list[Tried]:
        """Return what came of each trial."""
        done: dict[int, Tried] = {}
        self._unfit.clear()
        for batch in batches(trials):
            some = [trials[place] for place in batch.places]
            done |= zip(batch.places, self._try_together(some, batch), strict=True)
            progress(len(some))
        return [done[place] for place in range(len(trials))]

    def _try_together(self, trials: Sequence[Trial], batch: Batch) -> list[Tried]:
        """Try trials in one scan; those whose rule was stopped in it, which may be for the others' sake, alone."""
        found = self._scan(trials, batch)
        if len(trials) > 1:
            for place, (trial, tried) in enumerate(zip(trials, found, strict=True)):
                if tried.failures.keys() - unfit(trial, self._unfit).keys():
                    (found[place],) = self._scan([trial], Batch([0], meanings_of(trial)))
        return found

    def _scan(self, trials: Sequence[Trial], batch: Batch) -> list[Tried]:
        findings = [_Findings({rule.name: [] for rule in trial.rules}, unfit(trial, self._unfit)) for trial in trials]
        plans = _plans(trials, batch, findings)
        partitions = Partitions([frozenset(one.detections.keys() - one.failures.keys()) for one in findings])
        first = trials[0]
        listing = frozenset(rule.name for trial in trials if trial.asks_for_events for rule in trial.rules)
        settings = replace(self._settings, now_seconds=first.now_seconds, seed=first.seed, listing=listing)
        feeding = Feeding([trial.data for trial in trials], plans, self._normaliser)
        with Scan(plans, feeding.full_events, settings, partitions=partitions) as scan:
            for detection in _all_detections(scan, feeding):
                findings[detection.partition - 1].detections[detection.rule.name].append(detection)
            stopped = {name: count.failure for name, count in scan.counts.rules.items() if count.failure}
        for one, unread, read in zip(findings, feeding.unread, feeding.read, strict=True):
            one.failures |= {name: why for name, why in stopped.items() if name in one.detections}
            one.unread += unread
            one.read = read
        return [one.tried() for one in findings]


def _all_detections(scan: Scan, feeding: Feeding) -> Iterator[Detection]:
    for batch in feeding.batches():
        yield from scan.feed(batch)
    yield from scan.finish()


def _plans(trials: Sequence[Trial], batch: Batch, findings: Sequence[_Findings]) -> Sequence[Plan]:
    """Plan the rules of a scan; those that wait for each other are noted as failures."""
    rules = {
        rule.name: rule
        for trial, one in zip(trials, findings, strict=True)
        for rule in trial.rules
        if rule.name not in one.failures
    }
    plans = build_plans(list(rules.values()), lists_of(batch.meanings.context), trials[0].readings, is_partitioned=True)
    cycles = compose(plans).cycles
    for one in findings:
        one.failures |= {
            name: f"it waits for its own detections: {way}" for name, way in cycles.items() if name in one.detections
        }
    return [plan for plan in plans if plan.facts.name not in cycles]


def unfit(trial: Trial, known: dict[tuple[int, int], str] | None = None) -> dict[str, str]:
    """Return the rules of a trial that cannot be evaluated, with the reason. known: what was found out before."""
    found = {} if known is None else known
    context = trial.data.context
    for rule in trial.rules:
        if (id(rule), id(context)) not in found:
            feature = missing_feature(rule)
            problem = f"{feature} is not supported yet" if feature else context.problem(rule)
            found[id(rule), id(context)] = problem or ""
    reasons = {rule.name: found[id(rule), id(context)] for rule in trial.rules}
    return {name: reason for name, reason in reasons.items() if reason}
