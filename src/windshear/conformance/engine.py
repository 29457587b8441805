"""The engine as the conformance runner sees it: a checked rule and inline events in, comparable detections out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson

from windshear.conformance.case import Case, QueryCase
from windshear.conformance.compare import FoundDetection
from windshear.conformance.history import counted_history
from windshear.conformance.runner import Detections, Stopped, Unsupported
from windshear.context.context import Context, context_of_json
from windshear.context.expiry import in_force
from windshear.core.errors import InputError
from windshear.core.readings.settings import Readings
from windshear.detections.detection import Detection, EventReference
from windshear.engine.context_feed import ContextFeed
from windshear.engine.export import Exports
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.engine.settle.graph_setup import TABLE_ROW
from windshear.engine.support import missing_feature
from windshear.language.rule import CheckedRule
from windshear.logs.quarantine import Quarantined
from windshear.udm.proto_json import read_event
from windshear.udm.schema import Root

_READ = ("lists", "tables", "entities", "detections")


Answer = Detections | Unsupported | Stopped


def windshear_engine(rule: CheckedRule, case: Case) -> Answer:
    """Run a case through sift and settle."""
    return run(rule, case, Settings())


def settle_alone(rule: CheckedRule, case: Case) -> Answer:
    """Run a case through settle only: every event is a candidate."""
    return run(rule, case, Settings(uses_sift=False))


def run(rule: CheckedRule, case: Case, settings: Settings, readings: Readings | None = None) -> Answer:
    """Run a case with some settings; `readings` are those of cases that do not name their own."""
    feature = missing_feature(rule)
    if feature is not None:
        return Unsupported(feature)
    with counted_history(rule, case) as rollups:
        return _run(rule, case, replace(context_of_case(case), rollups=rollups), settings, readings)


def context_of_case(case: Case) -> Context:
    """Return the context of a case without its history: lists, entities, detections, rows that count at its time."""
    return in_force(read_context(case), case.run_parameter("now"))


def read_context(case: Case | QueryCase) -> Context:
    """Return all of a case's context but its history."""
    given = {name: case.context[name] for name in _READ if name in case.context}
    return context_of_json(orjson.dumps(given), case.id)


def _run(rule: CheckedRule, case: Case, context: Context, settings: Settings, readings: Readings | None) -> Answer:
    if problem := context.problem(rule):
        return Unsupported(problem)
    plans = build_plans([rule], lists_of(context), case.readings(readings))
    events = [read_event(event)[0] for event in case.events]
    feed = ContextFeed(context, plans, refuse)
    settings = replace(settings, now_seconds=case.run_parameter("now"), seed=case.run_parameter("seed"))
    with Scan(plans, udm_events, settings) as scan:
        found = [detection for batch in feed.batches() for detection in scan.feed(batch)]
        found += [*scan.feed(udm_batch(events, plans)), *scan.finish()]
        failure = scan.counts.rules[rule.name].failure
    if failure:
        return Stopped(failure)
    exports = Exports.of(plans, context.tables)
    for detection in found:
        exports.take(detection)
    tables = {changed.table.name: [*changed.rows()] for changed in exports.changed()}
    return Detections(tuple(_comparable(detection) for detection in found), tables)


def refuse(record: Quarantined) -> None:
    """Stop at a broken record: a case has none."""
    raise InputError(f"{record.source}:{record.number}: {record.reason}")


def _comparable(detection: Detection) -> FoundDetection:
    return FoundDetection(
        match={value.name: value.value for value in detection.match},
        events=_handles(detection),
        outcomes={value.name: value.value for value in detection.outcomes},
        start=detection.start,
        end=detection.end,
        detection_time=detection.time,
        risk_score=detection.risk_score,
    )


def _handles(detection: Detection) -> Mapping[str, list[str]]:
    return {name: [_handle(bound.source, one) for one in bound.references] for name, bound in detection.bound.items()}


def _handle(source: Root, reference: EventReference) -> str:
    """Return the name of a record in expectations.

    An entity has none but its place in the case, from 0; so has a row of a table: `%table:0`.
    """
    if source != "graph":
        return reference.product_log_id
    place, _, number = reference.source.rpartition(":")
    position = str(int(number) - 1)
    return f"{place.split()[-1]}:{position}" if reference.log_type == TABLE_ROW else position
