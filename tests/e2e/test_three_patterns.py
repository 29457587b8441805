"""Rules of three unrelated patterns joined by `or`: they run in compat mode; strictly they are refused with advice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import Outcome, line, windshear
from windshear.packs.pack import builtin_pack

RULE = next(rule.rule for rule in builtin_pack("t1021_007").comparison if rule.name == "three_pattern_comparison")
COMMAND = {
    "metadata": {"eventType": "PROCESS_LAUNCH", "eventTimestamp": "2026-03-02T10:00:00Z", "productLogId": "command"},
    "target": {"process": {"commandLine": "az  login --use-device-code"}},
}
RISKY = {
    "metadata": {
        "eventType": "USER_LOGIN",
        "eventTimestamp": "2026-03-02T10:01:00Z",
        "vendorName": "Microsoft",
        "productLogId": "risky",
    },
    "securityResult": [{"action": ["ALLOW"], "riskScore": 80}],
}
QUIET = {**RISKY, "securityResult": [{"action": ["BLOCK"], "riskScore": 80}]}
EVENTS = ("".join(json.dumps(event) + "\n" for event in (COMMAND, QUIET, RISKY, COMMAND)).encode()) + line()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Scan one event for each pattern, one for none, and one that comes twice."""
    return windshear("scan", "-", "-r", RULE, "-f", "jsonl", cwd=tmp_path_factory.mktemp("found"), stdin=EVENTS)


def test_one_detection_per_matching_event_with_its_branch(found: Outcome) -> None:
    """Each matching event is a detection of its own that names the pattern."""
    assert found.code == 0
    branches = {
        detection["explanation"]["branch"]: [
            event["productLogId"] for bound in detection["explanation"]["events"].values() for event in bound["events"]
        ]
        for detection in found.json_lines
    }
    assert branches == {
        "cli": ["command"],
        "risky": ["risky"],
        "console": ["865d9377-9c6b-4fd7-8aad-725e95f6a140"],
    }
    assert len(found.json_lines) == 3
    assert len({detection["id"] for detection in found.json_lines}) == 3
    assert {detection["detection"][0]["ruleType"] for detection in found.json_lines} == {"SINGLE_EVENT"}
    assert "1 matching record came again and counted once" in found.err


def test_only_the_branch_is_explained(found: Outcome) -> None:
    """A detection speaks of the variable of its branch and of no other."""
    for detection in found.json_lines:
        assert list(detection["explanation"]["variables"]) == [detection["explanation"]["branch"]]


def test_the_branch_is_on_the_screen(tmp_path: Path) -> None:
    """Table and Markdown name the branch."""
    for form, shown in (("table", "branch  $risky"), ("markdown", "- branch: `$risky`")):
        done = windshear("scan", "-", "-r", RULE, "-f", form, cwd=tmp_path, stdin=EVENTS)
        assert shown in done.out


def test_strictly_it_is_refused_with_advice(tmp_path: Path) -> None:
    """`check` accepts it; `check --strict` says how to split it, with line and column."""
    assert windshear("check", RULE, cwd=tmp_path).code == 0
    strict = windshear("check", "--strict", RULE, cwd=tmp_path)
    assert strict.code == 2
    assert "error[E444] several-events-without-match" in strict.out
    assert "split it into 3 rules, one each for `$cli`, `$risky`, `$console`" in strict.out
    assert f"{RULE}:" in strict.out
