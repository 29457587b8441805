"""The tests beside the rules, run on the engine."""

from __future__ import annotations

import pytest

from tests.content.engine import input_of, run_rule
from windshear.detections.detection import Detection
from windshear.packs.pack import ContentRule, builtin_packs
from windshear.packs.rule_tests import RuleTest, load_rule_tests

RULES = [rule for pack in builtin_packs() for rule in (*pack.rules, *pack.comparison)]
CASES = [
    pytest.param(rule, test, id=f"{rule.name}: {test.name}") for rule in RULES for test in load_rule_tests(rule.tests)
]


@pytest.mark.parametrize(("rule", "test"), CASES)
def test_rule_does_what_its_test_expects(rule: ContentRule, test: RuleTest) -> None:
    """A rule gives the detections that a test beside it expects."""
    found = run_rule(rule.rule.read_text(encoding="utf-8"), input_of(test))
    expected = test.expect
    assert bool(found) == expected.fires, test.why
    if expected.count is not None:
        assert len(found) == expected.count, test.why
    if expected.outcomes:
        wanted = {name: _comparable(value) for name, value in expected.outcomes.items()}
        assert wanted in [_outcomes(detection, wanted) for detection in found], test.why
    for variable, ids in expected.events.items():
        assert _bound_ids(found, variable) == sorted(ids), test.why


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_sift_loses_nothing_of_a_rule(rule: ContentRule) -> None:
    """Settling all events of a rule's tests gives the same detections as settling what sift lets through."""
    text = rule.rule.read_text(encoding="utf-8")
    logs = input_of(*load_rule_tests(rule.tests))
    sifted = sorted(detection.id for detection in run_rule(text, logs))
    assert sifted == sorted(detection.id for detection in run_rule(text, logs, uses_sift=False))
    assert sifted


def _outcomes(detection: Detection, names: dict[str, object]) -> dict[str, object]:
    return {value.name: _comparable(value.value) for value in detection.outcomes if value.name in names}


def _comparable(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value


def _bound_ids(found: list[Detection], variable: str) -> list[str]:
    references = {
        reference.id: reference.product_log_id
        for detection in found
        if variable in detection.bound
        for reference in detection.bound[variable].references
    }
    return sorted(references.values())
