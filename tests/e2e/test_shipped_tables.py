"""Tables that come with rules, with the real command: every command that reads rules knows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import windshear

RULE = """rule known_host {
  meta:
    author = "me"
    severity = "Low"
  events:
    $e.principal.hostname in %devs.hostname
    $e.target.user.userid = $user
  match:
    $user over 1h
  condition:
    $e
}
"""
COUNTING = RULE.replace(
    "  condition",
    """  outcome:
    $days = max(metrics.auth_attempts_success(
      period: 1d, window: 30d, metric: event_count_sum, agg: max, target.user.userid: $user))
  condition""",
)
OTHER = RULE.replace("known_host", "unknown_table").replace("%devs", "%nowhere")
EVENT = {
    "metadata": {"eventType": "USER_LOGIN", "eventTimestamp": "2026-02-03T10:00:00Z", "productLogId": "1"},
    "principal": {"hostname": "ws-1"},
    "target": {"user": {"userid": "ann"}},
    "securityResult": [{"action": ["ALLOW"]}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with two rules, of which one has its table beside it, and one event."""
    for name, text in (("known_host", RULE), ("unknown_table", OTHER)):
        (tmp_path / "pack" / "rules" / name).mkdir(parents=True)
        (tmp_path / "pack" / "rules" / name / "rule.yaral").write_text(text)
    (tmp_path / "pack" / "posture" / "known_host").mkdir(parents=True)
    (tmp_path / "pack" / "posture" / "known_host" / "rule.yaral").write_text(COUNTING)
    (tmp_path / "pack" / "tables").mkdir()
    (tmp_path / "pack" / "tables" / "devs.csv").write_text("hostname\nws-1\n")
    plain = COUNTING.replace("known_host", "plain").replace("in %devs.hostname", '!= ""')
    (tmp_path / "plain.yaral").write_text(plain)
    (tmp_path / "logs.jsonl").write_text(json.dumps(EVENT) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("scan", "logs.jsonl", "-r", "pack/rules/known_host"), "1 detection from 1 of 1 rule"),
        (("explain", "pack/rules/known_host/rule.yaral", "logs.jsonl"), "read 1 record"),
        (("diff", "pack/rules/known_host", "pack/rules/known_host", "-i", "logs.jsonl"), "read 1 record"),
        (("coverage", "pack/rules"), ""),
        (("check", "pack/rules"), "no mistakes in 2 files"),
        (("lint", "pack/rules", "--fail-on", "error"), ""),
        (("history", "logs.jsonl", "-r", "pack/posture", "-r", "plain.yaral", "-o", "out"), "1 event counted"),
    ],
)
def test_commands_know_the_tables(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    """Nothing is missing; in rules that name a wrong column all of them say so."""
    done = windshear(*arguments, cwd=folder)
    assert done.code == 0, done.err
    assert "missing" not in done.err
    assert says in done.err
    (folder / "pack" / "tables" / "devs.csv").write_text("host\nws-1\n")
    done = windshear(*arguments, cwd=folder)
    assert done.code == 2
    assert "the data table `%devs` has no column `hostname`" in done.err + done.out
    assert "known_host/rule.yaral:6:30" in done.err + done.out


def test_a_missing_table_names_its_rule_and_the_rest_runs(folder: Path) -> None:
    """It is said how to give it."""
    done = windshear("scan", "logs.jsonl", "-r", "pack/rules", cwd=folder)
    assert done.code == 2
    missing = "data table `%nowhere` is missing: a context folder holds it as tables/nowhere.csv (--context DIR)"
    assert f"rule unknown_table cannot be evaluated: {missing}" in done.err
    assert "1 detection from 1 of 1 rule" in done.err


def test_a_query_in_a_file_knows_the_tables_beside_it(folder: Path) -> None:
    """As rules do; a row that is wrong is told with file and line."""
    (folder / "pack" / "baselines").mkdir()
    (folder / "pack" / "baselines" / "seen.yaral").write_text(
        "$e.principal.hostname = %devs.hostname\nmatch: $e.principal.hostname\noutcome: $n = count($e.metadata.id)\n"
    )
    ask = ("search", "@pack/baselines/seen.yaral", "logs.jsonl", "-f", "jsonl")
    done = windshear(*ask, cwd=folder)
    assert done.code == 0, done.err
    assert len(done.json_lines) == 1
    (folder / "pack" / "tables" / "devs.csv").write_text("hostname,cost:number\nws-1,2\nws-2,much\n")
    done = windshear(*ask, cwd=folder)
    assert done.code == 2
    assert "pack/tables/devs.csv:3, column `cost`: `much` is not a number" in done.err
