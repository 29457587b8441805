"""What is read of every event, of candidates only, and not at all; the answer does not depend on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import windshear.engine.looks as looks_module
from windshear.engine.demand import demand, joined
from windshear.engine.feed import Feed, Input
from windshear.engine.looks import Chosen, Looks
from windshear.engine.plan import Plan, build_plans
from windshear.engine.scan import Scan, Settings
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.logs.known import NOTHING_KNOWN, Known
from windshear.logs.normalise import Normaliser
from windshear.udm.columns import ListColumn, MessagesColumn, ScalarColumn

LOGS = Path(__file__).parents[1] / "logs"
TEXT = ScalarColumn("text")
LOG_ID = "metadata.product_log_id"
RULE = """
rule {name} {{
  meta:
    author = "A"
  events:
    {events}
  outcome:
    $agent = $e.network.http.user_agent
    $summary = array_distinct($e.security_result.summary)
    $labels = array_distinct($e.target.resource.attribute.labels.value)
  condition:
    $e
}}
"""
AWS = '$e.metadata.product_name = "AWS CloudTrail" and $e.metadata.product_event_type != "" and $e.principal.ip != ""'
OKTA = '$e.metadata.vendor_name = "Okta" and $e.target.user.userid != "" and $e.security_result.action = "ALLOW"'
NOT_AWS = '$e.metadata.product_name != "AWS CloudTrail" and $e.principal.user.userid != "nobody"'
EITHER = f"({AWS}) or ({OKTA})"
BY_LABEL = '$e.metadata.vendor_name = "AMAZON" and $e.target.resource.attribute.labels.value = /./'


def plans(*events: str) -> tuple[Plan, ...]:
    """Return one rule for each text of the section events; all of them show the same."""
    text = "".join(RULE.format(name=f"r{number}", events=one) for number, one in enumerate(events))
    compiled = compile_source(Source("", text))
    assert len(compiled.rules) == len(events), compiled.diagnostics
    return build_plans(compiled.rules)


def early(*events: str) -> set[str]:
    """Return the names of the columns that some rules ask of every event, as long as nothing is known of it."""
    return set(demand(plans(*events)).asked(NOTHING_KNOWN).columns)


def test_events_are_read_for_what_is_tested() -> None:
    """What a rule only shows is read of candidates; of a repeated message, the members that it tests."""
    wanted = demand(plans(OKTA))
    assert wanted.asked(NOTHING_KNOWN).columns == {
        LOG_ID: TEXT,
        "metadata.vendor_name": TEXT,
        "target.user.userid": TEXT,
        "security_result": MessagesColumn({"action": ListColumn("text")}),
    }
    shown = wanted.asked(NOTHING_KNOWN).whole
    assert shown["network.http.user_agent"] == TEXT
    assert shown["security_result"] == MessagesColumn({"action": ListColumn("text"), "summary": TEXT})
    assert wanted.asked(NOTHING_KNOWN).columns.keys() < shown.keys()


def test_whole_lists_of_labels_are_late() -> None:
    """They are as large as a record; what else a rule tests tells most of what it wants."""
    assert demand(plans(BY_LABEL)).asked(NOTHING_KNOWN).columns.keys() == {LOG_ID, "metadata.vendor_name"}


@pytest.mark.parametrize(
    ("events", "is_early"),
    [
        ('$e.metadata.product_event_type = /Password/ and $e.additional.fields["k"] = "v"', False),
        ('$e.metadata.product_event_type != "Login" and $e.additional.fields["k"] = "v"', True),
        ('$e.metadata.event_type = "USER_LOGIN" and $e.additional.fields["k"] = "v"', True),
        (
            (
                '($e.metadata.product_event_type = "a" or $e.metadata.product_event_type = "b") and '
                '$e.additional.fields["k"] = "v"'
            ),
            False,
        ),
        (
            (
                '($e.metadata.product_event_type = "a" or $e.principal.ip = "192.0.2.1") and '
                '$e.additional.fields["k"] = "v"'
            ),
            True,
        ),
        ('$e.metadata.product_event_type = "a" or $e.additional.fields["k"] = "v"', True),
    ],
)
def test_labels_wait_where_the_name_of_events_tells_most(events: str, is_early: bool) -> None:
    """Few events have a name that a rule asks for, so their labels are read when it is known."""
    assert ('additional.fields["k"]' in demand(plans(events)).asked(NOTHING_KNOWN).columns) is is_early


@pytest.mark.parametrize(
    ("exclusion", "waits"),
    [
        ('$e.additional.fields["k"] != "v"', True),
        ('not re.regex($e.additional.fields["k"], `v`)', True),
        ('not ($e.additional.fields["k"] = "v" and $e.principal.user.userid = "SYSTEM")', True),
        ('strings.concat($e.additional.fields["k"], $e.additional.fields["l"]) = ""', True),
        ('$e.additional.fields["k"] != ""', False),
        ('$e.additional.fields["k"] = "v"', False),
        ('($e.additional.fields["k"] = "v" or $e.principal.user.userid = "SYSTEM")', False),
    ],
)
def test_labels_wait_that_only_leave_events_out(exclusion: str, waits: bool) -> None:
    """Nearly every event lacks the label, and passes."""
    assert ('additional.fields["k"]' not in early(f'$e.metadata.event_type = "USER_LOGIN" and {exclusion}')) is waits


def test_labels_are_tested_where_nothing_else_is() -> None:
    """A rule that asks for nothing else cannot wait for what it is about."""
    assert 'additional.fields["k"]' in early('$e.additional.fields["k"] != "v"')


def test_a_column_waits_that_is_tested_only_beside_names() -> None:
    """What another formula tests without a name is read of every event; what kind of event it is, always."""
    named = '$e.metadata.product_event_type = "a" and $e.metadata.vendor_name = "V" and $e.target.hostname = "h"'
    kinds = {LOG_ID, "metadata.product_event_type", "metadata.vendor_name"}
    assert early(named) == kinds
    assert "target.hostname" in demand(plans(named)).asked(NOTHING_KNOWN).whole
    assert early(named, '$e.target.hostname = "h"') == kinds | {"target.hostname"}


@pytest.mark.parametrize(
    ("events", "waits"),
    [
        ('$e.principal.application = /x/ and $e.target.hostname != ""', True),
        ('re.capture($e.principal.application, `x(.*)`) != "" and $e.target.hostname != ""', True),
        ('$e.principal.application = /x/ and strings.coalesce($e.target.hostname, $e.src.hostname) != ""', True),
        ('$e.principal.application = /x/ and re.capture($e.target.hostname, `^([^.]+)`) != ""', True),
        ('$e.principal.application = /x/ and $e.target.hostname != "h"', False),
        ('$e.principal.application = /x/ and $e.target.hostname = "h"', False),
        ('$e.principal.application != /x/ and $e.target.hostname != ""', False),
        ('$e.principal.application = "x" and $e.target.hostname != ""', False),
        ('$e.principal.application = /x/ or $e.target.hostname != ""', False),
    ],
)
def test_whether_a_value_is_there_waits_beside_a_search(events: str, waits: bool) -> None:
    """A pattern tells far more; but what another formula tests is read anyway, and then tested."""
    assert ("target.hostname" not in early(events)) is waits
    assert "target.hostname" in early(events, '$e.target.hostname = "h"')


def test_beside_a_product_of_other_log_types_nothing_is_tested() -> None:
    """Hardly a record of a log type says that it is of another's product; if one does, it is read as a whole."""
    azure = '($e.metadata.product_name = "A" or $e.metadata.product_name = "B") and $e.target.hostname = "h"'
    wanted = demand(plans(azure))
    assert wanted.asked(Known(foreign=frozenset("AB"))).columns.keys() == {LOG_ID, "metadata.product_name"}
    assert "target.hostname" in wanted.asked(Known(foreign=frozenset("AB"))).whole
    assert "target.hostname" in wanted.asked(Known(foreign=frozenset("A"))).columns
    assert "target.hostname" in wanted.asked(Known({"metadata.product_name": ["A", "C"]})).columns
    assert not wanted.asked(Known({"metadata.product_name": ["C", "D", None]})).at_once
    assert not wanted.asked(Known(absent=frozenset(["target.hostname"]))).at_once


def test_log_types_that_cannot_match_are_asked_for_nothing() -> None:
    """What a log type always says of itself decides; what has decided is read, for sift and settle to see it."""
    wanted = demand(plans(AWS, EITHER))
    okta = Known({"metadata.vendor_name": ["Okta"], "metadata.product_name": ["Okta"]})
    told = {LOG_ID, "metadata.vendor_name", "metadata.product_name"}
    assert wanted.asked(okta).columns.keys() == told | {"target.user.userid", "security_result"}
    linux = wanted.asked(Known({"metadata.vendor_name": ["Linux"], "metadata.product_name": ["AuditD"]}))
    assert linux.columns.keys() == told
    assert not linux.whole
    assert not linux.at_once


def test_a_rule_that_tests_all_that_it_reads_is_read_once() -> None:
    """There is nothing to come back for."""
    text = 'rule r { meta: author = "A" events: $e.metadata.event_type = "USER_LOGIN" condition: $e }'
    wanted = demand(build_plans(compile_source(Source("", text)).rules))
    asked = wanted.asked(NOTHING_KNOWN)
    assert asked.columns.keys() == {LOG_ID, "metadata.event_type"}
    assert not asked.whole


def test_demands_are_joined() -> None:
    """Several rule sets read the same events, and others may want a column of each of them."""
    one, other = demand(plans(AWS)), demand(plans(OKTA))
    both = joined([one, other], [{"src.ip": ListColumn("text")}])
    asked = both.asked(NOTHING_KNOWN).columns
    assert asked.keys() == early(AWS) | early(OKTA) | {"src.ip"}
    assert both.every == {**asked, **one.every, **other.every}


DISGUISED = {"EventTime": "2026-03-01 08:00:00", "EventID": 4624, "Hostname": "h", "Channel": "Application"}


@pytest.fixture
def sources(tmp_path: Path) -> list[str]:
    """Return real records of several log types, and one that says that it is of the product of another."""
    disguised = tmp_path / "disguised.json"
    disguised.write_text(
        json.dumps(DISGUISED | {"SourceName": "AWS CloudTrail", "IpAddress": "192.0.2.7"}), encoding="utf-8"
    )
    return [*(str(LOGS / name) for name in ("aws_cloudtrail", "okta", "auditd", "gcp_cloudaudit")), str(disguised)]


def found(rules: tuple[Plan, ...], settings: Settings, sources: list[str]) -> Iterator[tuple[str, object]]:
    """Yield the detections in records: rule and outcomes."""
    feed = Feed(Input(sources), demand(rules), lambda _: None)
    with Scan(rules, feed.full_events, settings) as scan:
        for batch in feed.batches():
            for detection in scan.feed(batch):
                yield detection.rule.name, detection.outcomes
        for detection in scan.finish():
            yield detection.rule.name, detection.outcomes


@pytest.mark.parametrize("uses_sift", [True, False])
def test_the_answer_does_not_depend_on_when_columns_are_read(
    uses_sift: bool, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, as few records are, after a first look, or with nothing known of events: rules find the same."""
    rules, settings = plans(AWS, OKTA, NOT_AWS, EITHER, BY_LABEL), Settings(uses_sift=uses_sift)
    detections = [*found(rules, settings, sources)]
    at_once = sorted(map(repr, detections))
    assert len({name for name, _ in detections}) == len(rules)
    monkeypatch.setattr(looks_module, "_FEW", 0)
    assert at_once == sorted(map(repr, found(rules, settings, sources)))
    monkeypatch.setattr(Normaliser, "known", lambda *_: NOTHING_KNOWN)
    assert at_once == sorted(map(repr, found(rules, settings, sources)))


@pytest.mark.parametrize("uses_sift", [True, False])
def test_an_event_of_a_foreign_product_is_found(
    uses_sift: bool, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its log type leads to expect is no reason to pass it over."""
    monkeypatch.setattr(looks_module, "_FEW", 0)
    assert len(list(found(plans(AWS), Settings(uses_sift=uses_sift), sources[-1:]))) == 1


@pytest.mark.parametrize(
    ("batches", "at_once"),
    [
        (
            [(999, 0), (999, 0), (5_000, 0), (999, 0)],
            [True, True, False, False],
        ),  # few until there is a statement
        ([(5_000, 3_000), *[(5_000, 0)] * 17], [False, *[True] * 15, False, False]),  # most were candidates, then none
        ([(5_000, 2_000), (0, 0), (5_000, 0)], [False, False, False]),
    ],
)
def test_records_are_read_at_once_where_that_is_less_work(batches: list[tuple[int, int]], at_once: list[bool]) -> None:
    """Where there are few, and where most of those before were candidates."""
    early, whole = Chosen({}, {}), Chosen({"a": TEXT}, {"a": TEXT})
    looks = Looks(early, whole)
    seen = []
    for records, candidates in batches:
        looks.begin(records, records * 1_000)
        assert (looks.first, looks.second) == ((whole, None) if looks.is_at_once else (early, whole))
        seen.append(looks.is_at_once)
        if not looks.is_at_once:
            looks.note(records)
            looks.note_candidates(candidates)
    assert seen == at_once


def test_few_records_may_be_large() -> None:
    """All columns of a record of some megabytes are read only if it is a candidate."""
    looks = Looks(Chosen({}, {}), Chosen({"a": TEXT}, {"a": TEXT}))
    looks.begin(1, 15_000_000)
    assert not looks.is_at_once
