"""An explanation's verdict is what engines must find, in every conformance case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.explain.agreement import assert_finds, assert_stops, explained
from windshear.conformance.case import Case, ExpectedDetections, ExpectedError, ExpectedStop
from windshear.conformance.cases import read_cases
from windshear.conformance.engine import context_of_case
from windshear.conformance.history import counted_history
from windshear.conformance.runner import compile_case
from windshear.engine.explain.run import not_evaluable
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.scan import Settings
from windshear.udm.proto_json import read_event

_FOLDER = Path(__file__).parents[2] / "conformance"
_FILES = [read_cases(path.name, path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.md"))]
CASES = [case for file in _FILES for case in file.cases if not isinstance(case.expected, ExpectedError)]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_verdict_is_what_is_expected(case: Case) -> None:
    """A rule matches as often as engines must find it, and a record is a candidate where settle takes it."""
    rule, errors = compile_case(case)
    assert rule is not None, errors
    settings = Settings(now_seconds=case.run_parameter("now"), seed=case.run_parameter("seed"))
    with counted_history(rule, case) as rollups:
        context = replace(context_of_case(case), rollups=rollups)
        assert not_evaluable(rule, context) is None
        plans = build_plans([rule], lists_of(context), case.readings())
        events = [read_event(event)[0] for event in case.events]
        explanation = explained(plans, rule.name, events, context, settings)
    if isinstance(case.expected, ExpectedStop):
        assert_stops(explanation, case.expected.setting)
    elif isinstance(case.expected, ExpectedDetections):
        assert_finds(explanation, len(case.expected.detections), case.rule)
