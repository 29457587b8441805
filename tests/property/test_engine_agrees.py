"""Sift, settle and the reference evaluator give the same detections."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.agreement import Tally, assert_agreement
from tests.property.events import awkward_events
from tests.property.rules import RuleParts, plain_rules, rule_sets
from tests.property.worlds import World, worlds
from windshear.core.readings.settings import Readings


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rule_sets(), worlds())
def test_engine_equals_reference(parts: list[RuleParts], world: World) -> None:
    """Detections of sift and settle, of settle alone, and of the evaluator are equal."""
    assert_agreement(parts, world, Tally())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(plain_rules(), min_size=25, max_size=25))
def test_predicates_on_awkward_values(parts: list[RuleParts]) -> None:
    """Predicates mean the same everywhere for every awkward value in every field."""
    assert_agreement(parts, World([awkward_events()]), Tally())


READINGS = st.builds(
    Readings,
    merging=st.sampled_from(["coverage", "earliest", "exact"]),
    merge_sliding=st.booleans(),
    empty_all=st.booleans(),
    array_cap=st.sampled_from([1, 25]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rule_sets(), worlds(), READINGS)
def test_engine_equals_reference_by_any_reading(parts: list[RuleParts], world: World, readings: Readings) -> None:
    """Whatever the settings say, all three find the same."""
    assert_agreement(parts, world, Tally(), readings)
