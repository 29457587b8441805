"""Whether sift, settle and the reference evaluator give the same detections, and how the three are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from tests.property.predicates import LISTS
from tests.property.rules import RuleParts
from tests.property.worlds import TABLES, World
from tests.reference import ReferenceContext, evaluate
from tests.reference.records import Record
from tests.reference.stop import StoppedError
from windshear.context.context import Context, context_of_json
from windshear.core.readings.settings import Readings
from windshear.detections.detection import Bound, Detection
from windshear.engine.context_feed import ContextFeed
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.engine.support import missing_feature
from windshear.language.check.scope import Mode
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.language.tables import TableSchemas
from windshear.logs.quarantine import Quarantined
from windshear.udm.proto_json import read_event


@dataclass(frozen=True, order=True)
class Found:
    """A detection as both sides can state it."""

    rule: str
    match: str
    start: int
    end: int
    events: str
    outcomes: str


@dataclass
class Tally:
    """What has been done so far: pairs of a rule and a set of events, detections, damaged texts, queries and rows."""

    pairs: int = 0
    detections: int = 0
    texts: int = 0
    queries: int = 0
    rows: int = 0


def assert_agreement(parts: Sequence[RuleParts], world: World, tally: Tally, readings: Readings | None = None) -> None:
    """Assert that sift and settle, and settle alone, find in a whole world what the evaluator finds in each set."""
    taken = readings or Readings()
    context = context_of_json(orjson.dumps(world.context))
    compiled = compiled_rules(parts, context.schemas)
    canonical = [[read_event(event)[0] for event in events] for events in world.sets]
    entities = [read_event(entity, "graph")[0] for entity in world.entities]
    judge = ReferenceContext(lists=LISTS, tables=TABLES, entities=entities, readings=taken)
    judged = {rule.name: by_reference(rule, canonical, judge) for rule in compiled}
    expected = {name: found for name, found in judged.items() if found is not None}
    compiled = [rule for rule in compiled if rule.name in expected]
    tally.pairs += len(compiled) * len(canonical)
    tally.detections += sum(len(found) for found in expected.values())
    every = [event for events in canonical for event in events]
    for uses_sift in (False, True):
        found = by_engine(compiled, every, context, taken, uses_sift=uses_sift)
        assert found == expected, difference(compiled, expected, found)


def difference(
    rules: Sequence[CheckedRule], expected: Mapping[str, list[Found]], found: Mapping[str, list[Found]]
) -> str:
    """Describe the first rule whose detections differ."""
    rule = next(rule for rule in rules if found[rule.name] != expected[rule.name])
    missing = [one for one in expected[rule.name] if one not in found[rule.name]]
    wrong = [one for one in found[rule.name] if one not in expected[rule.name]]
    return f"{rule.text}\nmissing {missing}\nunexpected {wrong}"


def compiled_rules(parts: Sequence[RuleParts], tables: TableSchemas) -> list[CheckedRule]:
    """Compile generated rules; a generator that makes invalid rules is a bug of this test.

    Left out are the few that may be drawn: keys that only an absent event would define, and what the engine says that
    it cannot run.
    """
    compiled: list[CheckedRule] = []
    for number, rule in enumerate(parts):
        text = rule.text(f"r{number}")
        result = compile_source(Source("generated", text), Mode.COMPAT, tables)
        mistakes = {found.mistake.slug for found in result.diagnostics if found.mistake.severity == "error"}
        assert mistakes <= {"match-key-unbounded"}, (text, result.diagnostics)
        compiled += [rule for rule in result.rules if not mistakes and missing_feature(rule) is None]
    return compiled


def by_reference(rule: CheckedRule, sets: Sequence[Sequence[Record]], context: ReferenceContext) -> list[Found] | None:
    """Evaluate one rule plainly on each set; None if a sum that no integer holds would stop it."""
    found: list[Found] = []
    first = 0
    for events in sets:
        try:
            detections = evaluate(rule, events, context)
        except StoppedError:
            return None
        for one in detections:
            positions = {
                name: [index if rule.variables[name].source == "graph" else first + index for index in bound]
                for name, bound in one.events.items()
            }
            outcomes = {name: comparable(value) for name, value in one.outcomes.items()}
            match = repr(dict(one.match))
            found.append(Found(rule.name, match, one.start, one.end, repr(positions), repr(outcomes)))
        first += len(events)
    return sorted(found)


def by_engine(
    rules: Sequence[CheckedRule], events: Sequence[Record], context: Context, readings: Readings, *, uses_sift: bool
) -> dict[str, list[Found]]:
    """Run all rules in one scan."""
    plans = build_plans(rules, lists_of(context), readings)
    feed = ContextFeed(context, plans, _refuse)
    found: dict[str, list[Found]] = {rule.name: [] for rule in rules}
    with Scan(plans, udm_events, Settings(uses_sift=uses_sift)) as scan:
        early = [detection for batch in feed.batches() for detection in scan.feed(batch)]
        for detection in [*early, *scan.feed(udm_batch(events, plans)), *scan.finish()]:
            found[detection.rule.name].append(stated(detection))
        failures = {name: count.failure for name, count in scan.counts.rules.items() if count.failure}
    assert not failures, failures
    return {name: sorted(items) for name, items in found.items()}


def _refuse(record: Quarantined) -> None:
    raise AssertionError(record)


def stated(detection: Detection) -> Found:
    """State an engine's detection."""
    return Found(
        detection.rule.name,
        repr({value.name: value.value for value in detection.match}),
        detection.start,
        detection.end,
        repr({name: _positions(bound) for name, bound in detection.bound.items()}),
        repr({value.name: comparable(value.value) for value in detection.outcomes}),
    )


def _positions(bound: Bound) -> list[int]:
    """Return the places of events, which their vendor ids tell, or of entities in the context."""
    if bound.source == "graph":
        return sorted(int(reference.source.rpartition(":")[2]) - 1 for reference in bound.references)
    return sorted(int(reference.product_log_id[1:]) for reference in bound.references)


def comparable(value: object) -> object:
    """Round floats to nine digits: the last ones may depend on the order of summing."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value
