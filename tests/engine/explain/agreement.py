"""Whether an explanation says what a scan finds, and what settle takes."""

from __future__ import annotations

from collections.abc import Sequence

from windshear.cli.formats.explained import text_lines
from windshear.context.context import Context
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import Detection
from windshear.engine.context_feed import ContextFeed
from windshear.engine.explain.explanation import BranchStory, Explanation
from windshear.engine.explain.records import record_stories
from windshear.engine.explain.run import Explaining, Wanted
from windshear.engine.explain.scope import Scope
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import Plan
from windshear.engine.scan import Scan, Settings
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.groups import integer
from windshear.engine.settle.own_rows import variable_rows
from windshear.logs.quarantine import Quarantined

_ASKED = 4  # records of which each is asked for
Record = dict[str, object]


def assert_verdict(
    plans: Sequence[Plan], name: str, events: Sequence[Record], context: Context, settings: Settings | None = None
) -> None:
    """Assert that a rule is explained as a scan finds it, down to the records that are asked for."""
    terms = settings or Settings()
    found, failure = _scanned(plans, name, events, context, terms)
    explanation = explained(plans, name, events, context, terms)
    if failure:
        assert_stops(explanation, failure)
    else:
        assert_finds(explanation, len(found), plans[0].rule.text)
        _assert_asked(explanation, found)


def assert_stops(explanation: Explanation, cause: str) -> None:
    """Assert that a rule is told to stop for a cause."""
    assert explanation.verdict == "stopped"
    assert any(cause in branch.reason for branch in explanation.branches)


def assert_finds(explanation: Explanation, detections: int, text: str) -> None:
    """Assert that a rule is told to find so much, and that every part of the explanation agrees with that."""
    assert explanation.detections == detections, (text, explanation.reason)
    assert explanation.verdict == ("match" if detections else "miss"), (text, explanation.reason)
    assert [line for line in text_lines(explanation) if len(line) > 80 and " " in line.strip()] == []
    for branch in explanation.branches:
        _assert_has_a_reason(branch)


def _refuse(record: Quarantined) -> None:
    raise AssertionError(record)


def _scanned(
    plans: Sequence[Plan], name: str, events: Sequence[Record], context: Context, settings: Settings
) -> tuple[list[Detection], str]:
    """Return what a scan finds by one rule of a set, and why that rule failed."""
    with Scan(plans, udm_events, settings) as scan:
        found = [one for batch in ContextFeed(context, plans, _refuse).batches() for one in scan.feed(batch)]
        found += [*scan.feed(udm_batch(events, plans)), *scan.finish()]
        return [one for one in found if one.rule.name == name], scan.counts.rules[name].failure


def explained(
    plans: Sequence[Plan], name: str, events: Sequence[Record], context: Context, settings: Settings
) -> Explanation:
    """Explain a rule, some records being asked for, and assert that what passes its clauses is what settle takes."""
    with Explaining(plans, name, udm_events, settings) as run:
        for batch in ContextFeed(context, run.plans, _refuse).batches():
            run.feed(batch)
        run.feed(udm_batch(events, run.plans))
        scopes = run.scopes()
        for scope in scopes:
            for variable in scope.rule.variables:
                _assert_takes_what_passes(scope, variable)
        ids = scopes[0].store.rows(f"SELECT DISTINCT id FROM {IDENTITIES} ORDER BY id LIMIT {_ASKED}")
        return run.explanation(Wanted(events=tuple(str(identity) for (identity,) in ids), settings=settings))


def _assert_takes_what_passes(scope: Scope, variable: str) -> None:
    """Assert that the records whose clauses all pass are those of settle's rows, and that no other is among them."""
    rule, records = scope.rule, scope.records(variable)
    rows = variable_rows(rule, variable, scope.layout, records, scope.plan.lists)
    taken, numbers = _numbers(scope, rows), sorted(_numbers(scope, records))
    stories = record_stories(scope, variable, numbers)
    assert {number for number, story in stories.items() if story.is_candidate} == taken, (rule.text, variable)
    assert list(stories) == numbers


def _numbers(scope: Scope, relation: Sql) -> set[int]:
    number = sql.name(NUMBER)
    return {integer(found) for (found,) in scope.store.rows(f"SELECT DISTINCT {number} FROM {relation}")}


def _assert_has_a_reason(branch: BranchStory) -> None:
    """Assert that the parts of a branch agree with its verdict, and that a miss comes with its cause."""
    assert branch.reason
    fates = {group.fate for group in branch.groups}
    assert fates <= ({"detection"} if branch.verdict == "match" else {"condition failed"})
    assert all(group.condition.holds == (group.fate == "detection") for group in branch.groups)
    if branch.verdict == "miss" and all(one.candidates for one in branch.variables if one.is_required):
        assert branch.groups or branch.keys or branch.together or branch.notes


def _assert_asked(explanation: Explanation, found: Sequence[Detection]) -> None:
    """Assert that just the records that detections hold are told to be in one."""
    bound = {reference.id for one in found for some in one.bound.values() for reference in some.references}
    told = [asked for branch in explanation.branches for asked in branch.asked]
    inside = {one.reference.id for one in told if any(group.fate == "detection" for group in one.groups)}
    assert inside == bound & {one.reference.id for one in told}
