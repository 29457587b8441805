"""Whether sift, settle and the reference evaluator give the same detections, and how the three are run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.property.events import Json
from tests.property.predicates import LISTS
from tests.property.rules import RuleParts
from tests.reference import ReferenceContext, evaluate
from windshear.detections.detection import Detection
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans
from windshear.engine.scan import Scan, Settings
from windshear.engine.settle.lower import Lists
from windshear.engine.support import missing_feature
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.udm.proto_json import read_event

_CONTEXT = ReferenceContext(lists=LISTS)


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
    """What has been compared so far."""

    pairs: int = 0
    detections: int = 0


def assert_agreement(parts: Sequence[RuleParts], events: Sequence[Json], tally: Tally) -> None:
    """Assert that sift and settle, settle alone, and the evaluator give the same detections."""
    compiled = compiled_rules(parts)
    canonical = [read_event(event)[0] for event in events]
    expected = {rule.name: by_reference(rule, canonical) for rule in compiled}
    tally.pairs += len(compiled)
    tally.detections += sum(len(found) for found in expected.values())
    for uses_sift in (False, True):
        found = by_engine(compiled, canonical, uses_sift=uses_sift)
        assert found == expected, difference(compiled, expected, found)


def difference(
    rules: Sequence[CheckedRule], expected: Mapping[str, list[Found]], found: Mapping[str, list[Found]]
) -> str:
    """Describe the first rule whose detections differ."""
    rule = next(rule for rule in rules if found[rule.name] != expected[rule.name])
    return f"{rule.text}\nexpected {expected[rule.name]}\nfound {found[rule.name]}"


def compiled_rules(parts: Sequence[RuleParts]) -> list[CheckedRule]:
    """Compile generated rules; a generator that makes invalid rules is a bug of this test.

    Left out are the few that may be drawn: keys that only an absent event would define, and what the engine says that
    it cannot run.
    """
    compiled: list[CheckedRule] = []
    for number, rule in enumerate(parts):
        text = rule.text(f"r{number}")
        result = compile_source(Source("generated", text))
        mistakes = {found.mistake.slug for found in result.diagnostics if found.mistake.severity == "error"}
        assert mistakes <= {"match-key-unbounded"}, (text, result.diagnostics)
        compiled += [rule for rule in result.rules if not mistakes and missing_feature(rule) is None]
    return compiled


def by_reference(rule: CheckedRule, events: Sequence[Mapping[str, object]]) -> list[Found]:
    """Evaluate one rule plainly."""
    return sorted(
        Found(
            rule.name,
            repr(dict(found.match)),
            found.start,
            found.end,
            repr({name: [f"e{position}" for position in positions] for name, positions in found.events.items()}),
            repr({name: comparable(value) for name, value in found.outcomes.items()}),
        )
        for found in evaluate(rule, events, _CONTEXT)
    )


def by_engine(
    rules: Sequence[CheckedRule], events: Sequence[Mapping[str, object]], *, uses_sift: bool
) -> dict[str, list[Found]]:
    """Run all rules in one scan."""
    plans = build_plans(rules, Lists(LISTS))
    found: dict[str, list[Found]] = {rule.name: [] for rule in rules}
    with Scan(plans, udm_events, Settings(uses_sift=uses_sift)) as scan:
        for detection in [*scan.feed(udm_batch(events, plans)), *scan.finish()]:
            found[detection.rule.name].append(stated(detection))
        failures = {name: count.failure for name, count in scan.counts.rules.items() if count.failure}
    assert not failures, failures
    return {name: sorted(items) for name, items in found.items()}


def stated(detection: Detection) -> Found:
    """State an engine's detection."""
    return Found(
        detection.rule.name,
        repr({value.name: value.value for value in detection.match}),
        detection.start,
        detection.end,
        repr(
            {
                name: sorted((r.product_log_id for r in bound.references), key=lambda handle: int(handle[1:]))
                for name, bound in detection.bound.items()
            }
        ),
        repr({value.name: comparable(value.value) for value in detection.outcomes}),
    )


def comparable(value: object) -> object:
    """Round floats, whose last digit may depend on the order of summing."""
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value
