"""What a test may be fed with: raw logs in every form, context, history, the time of the run, other rules."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from windshear.ruletest.results import Verdict
from windshear.ruletest.running import run_suites
from windshear.ruletest.suites import find_suites

HEAD = 'rule {name} {{\n  meta:\n    author = "x"\n    severity = "Low"\n'
LOGIN = HEAD + '  events:\n    $e.metadata.event_type = "USER_LOGIN"\n    {more}\n  condition:\n    $e\n}}\n'
EVENT = '{ metadata: { eventTimestamp: "2026-03-02T08:00:00Z", eventType: USER_LOGIN, productLogId: a }, %s }'
TRAIL = {
    "eventVersion": "1.08",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/a", "userName": "a"},
    "eventTime": "2026-03-02T08:53:24Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "203.0.113.7",
    "responseElements": {"ConsoleLogin": "Success"},
    "eventID": "login-1",
    "recipientAccountId": "111122223333",
}


def _verdicts(folder: Path, rule: str, tests: str) -> list[Verdict]:
    (folder / "rule.yaral").write_text(rule, encoding="utf-8")
    (folder / "tests.yaml").write_text(tests, encoding="utf-8")
    found = find_suites([folder / "rule.yaral"])
    assert not found.problems, found.problems
    assert not found.broken
    return [test for result in run_suites(found.suites) for test in result.tests]


def _assert_passed(verdicts: list[Verdict]) -> None:
    wrong = [(one.name, one.problem, one.differences) for one in verdicts if one.status != "passed"]
    assert wrong == []
    assert verdicts


def test_raw_logs_in_every_form(tmp_path: Path) -> None:
    """Records, lines and files, packed or not, of a named type or one that is found out, give the same events."""
    line = orjson.dumps(TRAIL).decode()
    (tmp_path / "trail.jsonl").write_text(line, encoding="utf-8")
    (tmp_path / "trail.json.gz").write_bytes(gzip.compress(orjson.dumps({"Records": [TRAIL]})))
    forms = {
        "records": f"{{ type: AWS_CLOUDTRAIL, records: [{line}] }}",
        "lines": f"{{ type: aws_cloudtrail, lines: {orjson.dumps(line).decode()} }}",
        "file": "{ files: trail.jsonl }",
        "packed": "{ type: auto, files: [trail.json.gz] }",
        "two groups": f"[{{ records: [{line}] }}, {{ files: trail.jsonl }}]",
    }
    tests = "".join(
        f"  - {{ name: {name}, logs: {logs}, expect: {{ count: 1, events: {{ e: [login-1] }} }} }}\n"
        for name, logs in forms.items()
    )
    _assert_passed(_verdicts(tmp_path, LOGIN.format(name="login", more=""), f"tests:\n{tests}"))


def test_broken_record_is_an_error_of_its_test_alone(tmp_path: Path) -> None:
    """A record that is no event is told with its place and reason; the other test runs."""
    line = orjson.dumps(TRAIL).decode()
    tests = (
        f"tests:\n  - {{ name: good, logs: {{ records: [{line}] }}, kind: attack }}\n"
        "  - { name: bad, logs: { type: AWS_CLOUDTRAIL, records: [{ eventName: x }] }, kind: benign }\n"
    )
    good, bad = _verdicts(tmp_path, LOGIN.format(name="login", more=""), tests)
    assert good.status == "passed"
    assert bad.status == "error"
    assert "records:1: does not look like AWS_CLOUDTRAIL" in bad.problem


def test_lists_and_tables_of_each_test_are_its_own(tmp_path: Path) -> None:
    """Two tests of one rule may give a list other entries; a missing list is an error that names it."""
    rule = LOGIN.format(name="vip", more="$e.target.user.userid in %vips")
    event = EVENT % "target: { user: { userid: ann } }"
    tests = f"""tests:
  - {{ name: listed, events: [{event}], context: {{ lists: {{ vips: [ann] }} }}, kind: attack }}
  - {{ name: other, events: [{event}], context: {{ lists: {{ vips: {{ lines: [bob] }} }} }}, kind: benign }}
  - {{ name: missing, events: [{event}], kind: benign }}
"""
    listed, other, missing = _verdicts(tmp_path, rule, tests)
    assert (listed.status, other.status, missing.status) == ("passed", "passed", "error")
    assert "reference list `%vips` is missing" in missing.problem


def test_history_is_counted_for_metrics(tmp_path: Path) -> None:
    """Earlier events of a test are what its rule's metrics count; without history there was nothing."""
    rule = (
        HEAD.format(name="new_host")
        + """  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $earlier = max(metrics.auth_attempts_total(
      period: 1d, window: 30d, metric: event_count_sum, agg: sum,
      target.user.userid: $user))
  condition:
    $e and $earlier = 0
}
"""
    )
    event = EVENT % "target: { user: { userid: ann } }, securityResult: [{ action: [ALLOW] }]"
    earlier = event.replace("03-02", "02-20").replace("productLogId: a", "productLogId: b")
    tests = f"""tests:
  - {{ name: never seen, events: [{event}], kind: attack }}
  - {{ name: seen before, events: [{event}], context: {{ history: [{earlier}] }}, kind: benign }}
"""
    _assert_passed(_verdicts(tmp_path, rule, tests))


def test_time_is_data(tmp_path: Path) -> None:
    """A rule that reads the time of the run needs `now`, and sees it."""
    more = "$e.metadata.event_timestamp.seconds > timestamp.current_seconds() - 3600"
    event = EVENT % "target: { user: { userid: ann } }"
    tests = f"""tests:
  - {{ name: soon after, events: [{event}], now: "2026-03-02T08:30:00Z", kind: attack }}
  - {{ name: long after, events: [{event}], now: "2026-03-02T12:00:00Z", kind: benign }}
  - {{ name: unsaid, events: [{event}], kind: attack }}
"""
    soon, late, unsaid = _verdicts(tmp_path, LOGIN.format(name="fresh", more=more), tests)
    assert (soon.status, late.status, unsaid.status) == ("passed", "passed", "error")
    assert "add `now: 2026-03-02T08:00:00Z`" in unsaid.problem


@pytest.mark.parametrize("gives_rule", [True, False])
def test_composite_rules_run_with_what_they_read(tmp_path: Path, gives_rule: bool) -> None:
    """The detections that a composite rule reads come from another rule of the test, or from its context."""
    rule = (
        HEAD.format(name="twice")
        + """  events:
    $d.detection.detection.rule_name = "sign"
    $d.detection.detection.outcomes["user"] = $user
  match:
    $user over 1h
  condition:
    #d >= 2
}
"""
    )
    (tmp_path / "producers").mkdir()
    producer = LOGIN.format(name="sign", more="").replace(
        "  condition:", "  outcome:\n    $user = $e.target.user.userid\n  condition:"
    )
    (tmp_path / "producers" / "sign.yaral").write_text(producer, encoding="utf-8")
    event = EVENT % "target: { user: { userid: ann } }"
    second = event.replace("08:00", "08:10").replace("productLogId: a", "productLogId: b")
    detection = (
        '{ id: %s, detectionTime: "2026-03-02T08:00:00Z", detection: [{ ruleName: sign, outcomes: '
        "[{ key: user, value: ann }] }] }"
    )
    given = (
        f"events: [{event}, {second}], rules: [producers]"
        if gives_rule
        else f"events: [], context: {{ detections: [{detection % 'd1'}, {detection % 'd2'}] }}"
    )
    tests = f"tests:\n  - {{ name: two signs, {given}, expect: {{ count: 1, match: {{ user: ann }} }} }}\n"
    _assert_passed(_verdicts(tmp_path, rule, tests))
