"""Baselines with the real command: made from history, added to, kept clean of attacks, and shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.command import Outcome, windshear

PEOPLE = """metadata.event_type = "USER_LOGIN"
$person_id = strings.coalesce(target.user.attribute.labels["person_id"], strings.to_lower(target.user.userid))
$person_id != ""
match:
  $person_id
outcome:
  $days = count_distinct(timestamp.get_date(metadata.event_timestamp.seconds))
  $first_seen = min(metadata.event_timestamp.seconds)
  $last_seen = max(metadata.event_timestamp.seconds)
  $logins = count(metadata.id)
"""
NETWORKS = """metadata.event_type = "USER_LOGIN"
$person_id = strings.to_lower(target.user.userid)
principal.ip_geo_artifact.network.asn != ""
$key = strings.concat(strings.to_lower(target.user.userid), "|", principal.ip_geo_artifact.network.asn)
match:
  $key, $person_id
outcome:
  $first_seen = min(metadata.event_timestamp.seconds)
  $last_seen = max(metadata.event_timestamp.seconds)
  $events = count(metadata.id)
  $days = count_distinct(timestamp.get_date(metadata.event_timestamp.seconds))
"""
RULE = """rule sign_in_from_new_network {
  meta:
    author = "me"
    severity = "Medium"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.principal.ip_geo_artifact.network.asn != ""
    $e.target.user.userid != ""
    not strings.concat(strings.to_lower($e.target.user.userid), "|", $e.principal.ip_geo_artifact.network.asn)
      in %baseline_networks.key
  outcome:
    $person_id = strings.to_lower($e.target.user.userid)
  condition:
    $e
}
"""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
OFFICE, HOTEL = "198.51.100.7", "203.0.113.9"


def login(user: str, day: float, ip: str = OFFICE, host: str = "ws-1") -> str:
    """Return a sign-in some days after the first of January."""
    time = (FIRST + timedelta(days=day)).isoformat().replace("+00:00", "Z")
    event = {
        "metadata": {"eventType": "USER_LOGIN", "eventTimestamp": time, "productLogId": f"{user}{day}{ip}"},
        "principal": {"ip": [ip], "hostname": host},
        "target": {"user": {"userid": user}},
    }
    return json.dumps(event) + "\n"


def logs(folder: Path, name: str, lines: Iterable[str]) -> str:
    """Write a file of logs."""
    (folder / name).write_text("".join(lines))
    return name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a pack of two baselines and a rule, and places of addresses."""
    for kind in ("baselines", "tables", "rules/new"):
        (tmp_path / "pack" / kind).mkdir(parents=True)
    pack = tmp_path / "pack"
    (pack / "baselines" / "baseline_people.yaral").write_text(PEOPLE)
    (pack / "baselines" / "baseline_networks.yaral").write_text(NETWORKS)
    numbers = "days:number,first_seen:number,last_seen:number"
    (pack / "tables" / "baseline_people.csv").write_text(f"person_id,{numbers},logins:number\n")
    (pack / "tables" / "baseline_networks.csv").write_text(f"key,person_id,events:number,{numbers}\n")
    (pack / "rules" / "new" / "rule.yaral").write_text(RULE)
    (tmp_path / "places.csv").write_text("network,asn\n198.51.100.0/24,64500\n203.0.113.0/24,64501\n")
    return tmp_path


def build(folder: Path, *arguments: str) -> Outcome:
    """Make the baselines of the pack in the folder `context`."""
    options = ("-o", "context", "--baselines", "pack/baselines", "--geoip", "places.csv")
    return windshear("baseline", "build", *arguments, *options, cwd=folder)


def rows(folder: Path, table: str) -> dict[str, str]:
    """Return the rows of a table by their first cell, without its header."""
    lines = (folder / "context" / "tables" / f"baseline_{table}.csv").read_text().splitlines()[1:]
    return dict(line.split(",", 1) for line in lines)


def at(day: float) -> int:
    """Return seconds since 1970."""
    return int((FIRST + timedelta(days=day)).timestamp())


def test_tables_are_made_and_read(folder: Path) -> None:
    """All queries in one reading, in the columns of the tables; the rule of the pack compares with them."""
    history = logs(folder, "history.jsonl", (login("Ann", day) for day in (0.5, 3.25, 3.5, 8)))
    done = build(folder, history)
    assert done.code == 0, done.err
    assert rows(folder, "people") == {"ann": f"3,{at(0.5)},{at(8)},4"}
    assert rows(folder, "networks") == {"ann|64500": f"ann,4,3,{at(0.5)},{at(8)}"}
    assert "baseline_networks: 1 row, 1 person\nbaseline_people: 1 row, 1 person\n" in done.err
    assert "read 4 records" in done.err
    today = logs(folder, "today.jsonl", [login("ann", 9), login("ann", 9.1, HOTEL)])
    scan = ("scan", today, "-r", "pack/rules", "--geoip", "places.csv", "-f", "jsonl")
    found = windshear(*scan, "--context", "context", cwd=folder)
    assert [one["detection"][0]["outcomes"][0]["value"] for one in found.json_lines] == ["ann"]
    assert len(windshear(*scan, cwd=folder).json_lines) == 2


def test_the_window_ends_with_the_history(folder: Path) -> None:
    """What is older than 30 days before the last event does not count, nor what is outside of --since and --until."""
    history = logs(folder, "history.jsonl", (login("ann", day, HOTEL if day < 9 else OFFICE) for day in (8, 10.5, 39)))
    assert build(folder, history).code == 0
    assert rows(folder, "people") == {"ann": f"2,{at(10.5)},{at(39)},2"}
    assert rows(folder, "networks").keys() == {"ann|64500"}
    assert build(folder, history, "--keep-days", "40").code == 0
    assert rows(folder, "networks").keys() == {"ann|64500", "ann|64501"}
    assert build(folder, history, "--until", "2026-01-12").code == 0
    assert rows(folder, "people") == {"ann": f"2,{at(8)},{at(10.5)},2"}
    assert build(folder, history, "--since", "2026-01-01").code == 0
    assert rows(folder, "people") == {"ann": f"3,{at(8)},{at(39)},3"}


def test_days_that_come_later_are_added(folder: Path) -> None:
    """Day by day it comes to the same as at once, also where logs come again and a day is cut in two."""
    days = {"ann": (0.2, 0.6, 1.5, 2.5, 2.75, 9), "bob": (0.3, 0.7, 2.6)}
    lines = [login(user, day) for day, user in sorted((day, user) for user in days for day in days[user])]
    build(folder, logs(folder, "all.jsonl", lines))
    whole = rows(folder, "people"), rows(folder, "networks")
    for path in (folder / "context" / "tables").iterdir():
        path.unlink()
    for part in (lines[:3], lines[2:7], lines[5:], lines):
        done = build(folder, logs(folder, "part.jsonl", part), "--add")
        assert done.code == 0, done.err
    assert (rows(folder, "people"), rows(folder, "networks")) == whole
    build(folder, logs(folder, "late.jsonl", [login("ann", 35)]), "--add")
    assert rows(folder, "people") == {"ann": f"5,{at(0.2)},{at(35)},7"}, "who was not seen for 30 days is forgotten"


def test_attacks_in_the_history_teach_nothing(folder: Path) -> None:
    """From a day before a detection from medium on, its person and host are left out."""
    lines = [login("ann", 1), login("ann", 8, HOTEL), login("ann", 8.5, HOTEL), login("bob", 8, HOTEL, host="ws-2")]
    history = logs(folder, "history.jsonl", lines)
    scan = ("scan", history, "-r", "pack/rules", "--geoip", "places.csv", "-f", "jsonl", "-o", "found.jsonl")
    assert windshear(*scan, cwd=folder).code == 0
    ann = [line for line in (folder / "found.jsonl").read_text().splitlines(keepends=True) if '"ann"' in line]
    late = [line for line in ann if "2026-01-09T12" in line]
    (folder / "late.jsonl").write_text("".join(late))
    done = build(folder, history, "--exclude", "late.jsonl")
    assert done.code == 0, done.err
    assert "2 events of 1 name in detections left out, from a day before the first on\n" in done.err
    assert rows(folder, "networks").keys() == {"ann|64500", "bob|64501"}
    (folder / "late.jsonl").write_text("".join(late).replace("MEDIUM", "LOW"))
    assert "left out" not in build(folder, history, "--exclude", "late.jsonl").err
    host = json.loads(late[0])
    host["detection"][0]["outcomes"] = [{"key": "host", "value": "WS-2"}]
    (folder / "array.json").write_text(json.dumps([host]))
    build(folder, history, "--exclude", "array.json")
    assert rows(folder, "networks").keys() == {"ann|64500", "ann|64501"}


def test_seldom_keys(folder: Path) -> None:
    """--min-days leaves out what was seen on few days, but knows the person."""
    lines = [login("ann", day) for day in (0, 1)] + [login("ann", 1, HOTEL), login("bob", 1)]
    done = build(folder, logs(folder, "history.jsonl", lines), "--min-days", "2")
    assert rows(folder, "networks").keys() == {"ann|64500"}
    assert rows(folder, "people").keys() == {"ann", "bob"}
    assert "baseline_networks: 1 row, 1 person; 2 seen on fewer than 2 days left out" in done.err
    assert "the history has 2 days: " in done.err
    assert build(folder, "history.jsonl", "--min-days", "2", "--add").code == 3


def test_what_is_known_is_shown(folder: Path) -> None:
    """In short, of a person, and of nobody."""
    build(folder, logs(folder, "history.jsonl", [login("ann", 0), login("ann", 7, HOTEL)]))
    short = windshear("baseline", "show", "context", cwd=folder)
    assert [line.split() for line in short.out.splitlines()] == [
        ["baseline_networks", "2", "rows", "1", "person", "2026-01-01", "to", "2026-01-08"],
        ["baseline_people", "1", "row", "1", "person", "2026-01-01", "to", "2026-01-08"],
    ]
    ann = windshear("baseline", "show", "context", "Ann", "-n", "1", cwd=folder)
    assert ann.code == 0
    assert ann.out.splitlines()[0] == "baseline_networks  2 rows"
    assert ann.out.splitlines()[1].split()[:4] == ["64501", "events", "1", "days"]
    assert ann.out.splitlines()[2] == "  … 1 more (--limit)"
    nobody = windshear("baseline", "show", "context", "an", cwd=folder)
    assert (nobody.code, nobody.out) == (1, "")
    assert "nothing is known of `an` in context" in nobody.err


def test_queries_that_cannot_run(folder: Path) -> None:
    """Each is told with its place; the others are made. What the folder holds stays if nothing can be read."""
    history = logs(folder, "history.jsonl", [login("ann", 0)])
    baselines = folder / "pack" / "baselines"
    (baselines / "baseline_wrong.yaral").write_text('metadata.event_typ = "x" match: $a')
    (baselines / "baseline_unknown.yaral").write_text(PEOPLE)
    (baselines / "baseline_networks.yaral").write_text(NETWORKS.replace("$events =", "$number ="))
    done = build(folder, history)
    assert done.code == 2
    assert "baseline_wrong.yaral:1:1" in done.err
    assert "baseline_unknown.yaral: there is no `tables/baseline_unknown.csv` beside it" in done.err
    assert "baseline_networks.yaral: it gives the columns" in done.err
    assert rows(folder, "people").keys() == {"ann"}
    stages = f"stage one {{ {PEOPLE} }} $person_id = $one.person_id match: $person_id outcome: $n = count($one.logins)"
    (baselines / "baseline_networks.yaral").write_text(stages)
    assert "baseline_networks.yaral: a baseline is one query without stages" in build(folder, history).err
    before = (folder / "context" / "tables" / "baseline_people.csv").read_bytes()
    empty = build(folder, logs(folder, "empty.jsonl", []))
    assert empty.code == 3
    assert "the history holds no events: nothing is written" in empty.err
    assert (folder / "context" / "tables" / "baseline_people.csv").read_bytes() == before
    (baselines / "baseline_people.yaral").unlink()
    assert build(folder, history).code == 2


@pytest.mark.parametrize("text", ["no detection", "[1]", '{"detection": []}', '{"detection": [{"severity": "HIGH"}]}'])
def test_files_without_detections(folder: Path, text: str) -> None:
    """They are refused with file and line."""
    (folder / "found.jsonl").write_text(text)
    done = build(folder, logs(folder, "history.jsonl", [login("ann", 0)]), "--exclude", "found.jsonl")
    assert done.code == 3
    assert "found.jsonl:1: " in done.err
    assert "`scan --format jsonl` writes detections, one per line" in done.err.replace("\n", " ")


def test_groups_of_commands(folder: Path) -> None:
    """Without a command, help is shown."""
    done = windshear("baseline", cwd=folder)
    assert done.code == 0
    assert "build" in done.out
    assert "baseline" in windshear("--help", cwd=folder).out
