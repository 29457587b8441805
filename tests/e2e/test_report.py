"""`windshear report`: from a scan to a page for people, and what is told where that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import CONSOLE_LOGIN, windshear
from windshear.packs.pack import content_folder

RULE = content_folder() / "t1021_007" / "rules" / "aws_console_login_without_mfa" / "rule.yaral"


@pytest.fixture(scope="module")
def detections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the detections of one rule on a real log."""
    folder = tmp_path_factory.mktemp("report")
    outcome = windshear("scan", CONSOLE_LOGIN, "--rules", RULE, "-f", "jsonl", "-o", "found.jsonl", cwd=folder)
    assert outcome.code == 0, outcome.err
    return folder / "found.jsonl"


def test_markdown_for_one_detection(detections: Path, tmp_path: Path) -> None:
    """The story, the steps with the detection's own values, and the ids of the records."""
    outcome = windshear("report", detections, cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("# Medium: ")
    for heading in (
        "## What happened",
        "## How the risk comes about",
        "## Investigate",
        "## Respond",
        "## Evidence to keep",
    ):
        assert f"\n{heading}\n" in outcome.out
    assert "865d9377-9c6b-4fd7-8aad-725e95f6a140" in outcome.out
    assert "{{" not in outcome.out
    assert "1 report of 1 detection" in outcome.err


def test_html_that_needs_nothing_else(detections: Path, tmp_path: Path) -> None:
    """One file with drawings; nothing in it is fetched or run."""
    outcome = windshear("report", detections, "-o", "report.html", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page


def test_chosen_by_id_and_severity(detections: Path, tmp_path: Path) -> None:
    """An id may be cut short; what is not asked for is told, and ends with 3."""
    assert windshear("report", detections, "--id", "de_", cwd=tmp_path).code == 0
    outcome = windshear("report", detections, "--min-severity", "critical", cwd=tmp_path)
    assert outcome.code == 3
    assert "no detection of" in outcome.err
    assert "it holds 1 detection" in outcome.err


def test_what_has_no_report_is_counted(tmp_path: Path) -> None:
    """A detection is told within another one only if that one is shown; whatever is left out is counted."""

    def detection(name: str, severity: str, **more: object) -> dict[str, object]:
        rule = {"ruleName": name, "severity": severity, "description": "a | b \x1b[31m"}
        return {"type": "RULE_DETECTION", "id": f"de_{name}", "detection": [rule], **more}

    part = detection("part", "HIGH")
    chain = detection("chain", "MEDIUM", collectionElements=[{"label": "d", "references": [{"detection": part}]}])
    (tmp_path / "found.jsonl").write_text(f"{json.dumps(part)}\n{json.dumps(chain)}\n", encoding="utf-8")
    both = windshear("report", "found.jsonl", cwd=tmp_path)
    assert both.out.startswith("# Medium: chain\n")
    assert "1 report of 2 detections; 1 told in another report (--all)\n" in both.err
    grave = windshear("report", "found.jsonl", "--min-severity", "high", cwd=tmp_path)
    assert grave.out.startswith("# High: part\n")
    assert "1 report of 2 detections; 1 below high (--min-severity)\n" in grave.err
    assert r"| Rule | `part`: a \| b �\[31m |" in grave.out
    assert "ATT&CK" not in grave.out


def test_files_that_hold_no_detections(tmp_path: Path) -> None:
    """A log is not a file of detections; place and way out are told."""
    (tmp_path / "log.jsonl").write_text('{"eventName": "ConsoleLogin"}\n')
    outcome = windshear("report", "log.jsonl", cwd=tmp_path)
    assert outcome.code == 3
    assert "log.jsonl:1: not a detection" in outcome.err
    assert windshear("report", "nothing.jsonl", cwd=tmp_path).code == 3


def test_rule_without_a_guide(tmp_path: Path) -> None:
    """Rules of one's own need no guide; that theirs is missing is told."""
    (tmp_path / "mine.yaral").write_text(
        'rule mine {\n  meta:\n    severity = "High"\n  events:\n    $e.metadata.event_type = "USER_LOGIN"\n'
        "  outcome:\n    $risk_score = 80\n  condition:\n    $e\n}\n"
    )
    windshear("scan", CONSOLE_LOGIN, "--rules", "mine.yaral", "-f", "jsonl", "-o", "d.jsonl", cwd=tmp_path)
    outcome = windshear("report", "d.jsonl", cwd=tmp_path)
    assert outcome.code == 0
    assert "rule mine has no guide" in outcome.err
    assert outcome.out.startswith("# High: mine")
