"""Rows that end, with the real command and in tests beside rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import windshear

RULE = """rule quiet_for_known_hosts {
  meta:
    author = "me"
    severity = "Low"
  events:
    $e.principal.hostname != ""
    not $e.principal.hostname in %devs.hostname
  condition:
    $e
}
"""
EVENT = {
    "metadata": {"eventType": "USER_LOGIN", "eventTimestamp": "2026-02-03T10:00:00Z", "productLogId": "1"},
    "principal": {"hostname": "ws-1"},
}
TABLE = "hostname,expires:until\nws-1,2026-02-03\nws-2,2026-01-01\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a rule, its table and an event."""
    (tmp_path / "rules" / "quiet").mkdir(parents=True)
    (tmp_path / "rules" / "quiet" / "rule.yaral").write_text(RULE)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "devs.csv").write_text(TABLE)
    (tmp_path / "logs.jsonl").write_text(json.dumps(EVENT) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("now", "found", "said"),
    [
        ("2026-02-03T23:59:59Z", 0, "1 row of devs has expired"),
        ("2026-02-04", 1, "2 rows of devs have expired"),
        ("2025-12-01", 0, ""),
    ],
)
@pytest.mark.parametrize("is_own", [False, True])
def test_rows_count_until_they_end(folder: Path, now: str, found: int, said: str, *, is_own: bool) -> None:
    """In tables that come with rules and in those of a context, as of `--now`."""
    context: tuple[str, ...] = ()
    if is_own:
        (folder / "context" / "tables").mkdir(parents=True)
        (folder / "tables" / "devs.csv").rename(folder / "context" / "tables" / "devs.csv")
        context = ("--context", "context")
    for command in (
        ("scan", "logs.jsonl", "-r", "rules/quiet", "-f", "jsonl"),
        ("search", "@rules/quiet/query.yaral", "logs.jsonl", "-f", "jsonl"),
    ):
        (folder / "rules" / "quiet" / "query.yaral").write_text("not principal.hostname in %devs.hostname\n")
        if command[0] == "scan":
            (folder / "rules" / "quiet" / "query.yaral").unlink()
        done = windshear(*command, "--now", now, *context, cwd=folder)
        assert done.code == 0, done.err
        assert len(done.json_lines) == found
        assert (said in done.err) if said else "expired" not in done.err


def test_without_a_time_it_is_now(folder: Path) -> None:
    """The start of the run counts."""
    done = windshear("scan", "logs.jsonl", "-r", "rules/quiet", cwd=folder)
    assert "2 rows of devs have expired" in done.err
    done = windshear("diff", "rules/quiet/rule.yaral", "rules/quiet/rule.yaral", "-i", "logs.jsonl", cwd=folder)
    assert done.code == 0


def test_in_tests_beside_rules(folder: Path) -> None:
    """As of the test's `now`; a test that says none is before all ends."""
    event = json.dumps(EVENT)
    own = '{ tables: { devs: { columns: { hostname: string, expires: until }, rows: [["ws-1", "2026-02-03"]] } } }'
    later = "now: 2026-02-04T00:00:00Z, "
    tests = (
        ("today", "benign", "now: 2026-02-03T23:59:59Z, ", "false"),
        ("later", "attack", later, "true"),
        ("own table", "attack", f"{later}context: {own}, ", "true"),
        ("timeless", "benign", "", "false"),
    )
    lines = (
        f"  - {{ name: {name}, kind: {kind}, {more}events: [{event}], expect: {{ fires: {fires} }} }}"
        for name, kind, more, fires in tests
    )
    (folder / "rules" / "quiet" / "tests.yaml").write_text("\n".join(("tests:", *lines)))
    done = windshear("test", "rules/quiet", cwd=folder)
    assert done.code == 0, done.out + done.err
