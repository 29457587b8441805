"""`windshear explain` on the command line: matches, misses, formats, and what is wrong with a question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import CONSOLE_LOGIN, CONSOLE_LOGIN_ID, Outcome, line, quiet_lines, rule_file, windshear

RULE = rule_file("aws_console_login_without_mfa")
TWO = """
rule first { meta: a = "b" events: $e.metadata.product_event_type = "ConsoleLogin" condition: $e }
rule second { meta: a = "b" events: $e.metadata.product_event_type = "AssumeRole" condition: $e }
"""
BROKEN = 'rule broken { meta: a = "b" events: $e.metadata.nonsense = "x" condition: $e }'


def explain(folder: Path, *arguments: str | Path, stdin: bytes = b"", width: str = "80") -> Outcome:
    """Run `windshear explain` for a terminal of some width."""
    return windshear("explain", *arguments, cwd=folder, stdin=stdin, environment={"COLUMNS": width})


def test_match(tmp_path: Path) -> None:
    """A match is explained by its clauses and outcomes; what was read is told beside."""
    found = explain(tmp_path, RULE, CONSOLE_LOGIN)
    assert found.code == 0
    assert found.out.startswith("rule aws_console_login_without_mfa: match, 1 detection\n")
    assert '      PASS $login.extensions.auth.auth_details = "MFAUsed: No"\n' in found.out
    assert found.counts.events == 1


def test_miss_names_the_clause(tmp_path: Path) -> None:
    """A miss names the clause that no event passes, what the field holds instead, and the nearest events."""
    found = explain(tmp_path, RULE, "-", stdin=quiet_lines(5), width="200")
    assert found.code == 0
    assert "why: no event passes" in found.out
    assert "is filled in 5 events: DescribeInstances (5)" in found.out
    assert "nearest: quiet-0 at" in found.out
    assert "5 events fail the same" in found.out


@pytest.mark.parametrize("name", [CONSOLE_LOGIN_ID, f"{CONSOLE_LOGIN.name}:1"])
def test_event_is_found_by_its_names(name: str, tmp_path: Path) -> None:
    """An event can be asked for by the vendor's id and by its place; the id that is told names it, too."""
    found = explain(tmp_path, RULE, CONSOLE_LOGIN, "--event", name, "--format", "json")
    assert found.code == 0, found.err
    (asked,) = json.loads(found.out)["branches"][0]["asked"]
    assert asked["reference"]["productLogId"] == CONSOLE_LOGIN_ID
    again = explain(tmp_path, RULE, CONSOLE_LOGIN, "--event", asked["reference"]["id"], "--format", "json")
    assert json.loads(again.out) == json.loads(found.out)


def test_unknown_event(tmp_path: Path) -> None:
    """An event that was not read is an error that says how events are named."""
    found = explain(tmp_path, RULE, CONSOLE_LOGIN, "--event", "nobody")
    assert found.code == 3
    assert "`--event nobody` names no record that was read" in found.err


def test_several_rules_need_a_name(tmp_path: Path) -> None:
    """Of several rules one must be chosen; the error lists them."""
    (tmp_path / "two.yaral").write_text(TWO)
    found = explain(tmp_path, "two.yaral", CONSOLE_LOGIN)
    assert found.code == 3
    assert "choose one with `--name`: `first`, `second`" in found.err
    assert explain(tmp_path, "two.yaral", CONSOLE_LOGIN, "--name", "second").out.startswith("rule second: no match")
    wrong = explain(tmp_path, "two.yaral", CONSOLE_LOGIN, "--name", "third")
    assert wrong.code == 3
    assert "it holds `first`, `second`" in wrong.err


def test_rule_that_does_not_compile(tmp_path: Path) -> None:
    """A broken rule shows its mistakes with their places, and nothing is explained."""
    (tmp_path / "broken.yaral").write_text(BROKEN)
    found = explain(tmp_path, "broken.yaral", CONSOLE_LOGIN)
    assert found.code == 2
    assert found.out == ""
    assert "--> broken.yaral:1:" in found.err
    assert "unknown-field" in found.err


def test_rule_without_its_list(tmp_path: Path) -> None:
    """A rule whose list is not given cannot be evaluated, by name."""
    (tmp_path / "r.yaral").write_text('rule r { meta: a = "b" events: $e.principal.ip in %missing condition: $e }')
    found = explain(tmp_path, "r.yaral", CONSOLE_LOGIN)
    assert found.code == 2
    assert "reference list `%missing` is missing" in found.err


def test_input_is_needed_and_must_exist(tmp_path: Path) -> None:
    """Without logs, and with logs that are not there, the error says so."""
    assert "nothing to look at" in explain(tmp_path, RULE).err
    missing = explain(tmp_path, RULE, "nowhere.json")
    assert missing.code == 3
    assert "input `nowhere.json` does not exist" in missing.err


def test_input_option_is_the_argument(tmp_path: Path) -> None:
    """`--input` and the argument are one thing, also mixed."""
    (tmp_path / "more.json").write_bytes(line(eventID="more"))
    found = explain(tmp_path, RULE, "more.json", "--input", CONSOLE_LOGIN)
    assert "match, 2 detections" in found.out
    assert "detection 2 of 2" in found.out


def test_limit_bounds_the_output(tmp_path: Path) -> None:
    """`--limit` bounds what is shown; the rest is counted."""
    (tmp_path / "many.json").write_bytes(b"".join(line(eventID=f"login-{i}") for i in range(40)))
    found = explain(tmp_path, RULE, "many.json", "--limit", "2")
    assert "match, 40 detections" in found.out
    assert found.out.count("detection 2 of 40") == 1
    assert "detection 3 of 40" not in found.out
    assert "38 more detections not shown (--limit)" in found.out


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_formats(form: str, tmp_path: Path) -> None:
    """Every format says the same of a miss, on standard output as in a file."""
    shown = explain(tmp_path, RULE, "-", "--format", form, stdin=quiet_lines(2), width="100")
    written = explain(tmp_path, RULE, "-", "--format", form, "-o", "why", stdin=quiet_lines(2), width="100")
    assert shown.code == written.code == 0
    assert (tmp_path / "why").read_text() == shown.out
    assert written.out == ""
    assert "DescribeInstances" in shown.out


def test_json_is_whole(tmp_path: Path) -> None:
    """JSON has verdict and reason at the top, and clauses as trees."""
    found = json.loads(explain(tmp_path, RULE, CONSOLE_LOGIN, "--format", "json").out)
    assert (found["verdict"], found["detections"]) == ("match", 1)
    (group,) = found["branches"][0]["groups"]
    assert group["start"] == "2024-08-02T08:53:24Z"
    clauses = group["bound"][0]["records"][0]["clauses"]
    choice = next(clause for clause in clauses if clause["kind"] == "or")
    assert [part["holds"] for part in choice["parts"]] == [True, False]


def test_strange_text_cannot_steer_a_terminal(tmp_path: Path) -> None:
    """Values of logs are written by strangers: control characters are shown as such, in every form."""
    (tmp_path / "odd.json").write_bytes(line(userAgent="a\x1b[31m\u202eb\r\n", eventName="Odd\x07"))
    (tmp_path / "r.yaral").write_text(
        'rule r { meta: a = "b" events: $e.network.http.user_agent = "x" '
        '$e.metadata.product_event_type = "y" condition: $e }'
    )
    for form in ("text", "markdown"):
        found = explain(tmp_path, "r.yaral", "odd.json", "--format", form, "--event", CONSOLE_LOGIN_ID)
        assert not {"\x1b", "\x07", "\u202e", "\r"} & set(found.out)
    assert "\\x1b" in explain(tmp_path, "r.yaral", "odd.json").out


def test_rules_that_it_reads_are_run(tmp_path: Path) -> None:
    """A composite rule sees the detections of rules from its own file and from `--rules`."""
    (tmp_path / "composite.yaral").write_text(
        'rule twice { meta: a = "b" events: $d.detection.detection.rule_name = "aws_console_login_without_mfa" '
        '$d.detection.detection.outcomes["user_kind"] = $kind match: $kind over 1h condition: #d >= 2 }'
    )
    found = explain(tmp_path, "composite.yaral", CONSOLE_LOGIN, "--rules", RULE)
    assert found.code == 0, found.err
    assert "why: the condition fails: #d >= 2 with #d = 1 (1 more needed)" in found.out
    assert "DETECTION 1" in found.out


def test_help_shows_examples(tmp_path: Path) -> None:
    """The help page has examples."""
    assert "windshear explain rule.yaral logs/" in explain(tmp_path, "--help").out


def test_history_is_counted(tmp_path: Path) -> None:
    """What a metric says of earlier logs is told as the outcome that it is."""
    (tmp_path / "earlier.json").write_bytes(line(eventTime="2024-08-01T10:00:00Z", eventID="earlier"))
    (tmp_path / "new.yaral").write_text(
        'rule new { meta: a = "b" events: $e.metadata.event_type = "USER_LOGIN" $e.target.user.userid = $user '
        "match: $user by 1d outcome: $known = max(metrics.auth_attempts_total(period: 1d, window: 30d, "
        "metric: event_count_sum, agg: sum, target.user.userid: $user)) condition: $e and $known = 0 }"
    )
    found = explain(tmp_path, "new.yaral", CONSOLE_LOGIN, "--history", "earlier.json")
    assert found.code == 0, found.err
    assert "why: the condition fails: $known = 0 with $known = 1 (1 too many)" in found.out
