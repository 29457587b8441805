"""Derived context: since when things are known, how common they are, and that rules can read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from windshear.context.entities import ENTITY
from windshear.context.records import ContextRecord, RecordList
from windshear.engine import derived
from windshear.engine.batch import EventBatch
from windshear.engine.derived import COLUMNS, DerivedBuilder
from windshear.logs.record import batch_of
from windshear.udm.proto_json import read_event
from windshear.udm.rows import to_table

Json = dict[str, Any]

SHA = "a" * 64


def batch(*events: Json) -> EventBatch:
    """Return events as a batch."""
    canonical = [read_event(event)[0] for event in events]
    return EventBatch("UDM", to_table(canonical, COLUMNS), batch_of(["{}"] * len(events)))


def event(day: int, hour: int = 0, kind: str = "GENERIC_EVENT", **fields: object) -> Json:
    """Return an event of March 2026."""
    time = f"2026-03-{day:02}T{hour:02}:00:00Z"
    return {"metadata": {"eventType": kind, "eventTimestamp": time}, **fields}


def on(host: str, **fields: object) -> Json:
    """Return a principal of that name."""
    return {"hostname": host, **fields}


def entities(folder: Path, *batches: Sequence[Json]) -> dict[tuple[str, str], Json]:
    """Return the entities that batches of events give, by type and value."""
    with DerivedBuilder(folder) as builder:
        for events in batches:
            builder.add(batch(*events))
        found: list[Json] = list(builder.finish())
    return {(entity["metadata"]["entityType"], value_of(entity["entity"])): entity for entity in found}


def value_of(entity: Json) -> str:
    """Return what an entity is about."""
    match entity:
        case {"file": {"sha256": value} | {"sha1": value} | {"md5": value}}:
            return str(value)
        case {"user": {"userid": value}} | {"hostname": value} | {"artifact": {"ip": value}}:
            return str(value)
    raise AssertionError(entity)


def test_first_last_and_prevalence_of_files(tmp_path: Path) -> None:
    """Times are the first and the last of all, the prevalence that of the busiest of the last ten days."""
    launch = {"process": {"file": {"sha256": SHA, "md5": "b" * 32}}}
    found = entities(
        tmp_path,
        [event(1, 5, principal=on(f"ws{number}"), target=launch) for number in range(9)],
        [event(12, 1, principal=on("ws1"), target=launch), event(12, 2, principal=on("WS1"), target=launch)],
        [event(13, 3, principal=on("ws1"), target=launch), event(13, 4, principal=on("ws2"), target=launch)],
        [event(14, 6, target=launch), event(14, 7, principal=on("ws3"))],
    )
    assert found["FILE", SHA] == {
        "metadata": {
            "collectedTimestamp": "2026-03-14T06:00:00Z",
            "entityType": "FILE",
            "sourceType": "DERIVED_CONTEXT",
        },
        "entity": {
            "file": {
                "sha256": SHA,
                "firstSeenTime": "2026-03-01T05:00:00Z",
                "lastSeenTime": "2026-03-14T06:00:00Z",
                "prevalence": {"dayCount": 10, "rollingMax": 2},
            }
        },
    }
    assert found["FILE", "b" * 32]["entity"]["file"]["prevalence"]["rollingMax"] == 2


def test_domains(tmp_path: Path) -> None:
    """What was asked for counts always, the name of a contacted host only where it can be one of the internet."""
    dns = {"dns": {"questions": [{"name": "a.example.com"}, {"name": "b.example.com."}, {"name": "wpad"}]}}
    found = entities(
        tmp_path,
        [
            event(1, kind="NETWORK_DNS", principal=on("ws1"), network=dns),
            event(1, kind="NETWORK_HTTP", principal=on("ws2"), target={"hostname": "a.example.com"}),
            event(1, kind="USER_LOGIN", principal=on("ws2"), target={"hostname": "dc.corp.example"}),
            event(1, kind="NETWORK_CONNECTION", principal=on("ws2"), target={"hostname": "192.0.2.1"}),
        ],
    )
    assert [value for kind, value in found if kind == "DOMAIN_NAME"] == ["a.example.com", "b.example.com."]
    domain = found["DOMAIN_NAME", "a.example.com"]["entity"]
    assert domain["hostname"] == domain["domain"]["name"] == "a.example.com"
    assert domain["domain"]["prevalence"] == {"dayCount": 10, "rollingMax": 2, "dayMax": 2}


@pytest.mark.parametrize(
    ("address", "is_kept"),
    [
        ("203.0.113.7", True),
        ("172.32.0.1", True),
        ("100.128.0.1", True),
        ("2001:db8::1", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.1.1", False),
        ("239.1.1.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("FD00::1", False),
        ("ff02::1", False),
    ],
)
def test_addresses(tmp_path: Path, address: str, is_kept: bool) -> None:
    """Addresses that mean something else in every network are left out."""
    found = entities(tmp_path, [event(1, target={"ip": [address]})])
    assert (("IP_ADDRESS", address) in found) == is_kept


def test_users_and_hosts(tmp_path: Path) -> None:
    """Users and hosts have the time at which they were first seen."""
    found = entities(tmp_path, [event(2, principal=on("ws1", user={"userid": "ann"}))], [event(1, principal=on("ws1"))])
    assert found["USER", "ann"]["entity"] == {"user": {"userid": "ann", "firstSeenTime": "2026-03-02T00:00:00Z"}}
    assert found["ASSET", "ws1"]["entity"]["asset"]["firstSeenTime"] == "2026-03-01T00:00:00Z"


def test_hosts_by_what_is_known_of_them(tmp_path: Path) -> None:
    """Events count for the host's name, else its id, else its address; without all of them they count for none."""
    target = {"ip": ["203.0.113.7"]}
    principals = [on("ws1"), {"asset": {"hostname": "ws2"}}, {"assetId": "x:3"}, {"ip": ["10.0.0.4", "10.0.0.5"]}, {}]
    found = entities(tmp_path, [event(1, principal=principal, target=target) for principal in principals])
    assert found["IP_ADDRESS", "203.0.113.7"]["entity"]["artifact"]["prevalence"]["rollingMax"] == 4


def test_events_in_the_future(tmp_path: Path) -> None:
    """A clock that is wrong does not move the days that count."""
    future: Json = {"metadata": {"eventTimestamp": "2999-01-01T00:00:00Z"}, "principal": on("ws1")}
    assert not entities(tmp_path, [future])


def test_nothing(tmp_path: Path) -> None:
    """No events, no entities."""
    assert not entities(tmp_path, [])
    assert not entities(tmp_path / "..", [event(1)])


def test_sums_are_taken_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is summed up early gives the same."""
    days = [
        [event(day, hour, principal=on(f"ws{hour}"), target={"ip": ["203.0.113.7"]}) for hour in range(4)]
        for day in (1, 2)
    ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    expected = entities(tmp_path / "a", *days)
    monkeypatch.setattr(derived, "_MOST_LOOSE", 1)
    assert entities(tmp_path / "b", *days) == expected


def test_the_context_reads_them(tmp_path: Path) -> None:
    """What comes out are entities that nothing is wrong with, and all fields are of UDM."""
    launch = {"process": {"file": {"sha256": SHA}}}
    network = {"dns": {"questions": [{"name": "a.example.com"}]}}
    one = event(1, principal=on("ws1", user={"userid": "ann"}, ip=["203.0.113.7"]), target=launch, network=network)
    found = entities(tmp_path, [one])
    assert len(found) == 5
    for entity in found.values():
        assert read_event(entity, "graph")[1] == []
    assert all(isinstance(record, ContextRecord) for record in RecordList("x", list(found.values()), ENTITY).read())


def test_a_batch_without_its_columns(tmp_path: Path) -> None:
    """Events of which nothing is known but the time give nothing."""
    table = pa.table({"ts_us": pa.array([0], pa.int64())})
    with DerivedBuilder(tmp_path) as builder:
        builder.add(EventBatch("UDM", table, batch_of(["{}"])))
        assert builder.events == 1
        assert not list(builder.finish())
