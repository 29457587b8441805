"""`windshear tune`: rows that silence false alarms, tried, shown and written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import Outcome, windshear

_RULE = r"""
rule cli_login {
  meta:
    severity = "Medium"
    behaviours = "B01"
    tuning = "hosts.name=host; t1021_exclusions.key=who"
  events:
    $e.metadata.event_type = "PROCESS_LAUNCH"
    not strings.to_lower($e.principal.hostname) in %hosts.name
    not strings.concat("cli_login|", strings.to_lower($e.principal.user.userid)) in %t1021_exclusions.key
  outcome:
    $host = $e.principal.hostname
    $who = $e.principal.user.userid
  condition:
    $e
}
"""
_COMPOSITE = r"""
rule many_logins {
  meta:
    severity = "High"
    tuning = ""
  events:
    $d.detection.detection.rule_name = "cli_login"
    $d.detection.detection.outcomes["host"] = $host
  match:
    $host over 1h
  condition:
    #d > 1
}
"""
_EVENTS = (
    ("p1", "WS-1", "ann", "attack"),
    ("p2", "ws-2", "ben", "clean"),
    ("p3", "ws-2", "ben", "clean"),
    ("p4", "ws-3", "cat", "attack"),
    ("p5", "ws-3", "cat", "clean"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with rules, tables, logs and labels."""
    rules = tmp_path / "pack" / "rules"
    tables = tmp_path / "pack" / "tables"
    logs = tmp_path / "data" / "logs"
    for place in (rules, tables, logs):
        place.mkdir(parents=True)
    (rules / "cli_login.yaral").write_text(_RULE)
    (rules / "many_logins.yaral").write_text(_COMPOSITE)
    (tables / "hosts.csv").write_text("# known hosts\nname,owner,expires:until\n")
    (tables / "t1021_exclusions.csv").write_text("key,reason\n")
    with (logs / "e.jsonl").open("w") as events, (tmp_path / "data" / "labels.jsonl").open("w") as labels:
        labels.write('{"file": "*", "record_id": "*", "verdict": "clean"}\n')
        for number, (name, host, user, verdict) in enumerate(_EVENTS):
            event = {
                "metadata": {
                    "eventType": "PROCESS_LAUNCH",
                    "eventTimestamp": f"2026-03-02T10:0{number}:00Z",
                    "productLogId": name,
                },
                "principal": {"hostname": host, "user": {"userid": user}},
            }
            events.write(json.dumps(event) + "\n")
            if verdict == "attack":
                label = {"file": "logs/e.jsonl", "record_id": name, "verdict": "flag", "behaviours": ["B01"]}
                labels.write(json.dumps(label) + "\n")
    return tmp_path


def _tune(folder: Path, *options: str) -> Outcome:
    return windshear("tune", "data", "--rules", "pack/rules", *options, cwd=folder)


def test_rows_are_tried(folder: Path) -> None:
    """Rows that silence and lose nothing, rows that lose an attack, and what no row can be made for."""
    outcome = _tune(folder, "--format", "json")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert [(row["table"], row["cells"], row["silenced"]) for row in found["rows"]] == [("hosts", {"name": "ws-2"}, 2)]
    lost = {next(iter(row["cells"].values())): (row["lost"], row["is_needed"]) for row in found["harmful_rows"]}
    assert lost == {
        "ws-3": (["logs/e.jsonl:4 p4"], True),
        "cli_login|cat": (["logs/e.jsonl:4 p4"], True),
    }
    assert {row["rule"]: row["why"] for row in found["without_row"]} == {
        "many_logins": "the rule names no table (`tuning` in its meta section)"
    }
    assert found["together"] == {"silenced": 3, "lost": [], "other_alerts_gone": []}
    assert found["attack_records_found"] == 2


def test_rows_are_written(folder: Path) -> None:
    """Behind what the table holds; a second run finds nothing more to write."""
    (folder / "context" / "tables").mkdir(parents=True)
    mine = folder / "context" / "tables" / "hosts.csv"
    mine.write_text("# my hosts\nname,owner,expires:until\n# the last comment\nws-9,me,")
    options = ("--context", "context", "--write", "--owner", "a, b", "--reason", "r", "--expires", "2035-01-01")
    outcome = _tune(folder, *options)
    assert outcome.code == 0, outcome.err
    assert mine.read_text().splitlines() == [
        "# my hosts",
        "name,owner,expires:until",
        "# the last comment",
        "ws-9,me,",
        'ws-2,"a, b",2035-01-01',
    ]
    assert not (folder / "context" / "tables" / "t1021_exclusions.csv").exists()
    again = _tune(folder, "--context", "context", "--format", "json")
    assert json.loads(again.out)["rows"] == []
    loss = _tune(folder, *options, "--allow-losses")
    assert loss.code == 0, loss.err
    assert 'ws-3,"a, b",2035-01-01' in mine.read_text()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--write",), "`--write` needs `--context DIR`"),
        (("--context", "new", "--write"), "give --owner, --expires with --write"),
        (("--context", "new", "--write", "--owner", "me", "--expires", "soon"), "`hosts`: `soon`"),
        (("--benign", "ids.txt"), "ids.txt:1: the rules have no detection `de_1` on this data"),
    ],
)
def test_what_cannot_be_done_is_told(options: tuple[str, ...], reason: str, folder: Path) -> None:
    """Nothing is written then."""
    (folder / "ids.txt").write_text("de_1\n")
    outcome = _tune(folder, *options)
    assert outcome.code == 3
    assert reason in " ".join(outcome.err.split())
    assert not (folder / "new" / "tables").exists()


def test_detections_that_an_analyst_closed(folder: Path) -> None:
    """Ids or whole detections name false alarms where nothing is labelled; other alerts that go are told."""
    logs = folder / "data" / "logs"
    assert windshear("tune", logs, "--rules", "pack/rules", cwd=folder).code == 3
    scan = windshear("scan", logs, "--rules", "pack/rules", "-f", "jsonl", cwd=folder)
    closed = [line for line in scan.out.splitlines() if json.loads(line)["detection"][0]["ruleName"] == "cli_login"]
    for text in (closed[1], json.loads(closed[1])["id"]):
        (folder / "closed.txt").write_text(f"# closed today\n\n{text}\n")
        outcome = windshear("tune", logs, "--rules", "pack/rules", "--benign", "closed.txt", "-f", "json", cwd=folder)
        found = json.loads(outcome.out)
        assert [row["cells"] for row in found["rows"]] == [{"name": "ws-2"}]
        assert found["attack_records_found"] is None
        assert len(found["together"]["other_alerts_gone"]) == 2
