"""Simulations: the same bytes for the same seed, records that every parser knows, labels that point at records."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Any

import pytest

from windshear.core.errors import SettingError
from windshear.engine.feed import Feed, Input
from windshear.simulate.background.habits import HABITS
from windshear.simulate.background.unusual import unusual
from windshear.simulate.catalogue import SCENARIOS, find_scenario
from windshear.simulate.day import make_day
from windshear.simulate.files import LogFiles
from windshear.simulate.plan import Plan
from windshear.simulate.record import Log
from windshear.simulate.run import Summary, simulate
from windshear.simulate.scenario import STAGES, Scenario
from windshear.simulate.scenarios.consentfix import ConsentFix
from windshear.simulate.scenarios.list_resources_after_login import ListResourcesAfterLogin
from windshear.simulate.scenarios.storm_0501 import Storm0501
from windshear.simulate.world.networks import NETWORKS
from windshear.simulate.world.world import make_world
from windshear.udm.columns import ScalarColumn

USERS = 60
BY_NAME = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name())


def made(folder: Path, scenario: type[Scenario] | None, **changes: Any) -> Summary:
    """Write a small simulation into a new folder."""
    folder.mkdir()
    wishes: dict[str, Any] = {"scenario": scenario, "seed": 5, "users": USERS, "days": 1, **changes}
    return simulate(Plan(**wishes), folder)


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def normalised(folder: Path) -> tuple[Counter[str], Feed]:
    """Normalise the logs of a simulation; return records per log type, and the feed with its report."""
    quarantined: list[object] = []
    feed = Feed(Input([str(folder / "logs")]), {"metadata.event_type": ScalarColumn("text")}, quarantined.append)
    found: Counter[str] = Counter()
    for batch in feed.batches():
        found[batch.log_type] += len(batch.records)
    assert quarantined == []
    return found, feed


def labels(folder: Path) -> list[dict[str, object]]:
    """Return the labels of a simulation, without the first, which is about all other records."""
    lines = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (lines[0]["file"], lines[0]["record_id"], lines[0]["verdict"]) == ("*", "*", "clean")
    return lines[1:]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a day of the company, with the longest campaign in it, and two days before."""
    folder = tmp_path_factory.mktemp("simulations") / "whole"
    made(folder, Storm0501, history_days=2)
    return folder


def test_same_seed_writes_same_bytes(tmp_path: Path) -> None:
    """Two runs write the same files, byte by byte; another seed writes others."""
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        made(tmp_path / name, find_scenario("az_login"), seed=seed)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    one, other = digests(tmp_path / "one"), digests(tmp_path / "other")
    assert not [name for name in one if name.startswith("logs/") and one[name] == other.get(name)]


def test_compressed_files_have_no_time_in_them(tmp_path: Path) -> None:
    """Compressed files are the same in every run, and hold what plain ones do."""
    plan = Plan(scenario=None, seed=5, users=1001, days=2)
    assert plan.is_compressed
    story = list(ConsentFix(make_world(5, USERS)).records(datetime(2026, 3, 2, tzinfo=UTC)))
    for name, is_compressed in (("one", True), ("two", True), ("plain", False)):
        with LogFiles(tmp_path / name, None, is_compressed=is_compressed, root=tmp_path) as files:
            files.write(story)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    for file in (tmp_path / "plain").iterdir():
        assert gzip.decompress((tmp_path / "one" / f"{file.name}.gz").read_bytes()) == file.read_bytes()


def test_every_record_is_of_its_log_type(whole: Path) -> None:
    """Background and attack alike: nothing is broken or unknown, and each file holds the log type that it should."""
    found, feed = normalised(whole)
    assert (feed.report.quarantined_count, feed.report.skipped_count) == (0, 0)
    assert set(found) == {log.log_type for log in Log}


@BY_NAME
def test_scenario_is_read_and_labelled(scenario: type[Scenario], tmp_path: Path) -> None:
    """Every record of a scenario is known to a parser, and has a label with behaviours, stage, step and reason."""
    summary = made(tmp_path / "s", scenario, has_background=False)
    found, feed = normalised(tmp_path / "s")
    assert (feed.report.quarantined_count, feed.report.skipped_count) == (0, 0)
    assert found == Counter({log.log_type: count for log, count in summary.counts.items()})
    marks = labels(tmp_path / "s")
    assert len(marks) == summary.counts.total() == summary.marked.total()
    assert all(mark["behaviours"] and mark["why"] and mark["person"] for mark in marks)
    assert {mark["campaign"] for mark in marks} == {scenario.name()}
    assert any(mark["verdict"] == "flag" for mark in marks)


@BY_NAME
def test_steps_are_in_order(scenario: type[Scenario]) -> None:
    """Steps follow one another in time, their stages are known ones, and something leads into the cloud first."""
    steps = scenario.steps()
    assert [step.minute for step in steps] == sorted(step.minute for step in steps)
    assert {step.stage for step in steps} <= set(STAGES)
    assert steps[0].stage in {"endpoint", "access", "federation"}


def test_records_of_a_step_are_of_its_time(tmp_path: Path) -> None:
    """A step's records come after its beginning, and steps of a campaign begin one after the other."""
    made(tmp_path / "s", Storm0501, has_background=False)
    firsts: dict[int, datetime] = {}
    for mark in labels(tmp_path / "s"):
        time, step = datetime.fromisoformat(str(mark["time"])), int(str(mark["step"]))
        firsts[step] = min(firsts.get(step, time), time)
    assert [firsts[step] for step in sorted(firsts)] == sorted(firsts.values())


def test_labels_point_at_records(whole: Path) -> None:
    """A label names a file that is there, and a record in it: by its id, or by its line."""
    # The separator within lines of the audit log would end them for `splitlines`.
    texts = {path.name: path.read_text(encoding="utf-8").rstrip().split("\n") for path in (whole / "logs").iterdir()}
    jsons = {name: lines for name, lines in texts.items() if name.endswith(".jsonl")}
    ids = {name: {str(record_id(json.loads(line))) for line in lines} for name, lines in jsons.items()}
    for mark in labels(whole):
        name, record = str(mark["file"]).removeprefix("logs/"), str(mark["record_id"])
        if record.startswith("line "):
            number = int(record.removeprefix("line "))
            assert 1 <= number <= len(texts[name])
            assert name != "auditd.log" or " type=SYSCALL " in texts[name][number - 1]
        else:
            assert record in ids[name]
        assert mark["behaviours"], mark


def record_id(record: dict[str, object]) -> object:
    """Return what the vendor calls a record."""
    inner = record.get("properties")
    if isinstance(inner, dict) and ("id" in inner or "requestId" in inner):
        return inner.get("id") or inner.get("requestId")
    own = record.get("id")
    if isinstance(own, dict):
        return own["uniqueQualifier"]  # an activity of Workspace
    return record.get("eventID") or record.get("insertId") or record.get("uuid") or record.get("Id")


def test_reads_of_resources_leave_nothing_in_the_activity_log(tmp_path: Path) -> None:
    """`az resource list` and its like are on the endpoint; Azure's activity log has only the keys that were listed."""
    made(tmp_path / "s", ListResourcesAfterLogin, has_background=False)
    activity = (tmp_path / "s" / "logs" / "azure_activity.jsonl").read_text(encoding="utf-8").splitlines()
    operations = {json.loads(line)["operationName"] for line in activity}
    assert operations == {"MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION"}
    assert "azure.cli resource list" in (tmp_path / "s" / "logs" / "windows_sysmon.jsonl").read_text(encoding="utf-8")


def test_batch_file_is_no_process(tmp_path: Path) -> None:
    """`az` is a batch file: a shell runs it, and no process is called `az.cmd`."""
    made(tmp_path / "s", find_scenario("az_login"), has_background=False)
    lines = (tmp_path / "s" / "logs" / "windows_sysmon.jsonl").read_text(encoding="utf-8").splitlines()
    images = {json.loads(line)["Image"].rpartition("\\")[2] for line in lines}
    assert images == {"cmd.exe", "python.exe"}


def test_addresses_are_reserved() -> None:
    """Whatever has an address in a simulation has one of documentation, and is in no two networks."""
    documentation = [IPv4Network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    for network in NETWORKS:
        block = network.block
        if isinstance(block, IPv4Network):
            assert any(block.subnet_of(whole) for whole in documentation)
        else:
            assert block.subnet_of(IPv6Network("2001:db8::/32"))
        is_reserved = 64496 <= network.asn <= 64511 or 65536 <= network.asn <= 65551
        assert is_reserved or network.organization in {"Amazon.com, Inc.", "Microsoft Corporation"}
        assert network.origin(3).ip in map(str, (network.block[4],))
        assert [other.name for other in NETWORKS if ip_address(network.origin(3).ip) in other.block] == [network.name]


def test_history_has_no_attack_and_lies_before(whole: Path) -> None:
    """The history ends before the first day, and nobody of the scenario is in it."""
    lines = (whole / "history" / "azure_ad.jsonl").read_text(encoding="utf-8").splitlines()
    times = [json.loads(line)["time"] for line in lines]
    assert "2026-02-28" <= min(times) <= max(times) < "2026-03-02"
    assert not any("AADInternals" in path.read_text(encoding="utf-8") for path in (whole / "history").iterdir())


def test_records_arrive_in_order_and_some_twice(whole: Path) -> None:
    """Files are in order of arrival, not of events; about one of a hundred cloud records is delivered twice."""
    lines = (whole / "logs" / "azure_ad.jsonl").read_text(encoding="utf-8").splitlines()
    times = [json.loads(line)["time"] for line in lines]
    assert times != sorted(times)
    assert 0 < len(lines) - len(set(lines)) < len(lines) / 20


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
def test_habit_is_the_same_alone(habit: object) -> None:
    """A habit of a day depends on nothing but seed and day, and is told in less detail in the history."""
    world = make_world(5, USERS)
    day, brief = make_day(world, date(2026, 3, 4)), make_day(world, date(2026, 3, 4), is_history=True)
    assert callable(habit)
    first, second = list(habit(day)), list(habit(day))
    assert first or habit is unusual
    assert [record.text for record in first] == [record.text for record in second]
    assert len(list(habit(brief))) <= len(first)


def test_context_knows_everybody(whole: Path) -> None:
    """The context has an entity for every user of the directory, and tables with the columns that rules read."""
    entities = (whole / "context" / "entities.jsonl").read_text(encoding="utf-8").splitlines()
    # Besides people: a forgotten account, one with all rights, one that synchronises, one for emergencies.
    assert len(entities) == USERS + 4
    tables = {file.stem for file in (whole / "context" / "tables").iterdir()}
    assert {"site_egress", "dev_workstations", "ci_identities", "travel_notice", "sync_accounts"} <= tables
    places = (whole / "context" / "geoip" / "networks.csv").read_text(encoding="utf-8").splitlines()
    assert places[0] == "network,asn,organization,country,latitude,longitude"
    assert len(places) == len(NETWORKS) + 1


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"days": 0}, "1 to 90 days"),
        ({"history_days": 91}, "at most 90 days"),
        ({"has_background": False, "scenario": None}, "nothing at all"),
        ({"users": 3}, "50 to 10,000 users"),
    ],
)
def test_impossible_wishes_are_refused(wish: dict[str, Any], message: str, tmp_path: Path) -> None:
    """What cannot be simulated is refused with the reason."""
    with pytest.raises(SettingError, match=message):
        made(tmp_path / "s", **{"scenario": Storm0501, **wish})


def test_unknown_scenario_is_refused() -> None:
    """A name that no scenario has is refused, with the one that was meant."""
    with pytest.raises(SettingError, match="did you mean `storm_0501`"):
        find_scenario("storm_501")
