"""Composite rules with the real command: raw logs to detections of the third level, and on to the next run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Outcome, line, windshear

ADDRESS = "192.0.2.7"
SIGN_IN = """rule sign_in_without_mfa {
  meta:
    severity = "LOW"
    stage = "access"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.metadata.product_event_type = "ConsoleLogin"
  outcome:
    $risk_score = 20
    $user = array_distinct($e.target.user.userid)
  condition:
    $e
}
"""
REPEATED = """rule repeated_sign_in {
  meta:
    severity = "Medium"
    stage = "persistence"
  events:
    $d.detection.detection.rule_labels["stage"] = "access"
    $d.detection.detection.rule_name = $rule
    $d.detection.collection_elements.references.event.principal.ip = $ip
  match:
    $rule, $ip over 1h
  outcome:
    $risk_score = sum($d.detection.detection.risk_score)
  condition:
    #d >= 2
}
"""
CAMPAIGN = """rule campaign {
  meta:
    severity = "HIGH"
    description = "Sign-ins that repeat."
  events:
    $d.detection.detection.rule_name = /^repeated_/
    $d.detection.detection.severity >= "MEDIUM"
    $d.detection.detection.variables["ip"].string_val = $ip
  match:
    $ip over 24h
  outcome:
    $total = sum($d.detection.detection.risk_score)
  condition:
    $d
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with rules of three levels and the logs of three sign-ins."""
    (tmp_path / "rules").mkdir()
    for number, rule in enumerate((CAMPAIGN, REPEATED, SIGN_IN)):
        (tmp_path / "rules" / f"{number}.yaral").write_text(rule)
    minutes = [
        line(eventTime=f"2025-03-12T13:0{minute}:00Z", eventID=f"id-{minute}", sourceIPAddress=ADDRESS)
        for minute in range(3)
    ]
    (tmp_path / "logs.jsonl").write_bytes(b"".join(minutes))
    return tmp_path


def scan(folder: Path, *options: str | Path) -> Outcome:
    """Scan the logs with all rules."""
    return windshear("scan", "logs.jsonl", "--rules", "rules", *options, cwd=folder)


def names(detections: list[dict[str, Any]]) -> list[str]:
    """Return the rules of detections, in their order."""
    return [found["detection"][0]["ruleName"] for found in detections]


def test_three_levels_from_raw_logs(folder: Path) -> None:
    """Every level is found in one run, with and without sift, and the scores add up."""
    done = scan(folder, "-f", "jsonl")
    assert (done.code, done.counts.events) == (0, 3)
    found = done.json_lines
    assert names(found) == ["sign_in_without_mfa"] * 3 + ["repeated_sign_in", "campaign"]
    assert found[3]["detection"][0]["riskScore"] == 60
    assert found[4]["detection"][0]["variables"]["total"]["doubleVal"] == 60
    assert "5 detections from 3 of 3 rules" in done.err
    assert sorted(scan(folder, "-f", "jsonl", "--no-sift").out.splitlines()) == sorted(done.out.splitlines())


def test_what_hides_detections_hides_no_input(folder: Path) -> None:
    """A composite rule reads detections that are below the severity which is shown."""
    done = scan(folder, "-f", "jsonl", "--min-severity", "high")
    assert names(done.json_lines) == ["campaign"]


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_people_see_the_rules_behind_a_detection(folder: Path, form: str) -> None:
    """Tables and reports name the input detections, their rules, and the clauses that held."""
    told = " ".join(scan(folder, "-f", form, "--min-severity", "medium").out.split())
    assert "3 detections: de_" in told
    assert "(sign_in_without_mfa)" in told.replace("\\_", "_")
    assert '$d.detection.detection.rule_labels["stage"] = "access"' in told
    assert "repeated_sign_in" in told.replace("\\_", "_")


def test_one_run_reads_what_another_wrote(folder: Path) -> None:
    """Detections of the first run are context of the second, which has other logs and only composite rules."""
    written = folder / "context" / "detections.jsonl"
    written.parent.mkdir()
    first = scan(folder, "-f", "jsonl").json_lines
    scan(folder, "-f", "jsonl", "-o", written, "--min-severity", "low")
    (folder / "rules" / "2.yaral").unlink()
    (folder / "logs.jsonl").write_bytes(b"")
    done = scan(folder, "-f", "jsonl", "--context", "context")
    assert [found["id"] for found in done.json_lines] == [found["id"] for found in first[3:]]
    assert "read 5 earlier detections from context/detections.jsonl, 0 quarantined" in done.err


def test_broken_lines_of_a_context_are_quarantined(folder: Path) -> None:
    """They are counted, told with their place, kept with their text, and strictly they are an error."""
    context = folder / "context"
    context.mkdir()
    (context / "detections.jsonl").write_text(
        '{"ruleName": "x"}\nnonsense\n'
        + json.dumps({"id": "d", "detectionTime": "2025-03-12T13:00:00Z", "ruleName": "x"})
        + "\n"
    )
    done = scan(folder, "--context", context, "--quarantine", "bad.jsonl")
    assert done.code == 0
    assert "read 1 earlier detection from" in done.err
    assert "2 quarantined" in done.err
    assert "detections.jsonl:1" in done.err
    kept = [json.loads(text) for text in (folder / "bad.jsonl").read_text().splitlines()]
    assert [(one["number"], one["text"]) for one in kept] == [(1, '{"ruleName": "x"}'), (2, "nonsense")]
    strict = scan(folder, "--context", context, "--strict-input")
    assert (strict.code, "2 records of" in strict.err) == (3, True)


def test_a_context_of_nothing_but_broken_lines_is_an_error(folder: Path) -> None:
    """The same as for a log file in which nothing can be read."""
    (folder / "context").mkdir()
    (folder / "context" / "detections.jsonl").write_text("nonsense\n")
    done = scan(folder, "--context", "context")
    assert done.code == 3
    assert "no earlier detection could be read from `context/detections.jsonl`" in done.err


def test_the_time_range_holds_for_earlier_detections(folder: Path) -> None:
    """What is outside is counted, as for events."""
    (folder / "context").mkdir()
    early = {"id": "d", "detectionTime": "2025-03-11T13:00:00Z", "ruleName": "repeated_x"}
    (folder / "context" / "detections.jsonl").write_text(json.dumps(early) + "\n")
    done = scan(folder, "--context", "context", "--since", "2025-03-12")
    assert "read 0 earlier detections" in done.err
    assert "1 earlier detection outside of --since and --until" in done.err


def test_what_no_rule_reads_is_left_alone(folder: Path) -> None:
    """A file of entities costs nothing where no rule reads entities."""
    (folder / "context").mkdir()
    (folder / "context" / "entities.jsonl").write_text("{}\n")
    done = scan(folder, "--context", "context")
    assert "context/entities.jsonl not read: no rule reads entities" in done.err


def test_rules_that_wait_for_each_other_are_refused_by_name(folder: Path) -> None:
    """The others run, and the exit code says that not all did."""
    pair = CAMPAIGN.replace("campaign", "{}").replace("/^repeated_/", '"{}"')
    for name, other in (("hen", "egg"), ("egg", "hen")):
        text = pair.replace("{}", name, 1).replace('"{}"', f'"{other}"')
        (folder / "rules" / f"{name}.yaral").write_text(text)
    done = scan(folder, "-f", "jsonl")
    assert done.code == 2
    assert "rule hen cannot be evaluated: it waits for its own detections: hen -> egg -> hen" in done.err
    assert "rule egg cannot be evaluated: it waits for its own detections: egg -> hen -> egg" in done.err
    assert len(done.json_lines) == 5


def test_a_rule_that_nothing_feeds_is_told(folder: Path) -> None:
    """A misspelt name finds nothing, and says so before the run."""
    (folder / "rules" / "typo.yaral").write_text(
        CAMPAIGN.replace("campaign", "typo").replace("/^repeated_/", '"sing_in"')
    )
    done = scan(folder)
    assert "warning: rule typo reads detections that no other rule makes" in done.err
    assert done.code == 0


def test_entities_from_a_file(folder: Path) -> None:
    """An entity that is valid at the time of the event joins it, stands in the detection, and is counted."""
    rule = """rule admin_sign_in {
  meta:
    author = "x"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.ip = $ip
    $g.graph.metadata.entity_type = "IP_ADDRESS"
    $g.graph.entity.ip = $ip
  match:
    $ip over 1h
  condition:
    $e and $g
}
"""
    (folder / "rules" / "admin.yaral").write_text(rule)
    first = scan(folder, "-f", "jsonl")
    assert "warning: entities are read by 1 rule, and none are given" in first.err
    entity = {
        "metadata": {"entityType": "IP_ADDRESS", "interval": {"startTime": "2025-03-12T13:01:00Z"}},
        "entity": {"ip": [ADDRESS]},
    }
    (folder / "context").mkdir()
    (folder / "context" / "entities.jsonl").write_text(json.dumps(entity) + "\n")
    done = scan(folder, "-f", "jsonl", "--context", "context")
    (found,) = [one for one in done.json_lines if names([one]) == ["admin_sign_in"]]
    bound = {element["label"]: element["references"] for element in found["collectionElements"]}
    assert bound["g"] == [{"entity": entity}]
    assert len(bound["e"]) == 2
    assert "read 1 entity from context/entities.jsonl, 0 quarantined" in done.err
    assert "entity" in scan(folder, "--context", "context").out
