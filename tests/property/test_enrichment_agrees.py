"""Enrichment by columns and enrichment of whole events: the same values, whatever the log brought."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.mmdb import write_mmdb
from windshear.context.context import load_context
from windshear.engine.enrichment.enrichment import Enrichment
from windshear.engine.enrichment.supplied import supplied_by
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.proto_json import read_event
from windshear.udm.rows import to_table

Json = dict[str, object]

TEXT, FLOAT = ScalarColumn("text"), ScalarColumn("float")
LABELS = MessagesColumn({"key": TEXT, "value": TEXT})
VALUES = MessagesColumn({"value": TEXT})
COLUMNS: dict[str, Column] = {
    'principal.user.attribute.labels["person_id"]': TEXT,
    "principal.user.attribute.labels": LABELS,
    'target.user.attribute.labels["person_id"]': TEXT,
    "target.user.attribute.labels": VALUES,
    'about.user.attribute.labels["person_id"]': TEXT,
    "about": MessagesColumn({"user.userid": TEXT, "user.attribute.labels": VALUES}),
    "principal.nat_ip": ListColumn("text"),
    "principal.ip_geo_artifact": MessagesColumn({"ip": TEXT, "location.country_or_region": TEXT}),
    "target.ip_geo_artifact": MessagesColumn({"network.asn": TEXT, "location.region_coordinates.latitude": FLOAT}),
    "principal.hostname": TEXT,
}
USERS = [
    {"userid": "ann", "windowsSid": "S-1-5-21-1-2-3-1001", "emailAddresses": ["ann@corp.example", "a@corp.example"]},
    {"userid": "admin", "windowsSid": "S-1-5-21-1-2-3-500", "emailAddresses": ["a@corp.example"]},
    {"userid": "admin", "windowsSid": "S-1-5-21-9-9-9-500"},
]
NAMES = ["ann", "ANN", "admin", "CORP\\ann", "other\\ann", "ann@corp.example", "a@corp.example", "x@y.example", "zed"]
SIDS = ["S-1-5-21-1-2-3-1001", "s-1-5-21-1-2-3-500", "S-1-5-21-7-7-7-7", "S-1-5-18"]
ADDRESSES = ["10.1.0.1", "10.1.2.3", "203.0.113.7", "203.0.113.8", "2001:db8::1", "192.0.2.1"]
KEYS = ["person_id", "sourceIdentity", "k"]


def message(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    """Draw a message of which every field may be absent."""
    return st.fixed_dictionaries({}, optional=fields)


labels = st.lists(message(key=st.sampled_from(KEYS), value=st.sampled_from([*NAMES, ""])), max_size=3)
users = message(
    userid=st.sampled_from(NAMES),
    userDisplayName=st.sampled_from(NAMES),
    windowsSid=st.sampled_from(SIDS),
    emailAddresses=st.lists(st.sampled_from(NAMES), max_size=2),
    attribute=message(labels=labels),
)
addresses = st.lists(st.sampled_from(ADDRESSES), max_size=3)
artifacts = st.lists(message(ip=st.sampled_from(ADDRESSES), location=message(city=st.just("Nowhere"))), max_size=2)
nouns = message(
    user=users,
    administrativeDomain=st.sampled_from(["CORP", "corp.example", "other", "WS1"]),
    hostname=st.sampled_from(["ws1", "WS1.corp.example", "ws2"]),
    ip=addresses,
    natIp=st.lists(st.just("192.0.2.9"), max_size=1),
    ipGeoArtifact=artifacts,
)
events = st.lists(message(principal=nouns, target=nouns, about=st.lists(nouns, max_size=3)), min_size=1, max_size=6)


@cache
def enrichment() -> Enrichment:
    """Return what a context of every kind gives to events."""
    folder = Path(mkdtemp())
    (folder / "tables").mkdir()
    (folder / "geoip").mkdir()
    entities = [
        {"metadata": {"entityType": "USER"}, "entity": {"administrativeDomain": "corp.example", "user": user}}
        for user in USERS
    ]
    (folder / "entities.jsonl").write_text("".join(json.dumps(entity) + "\n" for entity in entities))
    (folder / "tables" / "person_aliases.csv").write_text("alias,person_id\nzed,ann@corp.example\n")
    egress = (
        "cidr,public_ip:string[],hostname\n10.1.0.0/16,192.0.2.1|192.0.2.2,\n10.1.2.0/24,192.0.2.3,\n,192.0.2.2,ws1\n"
    )
    (folder / "tables" / "site_egress.csv").write_text(egress)
    place = {"country": {"names": {"en": "Utopia"}}, "location": {"latitude": 1.5}}
    write_mmdb(folder / "geoip" / "a.mmdb", {"203.0.113.0/29": place, "2001:db8::/32": {"asn": "AS64500"}})
    write_mmdb(folder / "geoip" / "b.mmdb", {"203.0.113.0/28": {"autonomous_system_number": 64501}}, 4)
    return supplied_by(load_context(folder)).enrichment


def cells(table: pa.Table) -> dict[str, list[object]]:
    """Return the values of the columns; a list that is empty is as good as none."""
    found = {}
    for name in COLUMNS:
        column = table.column(name).to_pylist() if name in table.column_names else [None] * table.num_rows
        found[name] = [plain(cell) for cell in column]
    return found


def plain(cell: object) -> object:
    """Return a cell without what says nothing."""
    if isinstance(cell, list):
        return [plain(item) for item in cell] or None
    return {key: plain(value) for key, value in cell.items()} if isinstance(cell, dict) else cell


@given(events, st.integers(0, 3))
def test_columns_and_whole_events_agree(raw: list[Json], skipped: int) -> None:
    """What rules read is what is shown; parts of a batch have the same values as in it."""
    canonical = [read_event(event)[0] for event in raw]
    asked = enrichment().asked(COLUMNS)
    table = enrichment().added(to_table(canonical, asked).slice(skipped), COLUMNS)
    whole = copy.deepcopy(canonical[skipped:])
    enrichment().whole(whole)
    assert cells(table) == cells(to_table(whole, COLUMNS))


@given(events)
def test_enriched_events_stay_as_they_are(raw: list[Json]) -> None:
    """Nothing is added twice, and nothing that the log brought is changed."""
    once = [read_event(event)[0] for event in raw]
    enrichment().whole(once)
    twice = copy.deepcopy(once)
    enrichment().whole(twice)
    assert twice == once
