"""Pruning keeps what columns read, and nothing else."""

from __future__ import annotations

from windshear.udm.columns import Columns, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.proto_json import read_event
from windshear.udm.pruning import pruned, wanted
from windshear.udm.rows import to_table

EVENT = {
    "metadata": {"eventTimestamp": "2026-03-02T08:15:30Z", "productEventType": "Login", "vendorName": "x"},
    "principal": {"ip": ["192.0.2.1"], "hostname": "h", "user": {"userid": "u"}},
    "additional": {"a": "1", "b": {"c": "2"}},
    "securityResult": [{"action": ["ALLOW"], "detectionFields": [{"key": "k", "value": "v"}]}],
    "target": {"resource": {"attribute": {"labels": [{"key": "l", "value": "m"}]}, "name": "n"}},
}
DETECTION: dict[str, object] = {
    "id": "de_1",
    "detectionTime": "2026-03-02T08:20:00Z",
    "detection": [{"ruleName": "r", "riskScore": 5, "variables": {"v": {"type": "MATCH", "stringVal": "s"}}}],
    "collectionElements": [{"label": "e", "references": [{"event": EVENT}, {"event": EVENT}]}],
}
COLUMNS: Columns = {
    "id": ScalarColumn("text"),
    "detection": MessagesColumn({"rule_name": ScalarColumn("text")}),
    'detection.variables["v"].string_val': ScalarColumn("text"),
    "collection_elements": MessagesColumn(
        {
            "references": MessagesColumn(
                {
                    "event.principal.ip": ListColumn("text"),
                    "event.metadata.event_timestamp.seconds": ScalarColumn("int"),
                    'event.additional.fields["a"]': ScalarColumn("text"),
                    'event.target.resource.attribute.labels["l"]': ScalarColumn("text"),
                    "event.security_result": MessagesColumn({"action": ListColumn("text")}),
                }
            )
        }
    ),
}


def test_columns_are_the_same() -> None:
    """What is pruned away is not read by any of the columns."""
    whole, part = (
        to_table([read_event(record, "detection")[0]], COLUMNS, "detection")
        for record in (DETECTION, pruned(DETECTION, wanted(COLUMNS, "detection"), "detection"))
    )
    assert part == whole
    assert set(COLUMNS) <= set(whole.column_names)


def test_the_rest_goes() -> None:
    """Fields that no column reads are left out at every level; objects that are read by a key stay whole."""
    found = pruned(DETECTION, wanted(COLUMNS, "detection"), "detection")
    assert found["detection"] == [{"ruleName": "r", "variables": {"v": {"type": "MATCH", "stringVal": "s"}}}]
    event = {
        "metadata": {"eventTimestamp": "2026-03-02T08:15:30Z"},
        "principal": {"ip": ["192.0.2.1"]},
        "additional": {"a": "1", "b": {"c": "2"}},
        "securityResult": [{"action": ["ALLOW"]}],
        "target": {"resource": {"attribute": {"labels": [{"key": "l", "value": "m"}]}}},
    }
    assert found["collectionElements"] == [{"references": [{"event": event}, {"event": event}]}]
