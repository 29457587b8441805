"""Events that are UDM already: their columns do not depend on whether they are read together or one by one."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from windshear.logs.normalise import Normaliser
from windshear.logs.record import batch_of
from windshear.udm.columns import Column, ListColumn, MessagesColumn, ScalarColumn
from windshear.udm.rows import to_table
from windshear.udm.usual import UsualColumns

Json = dict[str, object]

_TEXT, _TEXTS = ScalarColumn("text"), ListColumn("text")
_COLUMNS: dict[str, Column] = {
    "metadata.event_type": _TEXT,
    "metadata.event_timestamp.seconds": ScalarColumn("int"),
    "metadata.event_timestamp.nanos": ScalarColumn("int"),
    "metadata.collected_timestamp.seconds": ScalarColumn("int"),
    "metadata.product_name": _TEXT,
    "principal.ip": _TEXTS,
    "principal.port": ScalarColumn("int"),
    "principal.platform": _TEXT,
    "principal.user.userid": _TEXT,
    "principal.user.email_addresses": _TEXTS,
    'principal.user.attribute.labels["a"]': _TEXT,
    "principal.location.region_coordinates.latitude": ScalarColumn("float"),
    "target.process.file.full_path": _TEXT,
    "target.file.size": ScalarColumn("uint"),
    "network.http.response_code": ScalarColumn("int"),
    "network.is_proxy": ScalarColumn("bool"),
    "network.dns.questions": MessagesColumn({"name": _TEXT, "type": ScalarColumn("uint")}),
    "extensions.auth.mechanism": _TEXTS,
    "security_result": MessagesColumn({"action": _TEXTS, "description": _TEXT, "severity": _TEXT, "about.ip": _TEXTS}),
    'security_result.detection_fields["a"]': _TEXT,
    'security_result.detection_fields["b_c"]': _TEXT,
    'about.labels["a"]': _TEXT,
    'additional.fields["a"]': _TEXT,
    'additional.fields["b_c"]': _TEXT,
}
_LABELS = [{"key": "a", "value": "1"}, {"key": "b_c", "value": ""}, {"key": "a", "value": "2"}, {"key": "x"}]
_EVENT: Json = {
    "metadata": {
        "eventTimestamp": "2026-03-02T08:00:00.123456Z",
        "collectedTimestamp": "2026-03-02T08:00:01Z",
        "eventType": "USER_LOGIN",
        "productName": 'a "b" : c',
    },
    "principal": {
        "ip": ["192.0.2.1", "2001:db8::1"],
        "port": 443,
        "platform": "WINDOWS",
        "user": {"userid": "zoë", "emailAddresses": ["a@example.com"], "attribute": {"labels": _LABELS}},
        "location": {"regionCoordinates": {"latitude": 47.5}},
    },
    "target": {"process": {"file": {"fullPath": "C:\\a.exe"}}, "file": {"size": "18446744073709551615"}},
    "network": {
        "http": {"responseCode": 200},
        "isProxy": True,
        "dns": {"questions": [{"name": "example.com", "type": 1}, {}]},
    },
    "extensions": {"auth": {"mechanism": ["OTP", "USERNAME_PASSWORD"]}},
    "securityResult": [
        {"action": ["BLOCK"], "description": "first", "detectionFields": [{"key": "x", "value": "y"}]},
        {"severity": "HIGH", "about": {"ip": ["192.0.2.2"]}, "detectionFields": _LABELS},
    ],
    "about": [{"labels": _LABELS}, {"hostname": "h", "labels": []}],
    "additional": {"a": "1", "b_c": 2, "c": {"a": "deep"}},
}
_VALUES: tuple[object, ...] = (
    None, "", 0, 1, -1, 443.0, 1e400, 2**70, "7", True, [], {}, [None], ["a", 1], [[]], [{}], "WINDOWS", 2,
    "UNKNOWN_ACTION", "2026-03-02T08:00:00+01:00", "2026-13-02T08:00:00Z", {"seconds": 5}, {"key": "a"}, "\ud800",
)  # fmt: skip


def _holders(value: object) -> Iterator[Json | list[object]]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _changed(chosen: random.Random) -> str:
    """Return the event with some of its members changed, spelled otherwise, doubled or left out, and wrapped."""
    event = json.loads(json.dumps(_EVENT))
    for _ in range(chosen.randrange(4)):
        holder = chosen.choice([one for one in _holders(event) if one])
        if isinstance(holder, list):
            holder[chosen.randrange(len(holder))] = deepcopy(chosen.choice(_VALUES))
            continue
        key = chosen.choice([*holder])
        other = re.sub("[A-Z]", lambda found: "_" + found[0].lower(), key)
        match chosen.randrange(6):
            case 0:
                members = [(one, name) for one in _holders(event) if isinstance(one, dict) for name in one]
                holder, key = chosen.choice([(one, name) for one, name in members if isinstance(one[name], str)])
                holder[key] = chosen.choice(("", "UNKNOWN_PLATFORM", "UNKNOWN_SEVERITY"))
            case 1:
                holder[key] = deepcopy(chosen.choice(_VALUES))
            case 2:
                holder[other] = holder.pop(key)
            case 3:
                holder[other] = deepcopy(chosen.choice(_VALUES))
            case 4:
                del holder[key]
            case _:
                holder[key] = [holder[key]]
    wrapped = chosen.choice((event, event, {"udm": event}, {"event": {"idm": {"readOnlyUdm": event}}}))
    text = json.dumps(wrapped, separators=chosen.choice(((",", ":"), (", ", ": "), (",", " : "))))
    if chosen.random() < 0.2:
        text = text.replace(
            '"port"', chosen.choice(('"port":80,"port"', '"port" :80,"port"', '"x\\u0022:":80,"port"')), 1
        )
    return text.replace("zo\\u00eb", chosen.choice(("zoë", "zo\\u00eb")))


def _cells(table: pa.Table, name: str) -> list[object]:
    """Return the cells of a column; no cell is filled of one that is not there."""
    cells: list[object] = table.column(name).to_pylist() if name in table.column_names else [None] * len(table)
    return cells


def test_events_read_together_are_what_each_is_alone() -> None:
    """Whatever is spelled otherwise, doubled or of another type gives the columns of the event that is read alone."""
    chosen = random.Random(7)
    texts = [json.dumps(_EVENT, ensure_ascii=False), *(_changed(chosen) for _ in range(3_000))]
    normaliser = Normaliser()
    whole = normaliser.normalise_full(texts, "UDM")
    found = normaliser.normalise(batch_of(texts), "UDM", _COLUMNS)
    assert found.rows.tolist() == [row for row, event in enumerate(whole) if event is not None]
    expected = to_table([event for event in whole if event is not None], _COLUMNS)
    for name in _COLUMNS:
        cells, wanted = _cells(found.table, name), _cells(expected, name)
        wrong = [
            (cell, want, texts[row])
            for cell, want, row in zip(cells, wanted, found.rows.tolist(), strict=True)
            if cell != want
        ]
        assert not wrong, (name, wrong[0])
    assert found.table.column("ts_us").to_pylist() == expected.column("ts_us").to_pylist()


@pytest.mark.parametrize("event", [_EVENT, {"metadata": {"eventTimestamp": "2026-03-02T08:00:00Z"}}])
def test_usual_events_are_not_odd(event: Json) -> None:
    """An event as exports write it is read together with others."""
    _, are_odd = UsualColumns(_COLUMNS).table([event, event])
    assert np.array_equal(are_odd, [False, False])


def test_every_event_of_the_samples() -> None:
    """The samples of all log types, as UDM, give the same columns both ways."""
    texts: list[str] = []
    for path in sorted(Path(__file__).parent.glob("*/*.expected.json")):
        texts += map(json.dumps, json.loads(path.read_text("utf-8"))["events"])
    normaliser = Normaliser()
    whole = [event for event in normaliser.normalise_full(texts, "UDM") if event is not None]
    found = normaliser.normalise(batch_of(texts), "UDM", _COLUMNS).table
    assert len(found) == len(whole) > 100
    expected = to_table(whole, _COLUMNS)
    assert found.select(expected.column_names).to_pylist() == expected.to_pylist()
