"""`windshear test` as a person runs it: passing, failing, wrong files, machine formats, updates, mutants, watching."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.command import COMMAND, windshear

RULE = """rule {name} {{
  meta:
    author = "example"
    severity = "High"
  events:
    $fail.metadata.event_type = "USER_LOGIN"
    $fail.security_result.action = "BLOCK"
    $fail.target.user.userid = $user
  match:
    $user over 10m
  outcome:
    $risk_score = 80
    $hosts = array_distinct($fail.principal.hostname)
  condition:
    #fail >= {least}
}}
"""
EVENT = (
    '{{ metadata: {{ eventTimestamp: "2026-03-02T08:0{minute}:00Z", eventType: USER_LOGIN, productLogId: f{minute} }}, '
    "securityResult: [{{ action: [BLOCK] }}], target: {{ user: {{ userid: ann }} }}, "
    "principal: {{ hostname: web-{minute} }} }}"
)


def _rule(folder: Path, name: str = "many_failures", least: int = 2) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaral"
    path.write_text(RULE.format(name=name, least=least), encoding="utf-8")
    return path


def _events(count: int) -> str:
    return "\n".join(f"      - {EVENT.format(minute=minute)}" for minute in range(count))


def _tests(folder: Path, expect: str, count: int = 2, name: str = "many_failures") -> Path:
    path = folder / f"{name}.test.yaml"
    path.write_text(
        f"tests:\n  - name: some failures\n    events:\n{_events(count)}\n    expect: {expect}\n", encoding="utf-8"
    )
    return path


def test_passing_tests_are_counted(tmp_path: Path) -> None:
    """A test that passes is one line with its rule; everything that can be expected is looked at."""
    _rule(tmp_path / "rules")
    expect = """
      count: 1
      match: { user: ann }
      outcomes: { risk_score: 80, hosts: { size: 2, contains: web-1 } }
      events: { fail: [f0, f1] }
      severity: high
      risk_score: { at_least: 80 }
      end: "2026-03-02T08:02:00Z"
      only: true"""
    _tests(tmp_path / "rules", expect)
    outcome = windshear("test", "rules", "-v", cwd=tmp_path)
    assert outcome.code == 0, outcome.out
    assert outcome.out.splitlines() == ["ok   many_failures  1 test", "    pass some failures"]
    assert outcome.err.startswith("1 test of 1 rule: 1 passed (")


def test_a_failure_shows_both_sides_and_why(tmp_path: Path) -> None:
    """A failed test says what was expected, what was found, the place, and the clause that decided; exit code 1."""
    _rule(tmp_path / "rules", least=3)
    _tests(tmp_path / "rules", "{ count: 1 }")
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 1
    assert "FAIL some failures  rules/many_failures.test.yaml:2" in outcome.out
    assert "expected  1 detection\n" in outcome.out
    assert "found     none\n" in outcome.out
    assert "#fail >= 3 with #fail = 2 (1 more needed)" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert outcome.err.startswith("1 test of 1 rule: 0 passed, 1 failed (")


def test_wrong_files_are_told_and_the_rest_runs(tmp_path: Path) -> None:
    """A wrong key is told with file, line and the key that was meant; other tests run; exit code 3."""
    _rule(tmp_path / "rules")
    _tests(tmp_path / "rules", "{ count: 1 }")
    _rule(tmp_path / "rules", "other")
    _tests(tmp_path / "rules", "{ cuont: 1 }", name="other")
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 3
    assert "rules/other.test.yaml:6: tests.0.expect.cuont: unknown key; did you mean `count`?" in outcome.err
    assert "ok   many_failures  1 test" in outcome.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tests:\n  - name: a\n    events: [{}]\n", "the test asserts nothing"),
        ("tests:\n  - { name: a, events: [{ principal: { hostnme: x } }], expect: { fires: true } }\n", "did you mean"),
        ("tests:\n  - { name: a, logs: { type: aws_cloudtrial, lines: x }, kind: attack }\n", "did you mean AWS_CLOUD"),
        ("tests:\n  - { name: a, logs: { files: no.json }, kind: attack }\n", "`no.json` does not exist"),
        ("tests:\n  - { name: a, rules: [no.yaral], events: [{}], kind: attack }\n", "no.yaral` does not exist"),
        ("tests:\n  - { name: a, rule: many_failurs, events: [{}], kind: attack }\n", "did you mean `many_failures`?"),
        ("tests:\n  - { name: a, settings: [x=y], events: [{}], kind: attack }\n", "x"),
    ],
)
def test_what_a_test_says_wrong_is_told(tmp_path: Path, text: str, message: str) -> None:
    """Each mistake of a test is told in words that help, and is no pass; exit code 3."""
    _rule(tmp_path / "rules")
    (tmp_path / "rules" / "tests.yaml").write_text(text, encoding="utf-8")
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 3
    assert message in outcome.out + outcome.err


def test_a_broken_rule_does_not_stop_the_others(tmp_path: Path) -> None:
    """A rule that cannot be loaded is told with its place; the tests of others run; exit code 2."""
    _rule(tmp_path / "rules")
    _tests(tmp_path / "rules", "{ count: 1 }")
    (tmp_path / "rules" / "broken.yaral").write_text("rule broken { events: $e.no.such = 1 }", encoding="utf-8")
    _tests(tmp_path / "rules", "{ count: 1 }", name="broken")
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 2
    assert "rules/broken.yaral:1:" in outcome.err
    assert "ok   many_failures  1 test" in outcome.out


def test_a_rule_without_tests_is_reported_not_passed(tmp_path: Path) -> None:
    """Such a rule is told as untested, and is a failure where tests are required."""
    _rule(tmp_path / "rules")
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 0
    assert outcome.out == "none many_failures  no tests  rules/many_failures.yaral\n"
    assert "1 rule without tests" in outcome.err
    assert windshear("test", "rules", "--require-tests", cwd=tmp_path).code == 1


def test_machine_formats(tmp_path: Path) -> None:
    """JSON and JUnit XML name each test with its status; JUnit also goes to a file beside what is shown."""
    _rule(tmp_path / "rules")
    _tests(tmp_path / "rules", "{ outcomes: { risk_score: 70 } }")
    outcome = windshear("test", "rules", "--format", "json", "--junit", "report.xml", cwd=tmp_path)
    report = json.loads(outcome.out)
    assert (report["tests"], report["failed"]) == (1, 1)
    (test,) = report["rules"][0]["tests"]
    assert test["differences"] == [{"what": "outcome `risk_score`", "expected": "70", "found": "80"}]
    root = ET.fromstring((tmp_path / "report.xml").read_text(encoding="utf-8"))
    assert root.attrib["failures"] == "1"
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.attrib["message"] == "outcome `risk_score`: expected 70, found 80"


def test_only_tells_of_other_rules_that_fire(tmp_path: Path) -> None:
    """A test may say that no other rule of the run fires on its input."""
    _rule(tmp_path / "rules")
    _rule(tmp_path / "rules", "another_rule", least=1)
    _tests(tmp_path / "rules", "{ fires: true, only: true }")
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 1
    assert "found     another_rule, many_failures" in outcome.out


def test_update_writes_values_in_place(tmp_path: Path) -> None:
    """Only the values that differ change; comments and layout stay; what changed is shown; firing is not updated."""
    _rule(tmp_path / "rules")
    expect = """
      count: 2  # counted by hand
      outcomes: { risk_score: 70, hosts: [web-1] }  # both on one line
      match: { user: ann }"""
    path = _tests(tmp_path / "rules", expect)
    before = path.read_text(encoding="utf-8")
    assert windshear("test", "rules", cwd=tmp_path).code == 1
    assert path.read_text(encoding="utf-8") == before
    outcome = windshear("test", "rules", "--update", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    wanted = before.replace("count: 2", "count: 1").replace("70", "80").replace("[web-1]", '["web-0", "web-1"]')
    assert path.read_text(encoding="utf-8") == wanted
    assert "-      count: 2  # counted by hand" in outcome.err
    assert "+      count: 1  # counted by hand" in outcome.err
    path.write_text(before.replace("count: 2  # counted by hand", "fires: false").split("      outcomes")[0], "utf-8")
    refused = windshear("test", "rules", "--update", cwd=tmp_path)
    assert refused.code == 1
    assert "nothing to update" in refused.err


def test_mutants_that_no_test_notices_are_told(tmp_path: Path) -> None:
    """A clause that no test covers is told with its place; a reason in the rule or the tests file justifies it."""
    rule = _rule(tmp_path / "rules")
    tests = _tests(tmp_path / "rules", "{ count: 1, outcomes: { risk_score: 80 } }")
    outcome = windshear("test", "rules", "--mutate", cwd=tmp_path)
    assert outcome.code == 1
    assert "rules/many_failures.yaral:6:5  remove" in outcome.out
    assert 'without  $fail.metadata.event_type = "USER_LOGIN"' in outcome.out
    assert "mutant  #fail >= 1" in outcome.out
    assert "#fail >= 3" not in outcome.out
    text = rule.read_text(encoding="utf-8")
    rule.write_text(text.replace('"BLOCK"', '"BLOCK"  // mutant: ok[remove] for a test'), encoding="utf-8")
    tests.write_text(
        "survivors:\n  - { mutant: '$fail.metadata.event_type = \"USER_LOGIN\"', reason: for a test }\n"
        + tests.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    report = json.loads(windshear("test", "rules", "--mutate", "--format", "json", cwd=tmp_path).out)
    fates = {(one["line"], one["kind"], one["after"]): one["fate"] for one in report["rules"][0]["mutants"]}
    assert fates[6, "remove", None] == fates[7, "remove", None] == "justified"
    assert fates[15, "threshold", "#fail >= 1"] == "survived"
    assert fates[15, "threshold", "#fail >= 3"] == "caught"


def test_watching_runs_again_after_a_change(tmp_path: Path) -> None:
    """With --watch a change of a file runs the tests again; an interrupt ends it."""
    _rule(tmp_path / "rules", least=3)
    _tests(tmp_path / "rules", "{ count: 1 }")
    command = [*COMMAND, "test", "rules", "--watch"]
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=stream, env={**os.environ})
        try:
            _wait_for(log, "watching for changes")
            time.sleep(0.5)  # until the watch is set up
            _rule(tmp_path / "rules", least=2)
            _wait_for(log, "1 test of 1 rule: 1 passed")
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130


def _wait_for(log: Path, text: str) -> None:
    for _ in range(600):
        if text in log.read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_context_adds_to_events_as_in_a_scan(tmp_path: Path) -> None:
    """What a test's context says of persons is added to its events, and to those of no other test."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "one_person.yaral").write_text(
        'rule one_person {\n  meta:\n    author = "x"\n  events:\n'
        '    $e.target.user.attribute.labels["person_id"] = $person\n'
        "  match:\n    $person over 10m\n  condition:\n    #e > 1\n}\n",
        encoding="utf-8",
    )
    event = (
        "{{ metadata: {{ eventTimestamp: '2026-03-02T08:00:00Z', eventType: USER_LOGIN, productLogId: {0} }}, "
        "target: {{ user: {{ userid: {0} }} }} }}"
    )
    events = f"    events:\n      - {event.format('ann')}\n      - {event.format('adm-ann')}\n"
    table = "      tables: { person_aliases: { columns: { alias: string, person_id: string }, rows: %s } }\n"
    (tmp_path / "rules" / "one_person.test.yaml").write_text(
        f"tests:\n  - name: known\n{events}    context:\n"
        + table % "[[ann, ann@corp.example], [adm-ann, ann@corp.example]]"
        + "    expect: { count: 1, match: { person: ann@corp.example } }\n"
        + f"  - name: unknown\n{events}    expect: {{ fires: false }}\n",
        encoding="utf-8",
    )
    outcome = windshear("test", "rules", cwd=tmp_path)
    assert outcome.code == 0, outcome.out + outcome.err


def test_annotations_for_github(tmp_path: Path) -> None:
    """Each failed test is an annotation at its place, and the step summary has a row for it."""
    _rule(tmp_path / "rules")
    _tests(tmp_path / "rules", "{ count: 3 }")
    summary = tmp_path / "summary.md"
    environment = {"GITHUB_STEP_SUMMARY": str(summary)}
    outcome = windshear("test", "rules", "-f", "github", cwd=tmp_path, environment=environment)
    assert outcome.out.startswith("::error file=rules/many_failures.test.yaml,line=2,title=many_failures%3A some fail")
    assert "| many\\_failures | some failures | detections: expected 3 detections, found 1" in summary.read_text(
        "utf-8"
    )


def test_several_processes_give_the_same(tmp_path: Path) -> None:
    """With --jobs the tests are shared among processes, and the results are the same, explanations included."""
    for name, least in (("one", 2), ("two", 3), ("three", 2)):
        _rule(tmp_path / "rules", name, least)
        _tests(tmp_path / "rules", "{ fires: true, only: [one, three] }", name=name)
    alone, shared = (windshear("test", "rules", "-v", "-j", jobs, cwd=tmp_path) for jobs in ("1", "3"))
    assert alone.code == shared.code == 1
    assert alone.out == shared.out
    assert "why: the condition fails: #fail >= 3" in shared.out


def test_without_a_path_the_current_folder_or_the_builtin_rules(tmp_path: Path) -> None:
    """Where the current folder has no tests, those of the built-in rules run; -k chooses among them."""
    outcome = windshear("test", "-k", "login by single sign-on", cwd=tmp_path)
    assert outcome.code == 0
    assert "the built-in rules are tested" in outcome.err
    assert outcome.out == "ok   aws_console_login_without_mfa  1 test\n"
    _rule(tmp_path / "rules")
    _tests(tmp_path / "rules", "{ count: 1 }")
    assert windshear("test", cwd=tmp_path).out == "ok   many_failures  1 test\n"
    nothing = windshear("test", "-k", "no such test", cwd=tmp_path)
    assert nothing.code == 3
    assert "no test has 'no such test' in its name or its rule's" in nothing.err
