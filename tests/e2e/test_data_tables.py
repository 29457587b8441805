"""Data tables with the real command: looked up, appended to the graph, and written for the next run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.command import Outcome, windshear

RULE = """rule newcomer_signs_in {
  meta:
    severity = "LOW"
  setup:
    graph_append [$g, %hires]
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
    $g.graph.entity.user.userid = $user
    $g.graph.entity.user.department = "ops"
    not $e.target.user.userid in %seen.user
  match:
    $user over 10m
  outcome:
    $hosts = array_distinct($e.principal.hostname)
    $n = count_distinct($e.metadata.product_log_id)
  condition:
    $e and $g
  export:
    %seen.write_row(user: $user, hosts: $hosts, n: $n)
}
"""
HIRES = """# who starts when
user:entity.user.userid,team:entity.user.department,from:metadata.interval.start_time.seconds,\
to:metadata.interval.end_time.seconds
ann,ops,1770076800,
bob,dev,1770076800,
"""
SEEN = 'user:string:key,hosts:string[],n:number,note\n# old\nzoe,ws9,1,"#1, ""kept"""\n'


def login(user: str, host: str, number: int) -> str:
    """Return one sign-in as a line of UDM."""
    event = {
        "metadata": {"productLogId": str(number), "eventTimestamp": "2026-02-03T10:00:00Z", "eventType": "USER_LOGIN"},
        "principal": {"hostname": host},
        "target": {"user": {"userid": user}},
    }
    return json.dumps(event)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a rule, two tables, an entity and the sign-ins of four users."""
    tables = tmp_path / "context" / "tables"
    tables.mkdir(parents=True)
    (tables / "hires.csv").write_text(HIRES)
    (tables / "seen.csv").write_text(SEEN)
    entity = {"metadata": {"entityType": "USER"}, "entity": {"user": {"userid": "eve", "department": ["ops"]}}}
    (tmp_path / "context" / "entities.jsonl").write_text(json.dumps(entity))
    (tmp_path / "rule.yaral").write_text(RULE)
    logins = [("ann", "ws1"), ("ann", "ws2"), ("bob", "ws1"), ("eve", "w,s"), ("mia", "ws1")]
    (tmp_path / "logs.jsonl").write_text("\n".join(login(*one, n) for n, one in enumerate(logins)))
    return tmp_path


def scan(folder: Path, *options: str) -> Outcome:
    """Scan with the context of the folder."""
    return windshear(
        "scan", "logs.jsonl", "-r", "rule.yaral", "--context", "context", "-f", "jsonl", *options, cwd=folder
    )


def users(done: Outcome) -> list[str]:
    """Return the match keys of the detections."""
    return sorted(found["detection"][0]["detectionFields"][0]["value"] for found in done.json_lines)


def test_tables_are_written_whole_and_read_by_the_next_run(folder: Path) -> None:
    """Who was written once is known the next time; the given table is left alone until the user says otherwise."""
    before = {path: path.read_bytes() for path in (folder / "context" / "tables").iterdir()}
    done = scan(folder, "--export", "out/tables")
    assert done.code == 0
    assert users(done) == ["ann", "eve"]
    assert "wrote out/tables/seen.csv: 3 rows, 2 of them from detections\n" in done.err
    assert [path.name for path in (folder / "out" / "tables").iterdir()] == ["seen.csv"]
    assert (folder / "out" / "tables" / "seen.csv").read_text() == (
        'user:string:key,hosts:string[],n:number,note:string\nzoe,ws9,1,"#1, ""kept"""\nann,ws1|ws2,2,\neve,"w,s",1,\n'
    )
    assert {path: path.read_bytes() for path in before} == before

    again = scan(folder, "--export", "context/tables")
    assert users(again) == ["ann", "eve"]
    last = scan(folder, "--export", "context/tables")
    assert last.json_lines == []
    assert "wrote" not in last.err
    written = (folder / "context" / "tables" / "seen.csv").read_bytes()
    assert written == (folder / "out" / "tables" / "seen.csv").read_bytes()


def test_without_a_folder_it_is_said_what_was_not_written(folder: Path) -> None:
    """The run goes on as usual, and nothing is changed."""
    done = scan(folder)
    assert done.code == 0
    assert users(done) == ["ann", "eve"]
    assert "2 rows for the data table %seen not written (--export DIR writes them)\n" in done.err
    assert (folder / "context" / "tables" / "seen.csv").read_text() == SEEN


def test_sift_changes_nothing(folder: Path) -> None:
    """Appended rows stay with the rule that appends them when every record is a candidate."""
    other = RULE.replace("newcomer_signs_in", "known").replace("  setup:\n    graph_append [$g, %hires]\n", "")
    (folder / "rule.yaral").write_text(RULE + other)
    with_sift, without = scan(folder), scan(folder, "--no-sift")
    assert with_sift.json_lines == without.json_lines
    assert users(with_sift) == ["ann", "eve", "eve"]


def test_an_appended_row_is_shown_as_an_entity_with_its_place(folder: Path) -> None:
    """The sample says what the row says, and where the row stands."""
    found = next(one for one in scan(folder).json_lines if "ann" in json.dumps(one["detection"]))
    (entity,) = [one["references"] for one in found["collectionElements"] if one["label"] == "g"]
    assert entity[0]["entity"] == {
        "metadata": {"interval": {"startTime": "2026-02-03T00:00:00Z"}},
        "entity": {"user": {"userid": "ann", "department": ["ops"]}},
    }
    (bound,) = found["explanation"]["events"]["g"]["events"]
    assert (bound["logType"], bound["source"]) == ("DATA_TABLE", "data table %hires:1")


def test_rows_that_do_not_fit_are_told(folder: Path) -> None:
    """The detection is there, its row is not."""
    (folder / "context" / "tables" / "seen.csv").write_text("user:string:key,hosts:cidr[],n:number\n")
    done = scan(folder, "--export", "out")
    assert users(done) == ["ann", "eve"]
    assert (
        "newcomer_signs_in: 2 rows for %seen left out, the first because of column `hosts`: `ws1` is neither a network "
        "nor an address\n"
    ) in done.err
    assert not list((folder / "out").iterdir())


BROKEN = {
    "no table": (None, "data table `%seen` is missing"),
    "bad cell": ("user:string:key,hosts:string[],n:number\nann,x,many\n", "seen.csv:2, column `n`: `many` is not a"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_tables_that_cannot_be_used(name: str, folder: Path) -> None:
    """The rule is not run, and the reason is told with file and line."""
    text, message = BROKEN[name]
    path = folder / "context" / "tables" / "seen.csv"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    done = scan(folder)
    assert done.code == 2
    assert message in done.err
    assert "rule newcomer_signs_in cannot be evaluated: " in done.err


def test_columns_are_checked_against_the_table(folder: Path) -> None:
    """The rule is shown with the wrong column."""
    (folder / "context" / "tables" / "seen.csv").write_text("user:string:key,host:string[],n:string:key\n")
    done = scan(folder)
    assert done.code == 2
    assert "unknown-column: the data table `%seen` has no column `hosts`" in done.err
    assert "did you mean `host`?" in done.err


def test_a_broken_header_ends_the_run(folder: Path) -> None:
    """Nothing could be said of any rule that reads the table."""
    (folder / "context" / "tables" / "hires.csv").write_text("user:entity.user.usreid\n")
    done = scan(folder)
    assert done.code == 3
    assert (
        "hires.csv`, line 1, column `user`: `entity.user.usreid` is not a field of entities, did you mean" in done.err
    )


def test_a_folder_that_cannot_be_made(folder: Path) -> None:
    """It is told before anything is read."""
    done = scan(folder, "--export", "logs.jsonl")
    assert done.code == 3
    assert "cannot write tables to `logs.jsonl`" in done.err
    assert done.out == ""
