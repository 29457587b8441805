"""History for metrics: given with a scan, or counted once and kept in a context."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import Outcome, line, windshear

RULE = """rule first_role {
  meta:
    author = "x"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  match:
    $user by 1h
  outcome:
    $today = max(metrics.auth_attempts_total(
      period: 1h, window: today, metric: event_count_sum, agg: sum, target.user.userid: $user))
    $days = max(metrics.auth_attempts_total(
      period: 1d, window: 30d, metric: event_count_sum, agg: num_metric_periods, target.user.userid: $user))
  condition:
    $e
}
"""
PLAIN = 'rule plain { meta: author = "x" events: $e.metadata.event_type = "USER_LOGIN" condition: $e }'


def prepare(folder: Path) -> None:
    """Write a rule, three days of console logins before, and one login to look at."""
    (folder / "rule.yaral").write_text(RULE)
    (folder / "plain.yaral").write_text(PLAIN)
    times = ("2025-03-10T08:00:00Z", "2025-03-10T09:00:00Z", "2025-03-11T08:00:00Z", "2025-03-12T08:00:00Z")
    earlier = b"".join(line(eventID=f"h{i}", eventTime=time) for i, time in enumerate(times))
    (folder / "earlier.jsonl").write_bytes(earlier + b"broken\n")
    (folder / "now.jsonl").write_bytes(line(eventID="now", eventTime="2025-03-12T13:10:00Z"))


def numbers(outcome: Outcome) -> dict[str, str]:
    """Return the outcomes of the one detection of the rule."""
    (found,) = [each for each in outcome.json_lines if each["detection"][0]["ruleName"] == "first_role"]
    return {each["key"]: each["value"] for each in found["detection"][0]["outcomes"]}


def test_history_given_with_a_scan(tmp_path: Path) -> None:
    """Raw logs are counted, the number of events is told, broken records do no harm; giving them twice is once."""
    prepare(tmp_path)
    (tmp_path / "again.jsonl").write_bytes((tmp_path / "earlier.jsonl").read_bytes())
    files = ("--history", "earlier.jsonl", "--history", "again.jsonl")
    done = windshear("scan", "now.jsonl", "-r", "rule.yaral", *files, "-f", "jsonl", cwd=tmp_path)
    assert done.code == 0, done.err
    assert numbers(done) == {"today": "1", "days": "2"}
    assert "history: read 10 records: 8 events (AWS_CLOUDTRAIL 8), 2 quarantined, 0 skipped" in done.err
    assert "4 records came again and counted once" in done.err
    assert "history: 4 events counted for 2 metrics" in done.err


def test_history_counted_once(tmp_path: Path) -> None:
    """A file of counts in the context gives the same answer as the logs."""
    prepare(tmp_path)
    (tmp_path / "context").mkdir()
    made = windshear("history", "earlier.jsonl", "-r", "rule.yaral", "-o", "context/metrics.parquet", cwd=tmp_path)
    assert made.code == 0, made.err
    assert "4 events counted for 2 metrics" in made.err
    done = windshear("scan", "now.jsonl", "-r", "rule.yaral", "--context", "context", "-f", "jsonl", cwd=tmp_path)
    assert done.code == 0, done.err
    assert numbers(done) == {"today": "1", "days": "2"}


def test_a_rule_without_history_is_not_evaluable(tmp_path: Path) -> None:
    """It is told by name with what to give; the other rules run; the exit code says that one did not."""
    prepare(tmp_path)
    done = windshear("scan", "now.jsonl", "-r", "rule.yaral", "-r", "plain.yaral", "-f", "jsonl", cwd=tmp_path)
    assert done.code == 2
    assert "rule first_role cannot be evaluated: it reads `metrics.auth_attempts_total per" in done.err
    assert "give `--history LOGS`" in done.err
    assert [each["detection"][0]["ruleName"] for each in done.json_lines] == ["plain"]


def test_counts_made_for_other_rules_are_not_enough(tmp_path: Path) -> None:
    """What was not counted is not 0: the rule is not evaluable, and says what to do."""
    prepare(tmp_path)
    (tmp_path / "context").mkdir()
    other = RULE.replace("target.user.userid: $user", "principal.user.userid: $user")
    (tmp_path / "other.yaral").write_text(other)
    windshear("history", "earlier.jsonl", "-r", "other.yaral", "-o", "context/metrics.parquet", cwd=tmp_path)
    done = windshear("scan", "now.jsonl", "-r", "rule.yaral", "--context", "context", cwd=tmp_path)
    assert done.code == 2
    assert "the roll-ups of the context hold no `metrics.auth_attempts_total per 1d by target.user.userid`" in done.err


def test_mistakes_with_history(tmp_path: Path) -> None:
    """Missing logs, history given twice, and history that no rule reads are told."""
    prepare(tmp_path)
    missing = windshear("scan", "now.jsonl", "-r", "rule.yaral", "--history", "nope.jsonl", cwd=tmp_path)
    assert (missing.code, "input `nope.jsonl` does not exist" in missing.err) == (3, True)
    some = ("--history", "nope.jsonl", "--history", "earlier.jsonl")
    partly = windshear("scan", "now.jsonl", "-r", "rule.yaral", *some, cwd=tmp_path)
    assert (partly.code, "1 detection from 1 of 1 rule" in partly.err) == (3, True)
    unused = windshear("scan", "now.jsonl", "-r", "plain.yaral", "--history", "earlier.jsonl", cwd=tmp_path)
    assert (unused.code, "--history is not read: no rule reads a metric" in unused.err) == (0, True)
    nothing = windshear("history", "earlier.jsonl", "-r", "plain.yaral", "-o", "metrics.parquet", cwd=tmp_path)
    assert (nothing.code, "nothing to count" in nothing.err) == (3, True)
    assert not (tmp_path / "metrics.parquet").exists()
    windshear("history", "earlier.jsonl", "-r", "rule.yaral", "-o", "metrics.parquet", cwd=tmp_path)
    both = windshear("scan", "-", "-r", "rule.yaral", "--history", "-", cwd=tmp_path, stdin=line())
    assert (both.code, "cannot both be read from standard input" in both.err) == (3, True)
    given = ("--context", ".", "--history", "earlier.jsonl")
    twice = windshear("scan", "now.jsonl", "-r", "rule.yaral", *given, cwd=tmp_path)
    assert (twice.code, "history is given twice" in twice.err) == (3, True)
