"""`windshear posture`: facts about weak spots, in all forms."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.command import CONSOLE_LOGIN, windshear


def test_table_names_subject_mitigation_and_evidence(tmp_path: Path) -> None:
    """The real console login without MFA is a fact about its user, with a search that shows it."""
    outcome = windshear("posture", CONSOLE_LOGIN, "--check", "P08", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert "P08 IAM users who sign in without MFA" in outcome.out
    assert "M1032" in outcome.out
    assert "stratus-red-team-nmfalu-jfzdtsvchl" in outcome.out
    assert "evidence: windshear search" in outcome.out
    search = outcome.out.partition("evidence: windshear search '")[2].partition("' logs/")[0]
    shown = windshear("search", search, CONSOLE_LOGIN, "--format", "jsonl", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert len(shown.out.splitlines()) == 1


def test_all_checks_as_json_and_markdown(tmp_path: Path) -> None:
    """Every check is there, those that found nothing with an empty list."""
    outcome = windshear("posture", CONSOLE_LOGIN, "-f", "json", "-o", "posture.json", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    checks = {check["check"]: check for check in json.loads((tmp_path / "posture.json").read_text())["checks"]}
    assert {f"P{number:02d}" for number in range(1, 13)} <= checks.keys()
    assert [name for name, check in checks.items() if check["subjects"]] == ["P08"]
    assert all(
        check["mitigation"].startswith("M1") and check["weakens"] and check["advice"] for check in checks.values()
    )
    page = windshear("posture", CONSOLE_LOGIN, "-f", "markdown", cwd=tmp_path).out
    assert page.startswith("# Posture\n")
    assert "## P08 IAM users who sign in without MFA" in page


def test_check_that_does_not_exist(tmp_path: Path) -> None:
    """A slip is told with what was meant."""
    outcome = windshear("posture", CONSOLE_LOGIN, "--check", "P80", cwd=tmp_path)
    assert outcome.code == 3
    assert "there is no posture check `P80`" in outcome.err
