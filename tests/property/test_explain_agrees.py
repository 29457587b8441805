"""What an explanation says is what a scan finds, for generated rules and events."""

from __future__ import annotations

import orjson
from hypothesis import HealthCheck, given, settings

from tests.engine.explain.agreement import assert_verdict
from tests.property.agreement import compiled_rules
from tests.property.composites import Record, composites, detections, events
from tests.property.hot_keys import busy_rules, busy_worlds
from tests.property.rules import RuleParts, rule_sets
from tests.property.test_engine_agrees import READINGS
from tests.property.worlds import World, worlds
from windshear.context.context import context_of_json
from windshear.core.readings.settings import Readings
from windshear.engine.plan import build_plans, lists_of
from windshear.language.check.scope import Mode
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.udm.proto_json import read_event

_QUIETLY = [HealthCheck.too_slow, HealthCheck.data_too_large]


def _assert_explained(parts: list[RuleParts], world: World, readings: Readings) -> None:
    context = context_of_json(orjson.dumps(world.context))
    rules = compiled_rules(parts, context.schemas)
    canonical = [read_event(event)[0] for some in world.sets for event in some]
    for rule in rules[:1]:
        plans = build_plans([rule], lists_of(context), readings)
        assert_verdict(plans, rule.name, canonical, context)


@settings(max_examples=10, deadline=None, suppress_health_check=_QUIETLY)
@given(rule_sets(), worlds(), READINGS)
def test_generated_rules(parts: list[RuleParts], world: World, readings: Readings) -> None:
    """Verdict, detections and candidates of rules of every shape are what settle says."""
    _assert_explained(parts, world, readings)


@settings(max_examples=10, deadline=None, suppress_health_check=_QUIETLY)
@given(busy_rules(), busy_worlds())
def test_generated_joins(parts: RuleParts, world: World) -> None:
    """So are those of rules that tie several variables in every way."""
    _assert_explained([parts], world, Readings())


@settings(max_examples=8, deadline=None, suppress_health_check=_QUIETLY)
@given(composites(), detections(), events())
def test_generated_composites(text: str, earlier: list[Record], some: list[Record]) -> None:
    """So are those of rules that read detections."""
    context = context_of_json(orjson.dumps({"detections": earlier}))
    compiled = compile_source(Source("generated", text), Mode.COMPAT)
    (rule,) = compiled.rules
    canonical = [read_event(event)[0] for event in some]
    assert_verdict(build_plans([rule], lists_of(context)), rule.name, canonical, context)
