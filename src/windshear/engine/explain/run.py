"""Explaining a rule: its own run, which takes every record as a candidate, and the explanation of what it made of them.

The rules whose detections it reads run as in a scan; of the rule itself nothing is settled but what is asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from windshear.context.context import Context
from windshear.core.errors import InputError
from windshear.core.readings.settings import Readings
from windshear.engine.batch import EventBatch
from windshear.engine.composite import compose
from windshear.engine.context_feed import ContextFeed
from windshear.engine.demand import required_columns
from windshear.engine.explain.branch import branch_story, stopped
from windshear.engine.explain.distance import in_words
from windshear.engine.explain.events import find_records
from windshear.engine.explain.explanation import Explanation
from windshear.engine.explain.scope import Scope
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import Plan, build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.engine.settle.detections import Json
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.groups import integer
from windshear.engine.support import missing_feature
from windshear.engine.whole_events import FullEvents
from windshear.language.rule import CheckedRule
from windshear.logs.quarantine import Quarantined
from windshear.udm.columns import Columns
from windshear.udm.proto_json import read_event

NEAREST = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to explain, and how to run.

    limit: nearest records and groups that are shown. events: ids of records that are asked for.
    """

    limit: int = NEAREST
    events: tuple[str, ...] = ()
    settings: Settings = field(default_factory=Settings)


class Explaining:
    """One run that collects records for one rule. Use as a context manager: it owns temporary files."""

    def __init__(self, plans: Sequence[Plan], name: str, full_events: FullEvents, settings: Settings) -> None:
        """Prepare to explain the rule `name`; the other plans are those whose detections it may read."""
        needed = _inputs(plans, name)
        self.plans = [plan for plan in plans if plan.facts.name in needed]
        self._name = name
        wanted = replace(settings, uses_sift=True, shows_samples=False)
        self._scan = Scan(self.plans, full_events, wanted, unsettled=(name,))

    @property
    def columns(self) -> Columns:
        """The columns that the records fed must have."""
        return required_columns(self.plans)

    def __enter__(self) -> Self:
        self._scan.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scan.__exit__(kind, error, trace)

    def feed(self, batch: EventBatch) -> None:
        """Take in a batch."""
        for _ in self._scan.feed(batch):
            pass

    def scopes(self, limit: int = NEAREST) -> list[Scope]:
        """Return what there is to explain, one plan for each branch of the rule, once everything was fed."""
        for _ in self._scan.finish():
            pass
        store = self._scan.store
        own = [plan for plan in self.plans if plan.facts.name == self._name]
        store.open(slot for plan in own for slot in plan.slots.values())
        return [Scope(plan, store, limit) for plan in own]

    def explanation(self, wanted: Wanted) -> Explanation:
        """Explain what the rule makes of everything that was fed."""
        scopes = self.scopes(wanted.limit)
        asked = find_records(scopes[0], wanted.events)
        numbers = list(dict.fromkeys(number for some in asked.values() for number in some))
        branches = [branch_story(scope, numbers) for scope in scopes]
        counted = self._scan.store.rows(
            f"SELECT log_type, count(*) AS n FROM {IDENTITIES} GROUP BY log_type ORDER BY n DESC, log_type"
        )
        failures = tuple(
            f"rule {name}, whose detections are read, failed: {count.failure}"
            for name, count in self._scan.counts.rules.items()
            if count.failure
        )
        return Explanation(
            self._name,
            tuple((str(log_type), integer(number)) for log_type, number in counted),
            window_text(scopes[0].rule),
            tuple(replace(branch, notes=(*branch.notes, *failures)) for branch in branches),
            self._scan.counts.duplicates,
            tuple(name for name, some in asked.items() if not some),
        )


def explain(
    rule: CheckedRule,
    events: Sequence[Json],
    context: Context | None = None,
    *,
    others: Sequence[CheckedRule] = (),
    readings: Readings | None = None,
    wanted: Wanted | None = None,
) -> Explanation:
    """Explain what a rule makes of UDM events (proto-JSON) and a context.

    others: rules whose detections it may read.
    """
    surroundings, terms = context or Context(), wanted or Wanted()
    problem = not_evaluable(rule, surroundings)
    if problem is not None:
        return Explanation(rule.name, (), window_text(rule), (stopped("", f"the rule cannot be evaluated: {problem}"),))
    plans = build_plans([rule, *others], lists_of(surroundings), readings)
    canonical = [read_event(event)[0] for event in events]
    with Explaining(plans, rule.name, udm_events, terms.settings) as run:
        for batch in ContextFeed(surroundings, run.plans, _refuse).batches():
            run.feed(batch)
        run.feed(udm_batch(canonical, run.plans))
        return run.explanation(terms)


def not_evaluable(rule: CheckedRule, context: Context) -> str | None:
    """Return why a rule cannot be evaluated in a context, None if it can."""
    feature = missing_feature(rule)
    return f"{feature} is not supported yet" if feature else context.problem(rule)


def window_text(rule: CheckedRule) -> str:
    """Return the match window in words, empty without one."""
    if rule.window is None:
        return ""
    size = in_words(rule.window.seconds * 1_000_000)
    match rule.window.kind:
        case "sliding_after":
            return f"{size} after ${rule.window.pivot}"
        case "sliding_before":
            return f"{size} before ${rule.window.pivot}"
        case "tumbling":
            return f"by {size}"
        case _:
            return f"over {size}"


def _inputs(plans: Sequence[Plan], name: str) -> set[str]:
    """Return a rule with all rules whose detections it reads, directly or through others."""
    readers = compose(plans).readers
    needed = {name}
    while True:
        more = {producer for producer, names in readers.items() if names & needed} - needed
        if not more:
            return needed
        needed |= more


def _refuse(record: Quarantined) -> None:
    raise InputError(f"{record.source}:{record.number}: {record.reason}")
