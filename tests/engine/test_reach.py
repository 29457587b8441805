"""What rules can see: a rule that finds something is within reach, and one out of reach says what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from windshear.conformance.case import ExpectedDetections
from windshear.conformance.cases import read_cases
from windshear.engine.batch import EventBatch
from windshear.engine.plan import Plan, build_plans
from windshear.engine.reach import COLUMNS, Kinds, reach, wanted_sources
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.logs.record import batch_of
from windshear.udm.proto_json import read_event
from windshear.udm.rows import to_table

CASES = [
    case
    for path in sorted((Path(__file__).parents[1] / "conformance").glob("*.md"))
    for case in read_cases(path.name, path.read_text()).cases
]
LOGIN = {"metadata": {"eventType": "USER_LOGIN", "vendorName": "AMAZON", "productName": "AWS CloudTrail"}}


def kinds_of(*events: object) -> Kinds:
    """Return the kinds of some UDM events."""
    canonical = [read_event(event)[0] for event in events]
    kinds = Kinds()
    kinds.add(EventBatch("UDM", to_table(canonical, COLUMNS), batch_of(["{}"] * len(events), "inline")))
    return kinds


def plans_of(events: str, condition: str = "$e") -> Sequence[Plan]:
    """Return the plans of a rule."""
    text = f'rule r {{ meta: author = "A" events: {events} condition: {condition} }}'
    return build_plans(compile_source(Source("", text)).rules)


def test_what_finds_something_is_within_reach() -> None:
    """No rule of the conformance cases that has detections is said to find none."""
    looked_at = 0
    for case in CASES:
        if isinstance(case.expected, ExpectedDetections) and case.expected.detections and case.events:
            plans = build_plans(compile_source(Source(case.id, case.rule)).rules)
            (found,) = reach(plans, kinds_of(*case.events))
            assert not found.missing, case.id
            looked_at += 1
    assert looked_at > 300


@pytest.mark.parametrize(
    ("events", "has_source", "log_types"),
    [
        ('$e.metadata.product_name = "AWS CloudTrail"', True, {"UDM": 2}),
        ('$e.metadata.product_name = "aws cloudtrail" nocase', True, {"UDM": 2}),
        ('$e.metadata.product_name = "Okta"', False, {}),
        ('$e.metadata.product_name = "AWS CloudTrail" $e.metadata.event_type = "FILE_CREATION"', True, {}),
        ('$e.metadata.vendor_name != "AMAZON"', False, {}),
        ('$e.metadata.product_name = "AWS CloudTrail" $e.principal.hostname = "nowhere"', True, {"UDM": 2}),
        ("$e.metadata.log_type in %unknown", True, {"UDM": 2}),
    ],
)
def test_reach(events: str, has_source: bool, log_types: dict[str, int]) -> None:
    """Only source and kind are looked at; everything else may be so."""
    (found,) = reach(plans_of(events), kinds_of(LOGIN, LOGIN))
    (variable,) = found.variables
    assert (variable.has_source, dict(variable.log_types)) == (has_source, log_types)


def test_an_absent_variable_need_not_be_seen() -> None:
    """A rule for what does not happen fires where it never does."""
    tests = '$e.metadata.vendor_name = "AMAZON" $a.metadata.vendor_name = "Okta"'
    events = f"{tests} $e.principal.ip = $ip $a.principal.ip = $ip match: $ip over 5m"
    (found,) = reach(plans_of(events, "$e and !$a"), kinds_of(LOGIN))
    assert [variable.variable for variable in found.variables] == ["e"]
    (found,) = reach(plans_of(events, "$e and $a"), kinds_of(LOGIN))
    assert [variable.variable for variable in found.missing] == ["a"]


def test_one_branch_is_enough() -> None:
    """A compat rule of independent branches fires by any of them."""
    events = '$e.metadata.vendor_name = "AMAZON" $a.metadata.vendor_name = "Okta"'
    (found,) = reach(plans_of(events, "$e or $a"), kinds_of(LOGIN))
    assert found.log_types == ("UDM",)
    assert not found.missing


def test_without_events_nothing_is_seen() -> None:
    """Empty logs are no error."""
    (found,) = reach(plans_of('$e.principal.hostname = "a"'), Kinds())
    assert [variable.has_source for variable in found.missing] == [False]


@pytest.mark.parametrize(
    ("events", "sources"),
    [
        ('$e.metadata.log_type = "OKTA" $e.metadata.product_name = "Okta"', ("OKTA",)),
        ('($e.metadata.product_name = "B" or $e.metadata.product_name = "A")', ("A", "B")),
        ('$e.metadata.product_name = /win/ $e.metadata.event_type = "USER_LOGIN"', ("/win/",)),
        ('$e.metadata.event_type = "USER_LOGIN" $e.metadata.vendor_name != "X"', ("USER_LOGIN",)),
        ('$e.principal.hostname = "a"', ()),
    ],
)
def test_sources_that_a_rule_asks_for(events: str, sources: tuple[str, ...]) -> None:
    """What says most of the source stands for it."""
    (plan,) = plans_of(events)
    assert wanted_sources(plan) == sources
