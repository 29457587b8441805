"""The engine as the conformance runner sees it: a checked rule and inline events in, comparable detections out."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from windshear.conformance.case import Case
from windshear.conformance.compare import FoundDetection
from windshear.conformance.runner import Detections, Unsupported
from windshear.context.context import context_of_json
from windshear.detections.detection import Detection
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Scan, Settings
from windshear.engine.support import missing_feature
from windshear.language.rule import CheckedRule
from windshear.udm.proto_json import read_event

_READ = ("lists", "tables")


def windshear_engine(rule: CheckedRule, case: Case) -> Detections | Unsupported:
    """Run a case through sift and settle."""
    return run(rule, case, Settings())


def settle_alone(rule: CheckedRule, case: Case) -> Detections | Unsupported:
    """Run a case through settle only: every event is a candidate."""
    return run(rule, case, Settings(uses_sift=False))


def run(rule: CheckedRule, case: Case, settings: Settings) -> Detections | Unsupported:
    """Run a case with some settings."""
    feature = missing_feature(rule)
    if feature is not None:
        return Unsupported(feature)
    context = context_of_json(orjson.dumps({name: case.context[name] for name in _READ if name in case.context}))
    if problem := context.problem(rule):
        return Unsupported(problem)
    plans = build_plans([rule], lists_of(context))
    events = [read_event(event)[0] for event in case.events]
    with Scan(plans, udm_events, settings) as scan:
        found = [*scan.feed(udm_batch(events, plans)), *scan.finish()]
    return Detections(tuple(_comparable(detection) for detection in found))


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
    return {
        name: [reference.product_log_id for reference in bound.references] for name, bound in detection.bound.items()
    }
