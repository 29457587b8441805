"""Sift, settle and the reference evaluator give the same detections."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.property.agreement import Tally, assert_agreement
from tests.property.events import Json, event_sets
from tests.property.rules import RuleParts, rule_sets


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rule_sets(), event_sets())
def test_engine_equals_reference(parts: list[RuleParts], events: list[Json]) -> None:
    """Detections of sift and settle, of settle alone, and of the evaluator are equal."""
    assert_agreement(parts, events, Tally())
