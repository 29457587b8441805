"""Running two versions of rules on the same logs, comparing what they find, and asking why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from windshear.cli.console import count, tell
from windshear.cli.inputs import existing
from windshear.cli.progress import InputProgress
from windshear.cli.rule_sets import ready_rules
from windshear.cli.summary import input_mistakes, say_context, say_input
from windshear.context.context import Context
from windshear.core.readings.settings import Readings
from windshear.detections.comparison import Change, RuleComparison, compare
from windshear.detections.detection import Detection
from windshear.engine.context_feed import ContextFeed
from windshear.engine.demand import demand, joined
from windshear.engine.enrichment.supplied import Supplied
from windshear.engine.explain.explanation import Explanation
from windshear.engine.explain.run import Explaining, Wanted
from windshear.engine.feed import Feed, Input
from windshear.engine.plan import Plan
from windshear.engine.scan import Scan, Settings
from windshear.logs.quarantine import Quarantined
from windshear.logs.readers.read import STANDARD_INPUT
from windshear.udm.columns import merge

_MOST_EXPLAINED = 20  # rules: each is a run of its own over all records


@dataclass(frozen=True, slots=True)
class Job:
    """What to compare on what; `limit` changes of each rule are explained."""

    old: Path
    new: Path
    given: Input
    context: Context
    supplied: Supplied
    readings: Readings
    settings: Settings
    limit: int


@dataclass(frozen=True, slots=True)
class RuleDiff:
    """The changes of one rule. old, new: its name on either side, None where it is not there.

    failures: why a side could not be evaluated. cut: whether more was found than is compared. reasons: for the first
    changes why the side without the detection has none.
    """

    old: str | None
    new: str | None
    found: RuleComparison
    failures: tuple[str, ...] = ()
    is_cut: bool = False
    reasons: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name to show."""
        if self.old is not None and self.new is not None and self.old != self.new:
            return f"{self.old} → {self.new}"
        return self.new or self.old or ""


@dataclass(frozen=True, slots=True)
class Diff:
    """All rules that differ in text, by name, and the number of those that do not."""

    rules: tuple[RuleDiff, ...]
    same: int
    events: int
    is_broken: bool
    is_input_bad: bool

    @property
    def differs(self) -> bool:
        """Whether any detection differs."""
        return any(rule.found.changes for rule in self.rules)


@dataclass(frozen=True, slots=True)
class _Side:
    """The rules of one version that run, and what they found."""

    plans: Sequence[Plan]
    found: Mapping[str, list[Detection]]
    failures: Mapping[str, str]
    cut: frozenset[str]


def run_diff(job: Job) -> Diff:
    """Compare two versions of rules; what cannot be read or run is told."""
    given, missing = existing(job.given)
    old, new = (
        ready_rules([path], (), job.context, job.readings, now_seconds=job.settings.now_seconds)
        for path in (job.old, job.new)
    )
    pairs = _pairs(old.plans, new.plans)
    kept = [(a, b) for a, b in pairs if _differ(old.plans, a, new.plans, b)]
    plans = [_needed(old.plans, {a for a, _ in kept}), _needed(new.plans, {b for _, b in kept})]
    feed, sides = _scanned(replace(job, given=given), plans)
    say_input(feed.report, tell, is_quarantine_kept=False)
    mistakes = input_mistakes(given, feed.report, is_strict=False)
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    rules = [_rule_diff(sides, a, b) for a, b in kept]
    rules = _explained(replace(job, given=given), rules, sides)
    is_broken = not (old.is_complete and new.is_complete) or any(rule.failures for rule in rules)
    order = sorted(rules, key=lambda rule: rule.name)
    return Diff(tuple(order), len(pairs) - len(kept), feed.report.event_count, is_broken, bool(missing or mistakes))


def _pairs(old: Sequence[Plan], new: Sequence[Plan]) -> list[tuple[str | None, str | None]]:
    """Return the rules of both sides by name; where each side has one rule, these two belong together."""
    before = list(dict.fromkeys(plan.facts.name for plan in old))
    after = list(dict.fromkeys(plan.facts.name for plan in new))
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    return [
        (name if name in before else None, name if name in after else None) for name in dict.fromkeys((*before, *after))
    ]


def _differ(old: Sequence[Plan], before: str | None, new: Sequence[Plan], after: str | None) -> bool:
    """Return whether two rules may find different things: their texts differ, or they read other rules' detections."""
    sides = [_of(old, before), _of(new, after)]
    texts = [{plan.rule.text for plan in side} for side in sides]
    return _read_detections([*sides[0], *sides[1]]) or texts[0] != texts[1]


def _of(plans: Sequence[Plan], name: str | None) -> list[Plan]:
    return [plan for plan in plans if plan.facts.name == name]


def _read_detections(plans: Sequence[Plan]) -> bool:
    return any(variable.source == "detection" for plan in plans for variable in plan.rule.variables.values())


def _needed(plans: Sequence[Plan], names: set[str | None]) -> Sequence[Plan]:
    """Return the plans of some rules, with all others if any reads detections."""
    kept = [plan for plan in plans if plan.facts.name in names]
    return plans if _read_detections(kept) else kept


def _scanned(job: Job, plans: Sequence[Sequence[Plan]]) -> tuple[Feed, list[_Side]]:
    feed = Feed(job.given, joined(map(demand, plans)), _drop, enrichment=job.supplied.enrichment)
    with ExitStack() as opened:
        scans = [opened.enter_context(Scan(side, feed.full_events, job.settings)) for side in plans]
        found: list[dict[str, list[Detection]]] = [{}, {}]

        def take(side: int, detections: Iterator[Detection]) -> None:
            for one in detections:
                found[side].setdefault(one.rule.name, []).append(one)

        for side, scan in enumerate(scans):
            context = ContextFeed(job.context, plans[side], _drop)
            for batch in context.batches():
                take(side, scan.feed(batch))
            if side == 0:
                say_context(context.reports, tell)
        with InputProgress(job.given, "comparing", writes_to_terminal=False) as progress:
            for batch in feed.batches():
                for side, scan in enumerate(scans):
                    take(side, scan.feed(batch))
                progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
                del batch  # before the next one is made
            for side, scan in enumerate(scans):
                take(side, scan.finish())
        sides = []
        for side, scan in enumerate(scans):
            counts = scan.counts.rules
            failures = {name: rule.failure for name, rule in counts.items() if rule.failure}
            cut = frozenset(name for name, rule in counts.items() if rule.rendered < rule.detections)
            sides.append(_Side(plans[side], found[side], failures, cut))
    return feed, sides


def _rule_diff(sides: Sequence[_Side], before: str | None, after: str | None) -> RuleDiff:
    named = [(side, name) for side, name in zip(sides, (before, after), strict=True) if name is not None]
    failures = tuple(side.failures[name] for side, name in named if name in side.failures)
    found = [side.found.get(name or "", []) for side, name in zip(sides, (before, after), strict=True)]
    compared = RuleComparison((), 0) if failures else compare(*found)
    return RuleDiff(before, after, compared, failures, any(name in side.cut for side, name in named))


def _explained(job: Job, rules: Sequence[RuleDiff], sides: Sequence[_Side]) -> list[RuleDiff]:
    """Add to the first changes why the side without the detection has none."""
    asked = [(i, side) for i, rule in enumerate(rules) for side in (0, 1) if _unexplained(rule, side, job.limit)]
    if not asked:
        return list(rules)
    if STANDARD_INPUT in job.given.sources:
        tell("why detections differ is not told, since standard input can be read only once")
        return list(rules)
    if len(asked) > _MOST_EXPLAINED:
        tell(f"why detections differ is told for the first {_MOST_EXPLAINED} of {len(asked):,} rules")
    result = list(rules)
    told = _explanations(job, rules, list(islice(asked, _MOST_EXPLAINED)), sides)
    for (i, side), explanation in told.items():
        verdicts = _verdicts(explanation)
        reasons = dict(result[i].reasons)
        for number in _unexplained(rules[i], side, job.limit):
            ids = _first_events(rules[i].found.changes[number])
            reasons[number] = tuple(dict.fromkeys(verdicts[event] for event in ids if event in verdicts))
        result[i] = replace(result[i], reasons=reasons)
    return result


def _explanations(
    job: Job, rules: Sequence[RuleDiff], asked: Sequence[tuple[int, int]], sides: Sequence[_Side]
) -> dict[tuple[int, int], Explanation]:
    with ExitStack() as opened:
        feed: Feed | None = None

        def full_events(log_type: str, texts: Sequence[str]) -> Sequence[Mapping[str, object]]:
            return [] if feed is None else feed.full_events(log_type, texts)

        runs = {
            (i, side): opened.enter_context(
                Explaining(sides[side].plans, (rules[i].old, rules[i].new)[side] or "", full_events, job.settings)
            )
            for i, side in asked
        }
        feed = Feed(job.given, merge([run.columns for run in runs.values()]), _drop, enrichment=job.supplied.enrichment)
        for run in runs.values():
            for batch in ContextFeed(job.context, run.plans, _drop).batches():
                run.feed(batch)
        with InputProgress(job.given, "explaining", writes_to_terminal=False) as progress:
            for batch in feed.batches():
                for run in runs.values():
                    run.feed(batch)
                progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
                del batch  # before the next one is made
        told = {}
        for (i, side), run in runs.items():
            numbers = _unexplained(rules[i], side, job.limit)
            ids = tuple(event for number in numbers for event in _first_events(rules[i].found.changes[number]))
            told[i, side] = run.explanation(Wanted(1, tuple(dict.fromkeys(ids)), job.settings))
        return told


def _unexplained(rule: RuleDiff, side: int, limit: int) -> list[int]:
    """Return the changes, of the first `limit`, that the version `side` must explain: those it does not find."""
    if (rule.old, rule.new)[side] is None or rule.failures:
        return []
    wanted = ("appeared", "vanished")[side]
    return [number for number, change in enumerate(rule.found.changes[:limit]) if change.kind == wanted]


def _first_events(change: Change) -> list[str]:
    """Return the first event of each variable of a detection."""
    return [bound.references[0].id for bound in change.shown.bound.values() if bound.references]


def _verdicts(explanation: Explanation) -> dict[str, str]:
    found: dict[str, str] = {}
    for branch in explanation.branches:
        for asked in branch.asked:
            found.setdefault(asked.reference.id, asked.verdict)
    return found


def _drop(_record: Quarantined) -> None:
    """Broken records are counted by the feed; nothing else is kept of them."""
