"""Composite rules: sift, settle and the reference evaluator give the same detections."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.engines import ENGINES
from tests.property.composites import Record, composites, detections, events
from windshear.conformance.case import Case, ExpectedDetection, ExpectedDetections, Place
from windshear.conformance.compare import FoundDetection, differences
from windshear.conformance.runner import Detections, compile_case


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(composites(), min_size=3, max_size=3), detections(), events())
def test_engine_equals_reference(rules: list[str], found: list[Record], seen: list[Record]) -> None:
    """Detections of sift and settle, of settle alone, and of the evaluator are equal."""
    for text in rules:
        case = Case(
            id="generated",
            title="",
            section="CD",
            place=Place("generated", 1),
            rule=text,
            events=tuple(seen),
            context={"detections": found},
            mode="compat",
            expected=ExpectedDetections(()),
        )
        rule, errors = compile_case(case)
        assert rule is not None, (text, errors)
        answers = {name: engine(rule, case) for name, engine in ENGINES.items()}
        (expected, *others) = (given.detections for given in answers.values() if isinstance(given, Detections))
        assert len(others) == len(ENGINES) - 1, answers
        for other in others:
            assert differences(_stated(expected), other) == [], text


def _stated(found: Sequence[FoundDetection]) -> list[ExpectedDetection]:
    """Turn what one engine found into what another must find."""
    return [
        ExpectedDetection(
            match=one.match,
            events={name: list(handles) for name, handles in one.events.items()},
            outcomes=one.outcomes,
            start=one.start,
            end=one.end,
            detection_time=one.detection_time,
            risk_score=one.risk_score,
        )
        for one in found
    ]
