"""Whether an explanation says what a scan finds, and what settle takes."""

from __future__ import annotations

from collections.abc import Sequence

from windshear.context.context import Context
from windshear.detections.detection import Detection
from windshear.engine.context_feed import ContextFeed
from windshear.engine.explain.explanation import Explanation
from windshear.engine.explain.run import Explaining, Wanted
from windshear.engine.explain.scope import Scope
from windshear.engine.explain.variables import record_stories
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import Plan
from windshear.engine.scan import Scan, Settings
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import integer
from windshear.engine.settle.own_rows import variable_rows
from windshear.logs.quarantine import Quarantined
from windshear.udm.proto_json import write_event


def refuse(record: Quarantined) -> None:
    """Take no broken record."""
    raise AssertionError(record)


def scanned(
    plans: Sequence[Plan], events: Sequence[dict[str, object]], context: Context, settings: Settings
) -> tuple[list[Detection], dict[str, str]]:
    """Return what a scan finds, and why rules failed."""
    with Scan(plans, udm_events, settings) as scan:
        found = [one for batch in ContextFeed(context, plans, refuse).batches() for one in scan.feed(batch)]
        found += [*scan.feed(udm_batch(events, plans)), *scan.finish()]
        return found, {name: count.failure for name, count in scan.counts.rules.items() if count.failure}


def explained(
    plans: Sequence[Plan], name: str, events: Sequence[dict[str, object]], context: Context, settings: Settings
) -> Explanation:
    """Explain a rule of a set, and assert that what passes is what settle takes."""
    with Explaining(plans, name, udm_events, settings) as run:
        for batch in ContextFeed(context, run.plans, refuse).batches():
            run.feed(batch)
        run.feed(udm_batch(events, run.plans))
        explanation = run.explanation(Wanted(settings=settings))
        for scope in run.scopes():
            for variable in scope.rule.variables:
                assert_takes_what_passes(scope, variable)
    return explanation


def assert_takes_what_passes(scope: Scope, variable: str) -> None:
    """Assert that the records whose clauses all pass are those of settle's rows, and that no other is among them."""
    rule, records = scope.rule, scope.records(variable)
    rows = variable_rows(rule, variable, scope.layout, records, scope.plan.lists)
    taken = {integer(number) for (number,) in scope.store.rows(f'SELECT DISTINCT "{NUMBER}" FROM {rows}')}
    numbers = sorted({integer(number) for (number,) in scope.store.rows(f'SELECT DISTINCT "{NUMBER}" FROM {records}')})
    stories = record_stories(scope, variable, numbers)
    assert {number for number, story in stories.items() if story.is_candidate} == taken, (rule.text, variable)
    assert list(stories) == numbers


def json_of(events: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return canonical events as proto-JSON."""
    return [dict(write_event(event)) for event in events]
