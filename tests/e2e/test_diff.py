"""`windshear diff`: what a change of a rule changes in its detections, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import windshear

RULE = """rule failed_logins {{
  meta:
    severity = "{severity}"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.security_result.action = "{action}"
    $e.principal.user.userid = $user
  match:
    $user over {window}
  outcome:
    $risk_score = {score}
  condition:
    #e > {more_than}
}}
"""
USUAL = {"severity": "Low", "action": "BLOCK", "window": "10m", "score": "40", "more_than": "1"}


def rule(**changes: str) -> str:
    """Return the rule with some parts changed."""
    return RULE.format(**(USUAL | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the old rule and with logs: three failures of ana, two of bo."""
    (tmp_path / "old.yaral").write_text(rule())
    with (tmp_path / "logs.jsonl").open("w") as stream:
        for number, user in enumerate(("ana", "ana", "ana", "bo", "bo")):
            event = {
                "metadata": {
                    "eventType": "USER_LOGIN",
                    "eventTimestamp": f"2026-01-01T00:00:{number:02d}Z",
                    "productLogId": f"log-{number}",
                },
                "principal": {"user": {"userid": user}},
                "securityResult": [{"action": ["BLOCK"]}],
            }
            stream.write(json.dumps({"udm": event}) + "\n")
    return tmp_path


def difference(folder: Path, new: str, *options: str) -> tuple[int, str]:
    """Return exit code and output of comparing the old rule with a new text."""
    (folder / "new.yaral").write_text(new)
    outcome = windshear("diff", "old.yaral", "new.yaral", "-i", "logs.jsonl", "--exit-code", *options, cwd=folder)
    return outcome.code, outcome.out


def test_the_same_rule_is_not_run(folder: Path) -> None:
    """Rules with the same text find the same."""
    code, out = difference(folder, rule())
    assert code == 0
    assert "0 appeared, 0 vanished, 0 changed; 1 rule with the same text not compared" in out


def test_another_layout_changes_nothing(folder: Path) -> None:
    """Ids of detections depend on the text, what they are about does not."""
    code, out = difference(folder, "// a comment\n" + rule().replace("  ", " "))
    assert (code, "failed_logins: 2 unchanged" in out) == (0, True)


def test_a_higher_threshold_loses_detections(folder: Path) -> None:
    """What vanishes is shown with the reason why the new rule has it no more."""
    code, out = difference(folder, rule(more_than="2"))
    assert code == 1
    assert "failed_logins: 1 vanished, 1 unchanged" in out
    assert "user=bo" in out
    assert "the new rule: takes part as $e, in groups whose condition fails" in " ".join(out.split())


def test_what_appears_is_explained_by_the_old_rule(folder: Path) -> None:
    """The version without the detection says what kept it from it."""
    (folder / "old.yaral").write_text(rule(action="ALLOW"))
    code, out = difference(folder, rule())
    assert code == 1
    assert "failed_logins: 2 appeared, 0 unchanged" in out
    assert 'the old rule: takes no part: as $e it fails $e.security_result.action = "ALLOW"' in " ".join(out.split())


def test_what_changes_is_listed(folder: Path) -> None:
    """Severity, risk score and window of one finding."""
    code, out = difference(folder, rule(severity="High", score="80", window="20m"), "--format", "json")
    assert code == 1
    (found,) = json.loads(out)["rules"]
    assert (found["unchanged"], [change["kind"] for change in found["changes"]]) == (0, ["changed", "changed"])
    assert [one["what"] for one in found["changes"][0]["differences"]] == ["severity", "window", "risk score"]
    assert found["changes"][0]["match"] == {"user": "ana"}


def test_rules_of_one_side_only(folder: Path) -> None:
    """In folders, rules are paired by name."""
    (folder / "before").mkdir()
    (folder / "after").mkdir()
    (folder / "before" / "a.yaral").write_text(rule() + rule(more_than="0").replace("failed_logins", "second"))
    (folder / "after" / "a.yaral").write_text(rule() + rule(more_than="0").replace("failed_logins", "third"))
    outcome = windshear("diff", "before", "after", "-i", "logs.jsonl", "--format", "markdown", cwd=folder)
    assert outcome.code == 0
    assert "## second\n\n2 vanished, 0 unchanged (the rule is gone)" in outcome.out
    assert "## third\n\n2 appeared, 0 unchanged (a new rule)" in outcome.out
    assert "failed" not in outcome.out


def test_a_broken_side_is_told(folder: Path) -> None:
    """The other rules are compared; the exit code says that not all were."""
    (folder / "new.yaral").write_text("rule b { meta: a = }")
    outcome = windshear("diff", "old.yaral", "new.yaral", "-i", "logs.jsonl", cwd=folder)
    assert outcome.code == 2
    assert "new.yaral:1:" in outcome.err
    assert windshear("diff", "old.yaral", "nowhere.yaral", "-i", "logs.jsonl", cwd=folder).code == 3


def test_long_lists_are_cut(folder: Path) -> None:
    """All changes are counted, some are shown."""
    (folder / "old.yaral").write_text(rule(action="ALLOW"))
    _, out = difference(folder, rule(), "--limit", "1")
    assert out.count("\n  + ") == 1
    assert "… and 1 more" in out
