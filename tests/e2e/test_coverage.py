"""`windshear coverage`: techniques, log sources, and gaps against logs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.e2e.command import REAL, windshear


def test_the_built_in_rules(tmp_path: Path) -> None:
    """Without arguments, the built-in rules by tactic and log source."""
    outcome = windshear("coverage", cwd=tmp_path)
    assert outcome.code == 0
    lateral = outcome.out.partition("\nLateral Movement\n")[2].partition("\n\n")[0]
    assert re.search(r"^  T1021\.007 +\d+  ", lateral, re.MULTILINE)
    assert "By log source\n" in outcome.out
    assert "never" not in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_gaps_against_logs(tmp_path: Path) -> None:
    """Rules whose source is not in the logs are named, with the reason, and may fail a pipeline."""
    logs = REAL / "stratus-red-team"
    outcome = windshear("coverage", "--input", logs, "--format", "json", "--exit-code", cwd=tmp_path)
    assert outcome.code == 1
    found = json.loads(outcome.out)
    assert found["log_types"].keys() == {"AWS_CLOUDTRAIL"}
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert rules["aws_console_login_without_mfa"]["log_types"] == ["AWS_CLOUDTRAIL"]
    assert rules["aws_console_login_without_mfa"]["never_fires"] == ""
    assert rules["risky_entra_sign_in"]["never_fires"] == "no such log source (Azure AD)"
    told = windshear("coverage", "--input", logs, cwd=tmp_path)
    assert told.code == 0
    assert "can never fire here: no such log source (Azure AD)" in told.out


def test_files_for_reports_and_the_navigator(tmp_path: Path) -> None:
    """Both are written whole, beside each other."""
    outcome = windshear(
        "coverage", "--format", "markdown", "-o", "COVERAGE.md", "--navigator", "layer.json", cwd=tmp_path
    )
    assert (outcome.code, outcome.out) == (0, "")
    assert "| Lateral Movement | T1021.007 |" in (tmp_path / "COVERAGE.md").read_text()
    layer = json.loads((tmp_path / "layer.json").read_text())
    assert layer["versions"]["layer"] == "4.5"
    assert "T1021.007" in {technique["techniqueID"] for technique in layer["techniques"]}


def test_bad_input(tmp_path: Path) -> None:
    """A broken rule is told and left out; logs that are not there are an error."""
    (tmp_path / "broken.yaral").write_text("rule b { meta: a = }")
    outcome = windshear("coverage", "broken.yaral", cwd=tmp_path)
    assert outcome.code == 2
    assert "broken.yaral:1:" in outcome.err
    assert outcome.out.startswith("0 rules")
    assert windshear("coverage", "--input", "nowhere", cwd=tmp_path).code == 3


def test_what_rules_say_that_they_need(tmp_path: Path) -> None:
    """It stands in the JSON form; a rule without a log type that it names, or without rules to feed it, is silent."""
    event = '$e.metadata.product_name != ""'
    fed = '$d.detection.detection.rule_name = "host_and_cloud" $d.detection.detection.outcomes["p"] = $p'
    (tmp_path / "rules.yaral").write_text(
        'rule host_and_cloud { meta: log_types = "WINDOWS_SYSMON or AUDITD; AWS_CLOUDTRAIL" '
        f"events: {event} condition: $e }}\n"
        f'rule above {{ meta: author = "a" events: {fed} match: $p over 1h condition: $d }}\n'
    )
    logs = REAL / "stratus-red-team"
    outcome = windshear("coverage", "rules.yaral", "--input", logs, "--format", "json", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    above, cloud = json.loads(outcome.out)["rules"]
    assert cloud["needs"] == {"log_types": [["WINDOWS_SYSMON", "AUDITD"], ["AWS_CLOUDTRAIL"]], "baselines": []}
    assert cloud["never_fires"] == "no WINDOWS_SYSMON or AUDITD events"
    assert above["never_fires"] == "the rules that feed it are not"
