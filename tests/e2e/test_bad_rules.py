"""Broken rules: every mistake with place, cause and fix; the other rules run and their results are written."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.e2e.command import CONSOLE_LOGIN_ID, line, product_ids, rule_file, windshear

RULE = rule_file("aws_console_login_without_mfa")
TABLES = {  # which the rule reads
    "mfa_exempt": {"principal": "string"},
    "t1021_exclusions": {"key": "string"},
}
BROKEN = """rule broken {
  meta:
    author = "x"
  events:
    $e.metadata.event_typ = "USER_LOGIN"
    $e.principal.ip = 5
    re.regex($e.target.hostname, `(?<=a)b`)
    $e.metadata.vendor_name = "AMAZON
  condition:
    $f
}
"""
QUIET = 'rule quiet { meta: a = "b" events: $e.metadata.vendor_name = "nobody" condition: $e }\n'
NEEDS_LIST = 'rule listed { meta: a = "b" events: $e.target.user.userid in %users condition: $e }\n'


def logs(folder: Path) -> str:
    """Write the login into a file and return its name."""
    (folder / "logs.jsonl").write_bytes(line())
    return "logs.jsonl"


def test_every_mistake_has_place_cause_and_fix(tmp_path: Path) -> None:
    """One run of `check` shows all mistakes of a file, each with line, column, caret and help."""
    (tmp_path / "broken.yaral").write_text(BROKEN)
    done = windshear("check", "broken.yaral", cwd=tmp_path)
    assert done.code == 2
    blocks = [block for block in done.out.split("\n\n") if block.startswith("error[")]
    assert len(blocks) >= 5
    places = [re.search(r"--> broken\.yaral:(\d+):(\d+)", block) for block in blocks]
    assert {int(place[1]) for place in places if place} >= {5, 6, 7, 8, 10}
    assert all("^" in block for block in blocks)
    assert all("= help: " in block for block in blocks)
    assert "did you mean `metadata.event_type`?" in done.out
    assert re.search(rf"^{len(blocks)} errors.* in 1 file$", done.err, re.MULTILINE)


def test_diagnostics_for_tools(tmp_path: Path) -> None:
    """With --format json every line is one diagnostic; nothing else is on standard output."""
    (tmp_path / "broken.yaral").write_text(BROKEN)
    done = windshear("check", "broken.yaral", "--format", "json", cwd=tmp_path)
    assert done.code == 2
    for found in done.json_lines:
        assert {"code", "slug", "severity", "message", "position", "help"} <= found.keys()


def test_other_rules_run(tmp_path: Path) -> None:
    """At `scan` a broken rule is reported and gives exit code 2; what the others find is written."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "broken.yaral").write_text(BROKEN)
    (tmp_path / "rules" / "good.yaral").write_text(RULE.read_text(encoding="utf-8"))
    tables = {"tables": {name: {"columns": columns} for name, columns in TABLES.items()}}
    (tmp_path / "context.json").write_text(json.dumps(tables))
    options = ("--context", "context.json", "-f", "jsonl", "-o", "found.jsonl")
    done = windshear("scan", logs(tmp_path), "-r", "rules", *options, cwd=tmp_path)
    assert done.code == 2
    assert "error[" in done.err
    assert "1 of 2 rule files cannot be loaded; the other rules run" in done.err
    found = [json.loads(text) for text in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert product_ids(found) == [CONSOLE_LOGIN_ID]


def test_bad_input_wins_over_broken_rules(tmp_path: Path) -> None:
    """If several codes apply it is 3, then 2, then 1."""
    (tmp_path / "broken.yaral").write_text(BROKEN)
    rules = ("-r", "broken.yaral", "-r", RULE)
    assert windshear("scan", logs(tmp_path), *rules, "--exit-code", cwd=tmp_path).code == 2
    assert windshear("scan", logs(tmp_path), "missing", *rules, "--exit-code", cwd=tmp_path).code == 3
    assert windshear("scan", logs(tmp_path), "-r", RULE, "--exit-code", cwd=tmp_path).code == 1


def test_no_rule_can_run(tmp_path: Path) -> None:
    """With broken rules only nothing is read and no output appears."""
    (tmp_path / "broken.yaral").write_text(BROKEN)
    done = windshear("scan", logs(tmp_path), "-r", "broken.yaral", "-o", "found", cwd=tmp_path)
    assert done.code == 2
    assert "error: 1 of 1 rule file cannot be loaded\n" in done.err
    assert not (tmp_path / "found").exists()


def test_rule_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no rule are mistakes of a rule, not a crash, and cannot steer the terminal."""
    (tmp_path / "image.yaral").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x1b[31m" + bytes(range(256)) * 20)
    for command in (("check", "image.yaral"), ("scan", logs(tmp_path), "-r", "image.yaral")):
        done = windshear(*command, cwd=tmp_path)
        assert done.code == 2
        assert "\x1b" not in done.out + done.err


def test_repeated_rule_name(tmp_path: Path) -> None:
    """Of two rules with one name the first runs, and that is said."""
    for name in ("a.yaral", "b.yaral"):
        (tmp_path / name).write_text(QUIET)
    done = windshear("scan", logs(tmp_path), "-r", "a.yaral", "-r", "b.yaral", cwd=tmp_path)
    assert done.code == 0
    assert "warning: rule name quiet occurs again; the first is kept" in done.err


def test_missing_reference_list(tmp_path: Path) -> None:
    """A rule whose list is not given is not evaluable, by name; with the list it runs."""
    (tmp_path / "listed.yaral").write_text(NEEDS_LIST)
    command = ("scan", logs(tmp_path), "-r", "listed.yaral", "-r", RULE, "-f", "jsonl")
    done = windshear(*command, cwd=tmp_path)
    assert done.code == 2
    assert "error: rule listed cannot be evaluated: reference list `%users` is missing" in done.err
    assert product_ids(done.json_lines) == [CONSOLE_LOGIN_ID]
    (tmp_path / "context" / "lists").mkdir(parents=True)
    user = done.json_lines[0]["collectionElements"][0]["references"][0]["event"]["target"]["user"]["userid"]
    (tmp_path / "context" / "lists" / "users.txt").write_text(f"nobody\n{user}\n")
    done = windshear(*command, "--context", "context", cwd=tmp_path)
    assert done.code == 0
    assert product_ids(done.json_lines) == [CONSOLE_LOGIN_ID] * 2


def test_check_of_good_rules(tmp_path: Path) -> None:
    """The built-in rules have no errors, not even strictly; what else there is to say does not change the exit code."""
    done = windshear("check", RULE.parent.parent, "--strict", cwd=tmp_path)
    assert done.code == 0
    assert "error[" not in done.out


def test_check_of_a_rule_without_mistakes(tmp_path: Path) -> None:
    """Nothing to say: nothing on standard output."""
    (tmp_path / "quiet.yaral").write_text(QUIET)
    done = windshear("check", "quiet.yaral", cwd=tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "no mistakes in 1 file\n")
