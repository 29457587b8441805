"""Sift, settle and the reference evaluator give the same detections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.generators import Json, RuleParts, event_sets, rules
from tests.reference import evaluate
from windshear.detections.detection import Detection
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans
from windshear.engine.scan import Scan, Settings
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(rules(), min_size=6, max_size=6), event_sets())
def test_engine_equals_reference(parts: list[RuleParts], events: list[Json]) -> None:
    """Detections of sift and settle, of settle alone, and of the evaluator are equal."""
    compiled = compiled_rules(parts)
    canonical = [read_event(event)[0] for event in events]
    expected = {rule.name: by_reference(rule, canonical) for rule in compiled}
    assert by_engine(compiled, canonical, uses_sift=False) == expected
    assert by_engine(compiled, canonical, uses_sift=True) == expected


def compiled_rules(parts: Sequence[RuleParts]) -> list[CheckedRule]:
    """Compile generated rules; a generator that makes invalid rules is a bug of this test."""
    compiled: list[CheckedRule] = []
    for number, rule in enumerate(parts):
        text = rule.text(f"r{number}")
        result = compile_source(Source("generated", text))
        assert not result.is_broken, (text, result.diagnostics)
        compiled += result.rules
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
        for found in evaluate(rule, events)
    )


def by_engine(
    rules: Sequence[CheckedRule], events: Sequence[Mapping[str, object]], *, uses_sift: bool
) -> dict[str, list[Found]]:
    """Run all rules in one scan."""
    plans = build_plans(rules)
    found: dict[str, list[Found]] = {rule.name: [] for rule in rules}
    with Scan(plans, udm_events, Settings(uses_sift=uses_sift)) as scan:
        for detection in [*scan.feed(udm_batch(events, plans)), *scan.finish()]:
            found[detection.rule.name].append(stated(detection))
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
