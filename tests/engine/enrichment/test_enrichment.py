"""Enrichment: what is asked of normalising, when knowledge is read, and what is counted."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa
import pytest

from windshear.context.context import Context, context_of_json
from windshear.context.persons import Persons, persons_of
from windshear.engine.enrichment.enrichment import NOTHING_ADDED, Enrichment
from windshear.engine.enrichment.persons import PersonAddition
from windshear.engine.enrichment.supplied import supplied_by
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.proto_json import read_event
from windshear.udm.rows import TIME, to_table

TEXT = ScalarColumn("text")
PERSON = 'principal.user.attribute.labels["person_id"]'
CONTEXT = {
    "entities": [
        {"metadata": {"entityType": "USER"}, "entity": {"administrativeDomain": domain, "user": {"userid": "admin"}}}
        for domain in ("a", "b")
    ],
    "tables": {
        "person_aliases": {
            "columns": {"alias": "string", "person_id": "string"},
            "rows": [["zed", "ann@corp.example"]],
        },
        "site_egress": {"columns": {"cidr": "cidr", "public_ip": "string"}, "rows": [["10.0.0.0/8", "203.0.113.7"]]},
    },
}


def events(*principals: Mapping[str, object]) -> list[dict[str, object]]:
    """Return canonical events with these principals."""
    time = "2026-03-01T00:00:00Z"
    return [read_event({"metadata": {"eventTimestamp": time}, "principal": principal})[0] for principal in principals]


def filled(enrichment: Enrichment, name: str, column: Column, *principals: Mapping[str, object]) -> list[object]:
    """Return the cells of one column of events with these principals."""
    columns = {name: column}
    table = enrichment.added(to_table(events(*principals), enrichment.asked(columns)), columns)
    assert set(table.column_names) <= {TIME, name}
    return list(table.column(name).to_pylist())


def test_a_context_in_one_file() -> None:
    """Tables and entities of a JSON context are knowledge like those of a folder."""
    found = supplied_by(context_of_json(json.dumps(CONTEXT).encode())).enrichment
    assert filled(found, PERSON, TEXT, {"user": {"userid": "ZED"}}, {"user": {"userid": "a\\admin"}}, {}) == [
        "ann@corp.example",
        "a\\admin",
        None,
    ]
    assert filled(found, "principal.nat_ip", ListColumn("text"), {"ip": ["10.1.1.1"]}, {}) == [["203.0.113.7"], []]


def test_nothing_is_asked_for_nothing() -> None:
    """Columns that nothing is added to are asked for as they are, the same object, and so without a context."""
    columns: dict[str, Column] = {"principal.user.userid": TEXT, "principal.labels": MessagesColumn({"key": TEXT})}
    found = supplied_by(context_of_json(json.dumps(CONTEXT).encode())).enrichment
    assert found.asked(columns) is columns
    assert NOTHING_ADDED.asked({PERSON: TEXT}) == {PERSON: TEXT}
    assert supplied_by(Context()).enrichment.asked({PERSON: TEXT}) == {PERSON: TEXT}


@pytest.mark.parametrize(
    ("name", "column", "expected"),
    [
        (PERSON, TEXT, "principal.user.windows_sid"),
        ("principal.user.attribute.labels", MessagesColumn({"value": TEXT}), "principal.user.userid"),
        ('about.user.attribute.labels["person_id"]', TEXT, "about"),
        ("about", MessagesColumn({"user.attribute.labels": MessagesColumn({"key": TEXT})}), "about"),
        ("principal.nat_ip", ListColumn("text"), "principal.asset.hostname"),
    ],
)
def test_what_additions_read_is_asked_for(name: str, column: Column, expected: str) -> None:
    """The identifiers come along, and what is asked for stays asked for."""
    found = supplied_by(context_of_json(json.dumps(CONTEXT).encode())).enrichment
    asked = found.asked({name: column})
    assert {name, expected} <= asked.keys()


@pytest.mark.parametrize("name", ['target.labels["person_id"]', "target.nat_ip", "principal.user.attribute.roles"])
def test_other_columns_are_left_alone(name: str) -> None:
    """What only looks like a column that is added to is not one."""
    columns: dict[str, Column] = {name: TEXT}
    assert supplied_by(context_of_json(json.dumps(CONTEXT).encode())).enrichment.asked(columns) is columns


def test_persons_are_read_once_and_late() -> None:
    """Who is who is read when the first events need it, and not again."""
    reads = []

    def load() -> Persons:
        reads.append(1)
        return persons_of(None, None)

    addition = PersonAddition(load)
    found = Enrichment([addition])
    found.asked({PERSON: TEXT})
    found.whole([{"metadata": {}}])
    assert not reads
    for _ in range(2):
        filled(found, PERSON, TEXT, {"user": {"userid": "x"}})
    found.whole(events({"user": {"userid": "x"}}))
    assert len(reads) == 1


def test_users_that_may_be_several_are_counted_once() -> None:
    """They count by user and name where events are seen for the first time, whatever is asked of them."""
    supplied = supplied_by(context_of_json(json.dumps(CONTEXT).encode()))
    columns: dict[str, Column] = {
        PERSON: TEXT,
        "principal.user.attribute.labels": MessagesColumn({"key": TEXT, "value": TEXT}),
    }
    stranger = {"user": {"userid": "admin"}, "administrativeDomain": "WS1"}
    principals = events({"user": {"userid": "Admin"}}, {"user": {"userid": "admin"}}, stranger, {"hostname": "x"})
    table = to_table(principals, supplied.enrichment.asked(columns))
    supplied.enrichment.added(table, columns)
    supplied.enrichment.added(table, columns, counts=False)
    assert supplied.persons is not None
    assert supplied.persons.unclear.users == 2
    assert supplied.persons.unclear.names == {"Admin": 1, "admin": 1}


def test_two_names_of_one_user_that_disagree() -> None:
    """An address of one person beside the account of another gives nobody."""
    supplied = supplied_by(context_of_json(json.dumps(CONTEXT).encode()))
    both = {"user": {"userid": "a\\admin", "emailAddresses": ["ann@corp.example"]}}
    assert filled(supplied.enrichment, PERSON, TEXT, both, {}) == [None, None]
    assert supplied.persons is not None
    assert supplied.persons.unclear.users == 1


def test_who_is_behind_a_session_decides() -> None:
    """The source identity of a session goes before the session's name."""
    labels = [{"key": "sourceIdentity", "value": "ann@corp.example"}]
    user = {"userid": "arn:aws:sts::123456789012:assumed-role/R/zed2", "attribute": {"labels": labels}}
    found = supplied_by(context_of_json(json.dumps(CONTEXT).encode())).enrichment
    other = {"userid": "a\\admin", "attribute": {"labels": labels}}
    assert filled(found, PERSON, TEXT, {"user": user}, {"user": other}) == ["ann@corp.example"] * 2


def test_an_empty_batch() -> None:
    """No events are enriched to no events."""
    found = supplied_by(context_of_json(json.dumps(CONTEXT).encode())).enrichment
    columns: dict[str, Column] = {PERSON: TEXT, "principal.nat_ip": ListColumn("text")}
    table = found.added(pa.table({TIME: pa.array([], pa.int64())}), columns)
    assert table.num_rows == 0
