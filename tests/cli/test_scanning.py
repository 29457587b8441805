"""A scan as the command line runs it: what is counted and said beside the detections."""

from __future__ import annotations

import json
from pathlib import Path

from windshear.cli.console import Exit
from windshear.cli.formats.writers import Writer
from windshear.cli.rule_sets import ready_rules
from windshear.cli.scanning import Job, ScanResult, run_scan
from windshear.context.context import Context
from windshear.detections.detection import Detection
from windshear.engine.feed import Input
from windshear.engine.scan import Settings

RULE = 'rule hosts { meta: a = "b" severity = "Low" events: $e.principal.hostname = "a" condition: $e }\n'


def scan(folder: Path, count: int, settings: Settings, threshold: int = 0) -> tuple[ScanResult, list[Detection]]:
    """Scan some events that all match."""
    (folder / "rule.yaral").write_text(RULE)
    event = {"metadata": {"eventType": "GENERIC_EVENT"}, "principal": {"hostname": "a"}}
    times = [f"2026-03-02T10:{minute:02d}:00Z" for minute in range(count)]
    lines = [json.dumps({**event, "metadata": {**event["metadata"], "eventTimestamp": time}}) for time in times]
    (folder / "events.jsonl").write_text("\n".join(lines))
    found: list[Detection] = []
    job = Job(
        ready_rules((folder / "rule.yaral",), (), Context()),
        Input((str(folder / "events.jsonl"),)),
        settings,
        threshold,
    )
    return run_scan(job, Writer(found.append, lambda: None), lambda _record: None), found


def said(result: ScanResult) -> str:
    """Return the summary."""
    lines: list[str] = []
    result.say_summary(lines.append)
    return "\n".join(lines)


def test_detections_beyond_the_limit_are_counted_and_said(tmp_path: Path) -> None:
    """Only so many are written; the true number is told."""
    result, found = scan(tmp_path, 5, Settings(detection_limit=2))
    assert len(found) == 2
    assert "hosts: the first 2 of 5 detections are written" in said(result)
    assert "5 detections from 1 of 1 rule in " in said(result)


def test_detections_below_the_threshold_are_counted_and_said(tmp_path: Path) -> None:
    """What is hidden is no finding, but is counted."""
    result, found = scan(tmp_path, 3, Settings(), threshold=3)
    assert found == []
    assert said(result).endswith("; 3 below --min-severity not shown")
    assert result.exit_code(exit_on_findings=True, is_strict=False) is Exit.OK


def test_findings_give_a_code_where_asked_for(tmp_path: Path) -> None:
    """Exit code 1 only with the option."""
    result, _ = scan(tmp_path, 1, Settings())
    assert result.exit_code(exit_on_findings=True, is_strict=False) is Exit.FINDINGS
    assert result.exit_code(exit_on_findings=False, is_strict=False) is Exit.OK
