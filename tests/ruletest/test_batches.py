"""Trials that share a scan give what each gives alone, with the ids of a plain scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from tests.conformance.test_conformance import CASES
from tests.property.agreement import compiled_rules
from tests.property.events import Json
from tests.property.rules import RuleParts, rule_sets
from tests.property.worlds import World, worlds
from tests.ruletest.conformance_trials import conformance_trials
from tests.ruletest.facts import facts
from windshear.context.context import context_of_json
from windshear.engine.batch import EventBatch
from windshear.engine.context_feed import ContextFeed
from windshear.engine.demand import required_columns
from windshear.engine.inline import UDM, udm_events
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.logs.record import batch_of
from windshear.ruletest.batches import batches, meanings_of
from windshear.ruletest.trial import Data, Trial, Tried
from windshear.ruletest.trying import Trier, unfit
from windshear.udm.proto_json import read_event
from windshear.udm.rows import to_table

_EVENT_CASES = [case for case in CASES if case.section != "FN"]
_TWICE = """
rule twice {
  meta:
    author = "windshear"
  events:
    $d.detection.detection.rule_name = "sign"
    $d.detection.detection.outcomes["user"] = $user
  match:
    $user over 1h
  condition:
    #d >= 2
}
"""
_DETECTION = {
    "detectionTime": "2026-03-02T08:00:00Z",
    "detection": [{"ruleName": "sign", "outcomes": [{"key": "user", "value": "ann"}]}],
}
_PARTS = 2  # of which each takes an eighth of the cases: a quarter of all is enough for one run


@pytest.mark.parametrize("part", range(_PARTS))
def test_conformance_cases_together_give_what_a_scan_of_each_gives(part: int) -> None:
    """Cases share scans, each over three choices of its events; one of the three is compared with a plain scan."""
    with conformance_trials(_EVENT_CASES[part :: 4 * _PARTS]) as found:
        variants = [_variants(trial) for _, trial in found]
        trials = [trial for some in variants for trial in some]
        assert len(list(batches(trials))) < len(trials) / 5
        tried = iter(Trier().try_all(trials))
        for number, some in enumerate(variants):
            chosen = number % len(some)
            pairs = [(trial, next(tried)) for trial in some]
            trial, one = pairs[chosen]
            assert facts(one) == facts(_scanned(trial)), trial.rules[0].text


def _variants(trial: Trial) -> list[Trial]:
    """Return a trial over all its events, all but the first, and all in another order."""
    events = trial.data.events
    some = [events, events[1:], events[::-1]] if len(events) > 1 else [events]
    return [replace(trial, data=replace(trial.data, events=tuple(part))) for part in some]


def _scanned(trial: Trial) -> Tried:
    """Return what a scan of nothing else finds."""
    rule = trial.rules[0]
    plans = build_plans(trial.rules, lists_of(meanings_of(trial).context), trial.readings)
    feed = ContextFeed(trial.data.context, plans, lambda record: pytest.fail(record.reason))
    texts = [orjson.dumps(event).decode() for event in trial.data.events]
    table = to_table([read_event(event)[0] for event in trial.data.events], required_columns(plans))
    events = EventBatch(UDM, table, batch_of(texts))
    how = Settings(now_seconds=trial.now_seconds, seed=trial.seed, shows_samples=False)
    failures = unfit(trial)
    if failures:
        return Tried({rule.name: ()}, failures, (), len(texts))
    with Scan(plans, udm_events, how) as scan:
        found = [detection for batch in feed.batches() for detection in scan.feed(batch)]
        found += [*scan.feed(events), *scan.finish()]
        stopped = {name: count.failure for name, count in scan.counts.rules.items() if count.failure}
    return Tried({rule.name: tuple(found)}, stopped, (), len(texts))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rule_sets(), worlds())
def test_data_sets_of_one_rule_do_not_meet(parts: list[RuleParts], world: World) -> None:
    """Each rule over several data sets that share events, keys and times: as if it had seen each by itself."""
    context = context_of_json(orjson.dumps(world.context))
    rules = compiled_rules(parts, context.schemas)
    every = [event for events in world.sets for event in events]
    sets: list[Sequence[Json]] = [*world.sets, every, every[1:], every[:-1]]
    trials = [Trial(tuple(rules), Data(tuple(events), (), context)) for events in sets]
    trier = Trier()
    found = trier.try_all(trials)
    for trial, tried in zip(trials, found, strict=True):
        assert facts(tried) == facts(trier.try_all([trial])[0])
    without = trier.try_all([replace(trial, asks_for_events=False) for trial in trials])
    assert list(map(_without_events, without)) == list(map(_without_events, found))


def _without_events(tried: Tried) -> object:
    return [[replace(one, bound={}) for one in some] for some in tried.detections.values()]


def test_composite_rules_share_a_scan_over_detections_of_their_own() -> None:
    """Each trial sees the detections of its context alone; an empty table of egress keeps none apart."""
    rule = compile_source(Source("twice.yaral", _TWICE)).rules[0]
    egress = {"site_egress": {"columns": {"cidr": "cidr", "public_ip": "string"}, "rows": []}}
    trials = []
    for number in range(3):
        found = [_DETECTION | {"id": f"{number}-{place}"} for place in range(number + 1)]
        context = context_of_json(orjson.dumps({"detections": found, "tables": egress if number else {}}))
        trials.append(Trial((rule,), Data((), (), context)))
    assert len(list(batches(trials))) == 1
    tried = Trier().try_all(trials)
    assert [len(one.detections["twice"]) for one in tried] == [0, 1, 1]
    assert [facts(one) for one in tried] == [facts(Trier().try_all([trial])[0]) for trial in trials]
