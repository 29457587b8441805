"""The real `windshear search` on real sample logs: what it shows, in every format, and what it says about mistakes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.e2e.command import CONSOLE_LOGIN, CONSOLE_LOGIN_ID, REAL, line, windshear

SIGN_IN = 'metadata.event_type = "USER_LOGIN"'
SECRETS = 'metadata.product_event_type = "GetSecretValue"'
BY_USER = f"""{SECRETS}
match:
  principal.ip by day
outcome:
  $reads = count(metadata.id)
  $secrets = count_distinct(target.resource.name)
order:
  $reads desc
"""


def test_events_are_listed(tmp_path: Path) -> None:
    """A filter alone lists the events that pass, with time, type and the fields that it names."""
    done = windshear(
        "search", 'metadata.product_event_type = "ConsoleLogin"', CONSOLE_LOGIN, "-f", "jsonl", cwd=tmp_path
    )
    assert done.code == 0
    (row,) = done.json_lines
    assert list(row) == ["time", "metadata.event_type", "metadata.product_event_type"]
    assert (row["metadata.event_type"], row["time"][-1]) == ("USER_LOGIN", "Z")
    assert done.counts.read == done.counts.events
    assert "1 row in" in done.err


def test_statistics_agree_with_the_events(tmp_path: Path) -> None:
    """The count of a group is the number of events that the same filter lists."""
    listed = windshear("search", SECRETS, REAL, "-f", "jsonl", cwd=tmp_path).json_lines
    counted = windshear("search", BY_USER, REAL, "-f", "json", cwd=tmp_path)
    rows = json.loads(counted.out)
    assert sum(row["reads"] for row in rows) == len(listed) == 48
    assert [row["reads"] for row in rows] == sorted((row["reads"] for row in rows), reverse=True)
    assert all(row["window_start"].endswith("T00:00:00Z") for row in rows)


def test_the_table_is_aligned(tmp_path: Path) -> None:
    """Columns have a header and the same place in every line; nothing is coloured in a pipe."""
    done = windshear("search", BY_USER, REAL, cwd=tmp_path)
    header, rule, *rows = done.out.splitlines()
    assert header.split() == ["principal.ip", "window_start", "window_end", "reads", "secrets"]
    assert set(rule) == {"-", " "}
    place = header.index("window_start")
    assert all(row[place - 2 : place + 2] == "  20" for row in rows)
    assert "\x1b" not in done.out + done.err


def test_csv_quotes_what_needs_it(tmp_path: Path) -> None:
    """Any text survives a CSV reader: commas, quotes, line breaks, lists and null."""
    awkward = 'a,b "c"\nd'
    done = windshear(
        "search",
        f"{SIGN_IN} select: metadata.product_log_id, security_result.action, network.http.user_agent",
        "-",
        "-f",
        "csv",
        cwd=tmp_path,
        stdin=line(userAgent=awkward),
    )
    header, row = csv.reader(io.StringIO(done.out))
    assert header == ["metadata.product_log_id", "security_result.action", "network.http.user_agent"]
    assert (row[0], row[2]) == (CONSOLE_LOGIN_ID, awkward)
    assert json.loads(row[1]) == ["ALLOW"]


def test_an_empty_result(tmp_path: Path) -> None:
    """No row is no mistake; machine formats are still well formed."""
    query = 'principal.hostname = "no such host"'
    for form, expected in (("json", "[]\n"), ("jsonl", ""), ("csv", "time,metadata.event_type,principal.hostname\n")):
        done = windshear("search", query, CONSOLE_LOGIN, "-f", form, "--exit-code", cwd=tmp_path)
        assert (done.code, done.out) == (0, expected)
    assert "0 rows in" in done.err


def test_exit_code_tells_of_rows(tmp_path: Path) -> None:
    """With `--exit-code` rows are findings."""
    assert windshear("search", SECRETS, REAL, "--exit-code", cwd=tmp_path).code == 1


def test_a_broken_query_is_shown_with_its_place(tmp_path: Path) -> None:
    """All mistakes of the query come in one run, each with the place under which it stands; nothing is read."""
    done = windshear("search", 'principal.hostnme = "x" limit: many oder: $x', REAL, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "error[E203] unknown-field: `principal.hostnme` is not a UDM field" in done.err
    assert "did you mean `principal.hostname`?" in done.err
    assert "error[E459] limit-value" in done.err
    assert "error[E404] unknown-section" in done.err
    assert " --> query:1:11" in done.err
    assert "read " not in done.err


def test_a_rule_is_no_query(tmp_path: Path) -> None:
    """Who gives a rule is told where rules are run."""
    done = windshear(
        "search", 'rule x { meta: a = "b" events: $e.principal.ip = "x" condition: $e }', REAL, cwd=tmp_path
    )
    assert done.code == 2
    assert "windshear scan --rules" in done.err


def test_a_query_from_a_file(tmp_path: Path) -> None:
    """`@` names a file, and its places are told with that name."""
    (tmp_path / "hunt.udm").write_text("// who reads secrets\n" + BY_USER, encoding="utf-8")
    done = windshear("search", "@hunt.udm", REAL, "-f", "csv", "-o", "out.csv", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("principal.ip,")
    (tmp_path / "bad.udm").write_text('principal.hostname == "x"\n', encoding="utf-8")
    assert " --> bad.udm:1:20" in windshear("search", "@bad.udm", REAL, cwd=tmp_path).err
    missing = windshear("search", "@none.udm", REAL, cwd=tmp_path)
    assert missing.code == 3
    assert "cannot read the query `none.udm`" in missing.err


def test_a_query_from_standard_input(tmp_path: Path) -> None:
    """`-` reads the query; the logs cannot come from there, too."""
    done = windshear("search", "-", CONSOLE_LOGIN, "-f", "jsonl", cwd=tmp_path, stdin=b'target.application != "x"')
    assert (done.code, len(done.json_lines)) == (0, 1)
    assert windshear("search", "-", "-", cwd=tmp_path, stdin=b"").code == 3


def test_a_query_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are told, wherever the query comes from."""
    (tmp_path / "bad.udm").write_bytes(b'principal.hostname = "\xff"')
    for query, stdin in (("@bad.udm", b""), ("-", b"\xff"), ('principal.hostname = "\udcff"', b"")):
        done = windshear("search", query, CONSOLE_LOGIN, cwd=tmp_path, stdin=stdin)
        assert done.code == 3
        assert "is not UTF-8 text" in done.err


def test_a_limit_stops_reading(tmp_path: Path) -> None:
    """A list of events ends when its limit is reached, wherever the limit stands."""
    logs = tmp_path / "logs.jsonl"
    logs.write_bytes(b"".join(line(eventID=f"e{i}") for i in range(5000)))
    for query, options in ((SIGN_IN + " limit: 3", ()), (SIGN_IN, ("-n", "3")), (SIGN_IN + " limit: 9", ("-n", "3"))):
        done = windshear("search", query, logs, "-f", "jsonl", *options, cwd=tmp_path)
        assert len(done.json_lines) == 3
        assert "the rest was not read" in done.err


def test_a_long_result_is_cut_loudly(tmp_path: Path) -> None:
    """Rows beyond `--max-rows` are not written, and that is said."""
    logs = tmp_path / "logs.jsonl"
    logs.write_bytes(b"".join(line(eventID=f"e{i}") for i in range(20)))
    query = f"{SIGN_IN} match: metadata.product_log_id"
    done = windshear("search", query, logs, "-f", "jsonl", "--max-rows", "5", cwd=tmp_path)
    assert (done.code, len(done.json_lines)) == (0, 5)
    assert "warning: there are more rows: the first 5 are written" in done.err


def test_byte_equal_records_count_once(tmp_path: Path) -> None:
    """The same record twice is one event, as in a scan."""
    done = windshear("search", SIGN_IN, "-", "-f", "jsonl", cwd=tmp_path, stdin=line() + line())
    assert len(done.json_lines) == 1
    assert "1 matching record came again" in done.err


@pytest.mark.parametrize("options", [(), ("--no-sift",)])
def test_stages_and_joins_on_real_logs(options: tuple[str, ...], tmp_path: Path) -> None:
    """A stage's counts join back to its events, and a left join keeps users without refused calls."""
    staged = f"""
    stage readers {{
      {SECRETS}
      match: principal.user.userid
      outcome: $reads = count(metadata.id)
      condition: $reads > 5
    }}
    security_result.action = "BLOCK"
    principal.user.userid = $readers.principal.user.userid
    match: principal.user.userid
    outcome: $reads = max($readers.reads) $blocked = count(metadata.id)
    """
    (row,) = windshear("search", staged, REAL, "-f", "jsonl", *options, cwd=tmp_path).json_lines
    assert row["reads"] == 48
    assert row["blocked"] > 0
    joined = """
    $read.metadata.product_event_type = "GetSecretValue"
    $created.metadata.product_event_type = "CreateSecret"
    left join $read.principal.user.userid = $created.principal.user.userid
    $created.principal.user.userid is null
    $who = $read.principal.user.userid
    match: $who
    outcome: $reads = count_distinct($read.metadata.product_log_id) $created = count($created.metadata.id)
    """
    rows = windshear("search", joined, REAL, "-f", "jsonl", *options, cwd=tmp_path).json_lines
    assert all(row["created"] == 0 for row in rows)


def test_case_can_be_ignored(tmp_path: Path) -> None:
    """`--ignore-case` compares all texts so."""
    query = 'metadata.product_event_type = "consolelogin"'
    assert not windshear("search", query, CONSOLE_LOGIN, "-f", "jsonl", cwd=tmp_path).json_lines
    assert windshear("search", query, CONSOLE_LOGIN, "-f", "jsonl", "-i", cwd=tmp_path).json_lines


def test_context_is_read(tmp_path: Path) -> None:
    """Lists and tables come from `--context`; one that is missing is named."""
    (tmp_path / "context" / "lists").mkdir(parents=True)
    (tmp_path / "context" / "lists" / "actions.txt").write_text("ConsoleLogin\n", encoding="utf-8")
    query = "metadata.product_event_type in %actions"
    found = windshear("search", query, CONSOLE_LOGIN, "-f", "jsonl", "--context", "context", cwd=tmp_path)
    assert len(found.json_lines) == 1
    missing = windshear("search", query, CONSOLE_LOGIN, cwd=tmp_path)
    assert missing.code == 2
    assert "actions" in missing.err


def test_settings_that_do_not_apply_are_refused(tmp_path: Path) -> None:
    """A reading that searches do not have is an error, not silence."""
    done = windshear("search", SIGN_IN, CONSOLE_LOGIN, "--set", "merging=exact", cwd=tmp_path)
    assert done.code == 3
    assert "searches merge hop windows" in done.err
