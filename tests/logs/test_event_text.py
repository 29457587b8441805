"""Texts of whole events: put together in columns, they say what events made one by one say."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from tests.logs.support import take
from windshear.logs.catalogue import entity_types
from windshear.logs.event_text import EVENT_COLUMN, lines
from windshear.logs.normalise import Normaliser
from windshear.udm.columns import Columns, ScalarColumn
from windshear.udm.proto_json import write_event
from windshear.udm.schema import Root

_HERE = Path(__file__).parent
_TEXT: Columns = {EVENT_COLUMN: ScalarColumn("text")}
_SAMPLES = sorted(
    path for form in ("*/*.json", "*/*.jsonl") for path in _HERE.glob(form) if "expected" not in path.name
)
_NORMALISER = Normaliser()


@pytest.mark.parametrize("sample", _SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_text_says_what_the_event_says(sample: Path) -> None:
    """The text of every sample's events is the proto-JSON of the event that is made on its own."""
    log_type = sample.parent.name.upper()
    taken = take(sample, _TEXT, log_type if log_type in entity_types() else None, normaliser=_NORMALISER)
    for part in taken.events:
        root: Root = "graph" if part.log_type in entity_types() else "udm"
        events = _NORMALISER.normalise_full(part.records.texts.to_pylist(), part.log_type)
        texts = part.table.column(EVENT_COLUMN).to_pylist()
        assert [orjson.loads(text) for text in texts] == [write_event(event or {}, root) for event in events]


def test_odd_values() -> None:
    """Quotes, control characters, repeated keys and odd numbers come out as they do event by event."""
    parameters = '{"a":"q\\"\\u0001\\n","a":2,"n":1.50,"e":"","z":null,"l":[{"k":1e5}],"o":{"p.q":{"r":true}}}'
    record = {"eventSource": "s3.amazonaws.com", "eventName": 'x"\\y', "eventVersion": "1.0", "errorCode": "é\u2028"}
    text = json.dumps(record | {"eventTime": "1969-12-31T23:59:58.5Z"})[:-1] + f', "requestParameters": {parameters}}}'
    taken = take(text.encode(), _TEXT, normaliser=_NORMALISER)
    (part,) = taken.events
    (event,) = _NORMALISER.normalise_full([text], part.log_type)
    assert event is not None
    assert orjson.loads(part.table.column(EVENT_COLUMN)[0].as_py()) == write_event(event)


def test_ids_join_the_metadata() -> None:
    """The id stands first in the metadata, with which every event begins."""
    texts = pa.array(['{"metadata":{"logType":"A"}}', '{"metadata":{"logType":"B"},"principal":{}}'])
    named = [orjson.loads(text) for text in lines(texts, pa.array(["1", "2"])).to_pylist()]
    assert named == [
        {"metadata": {"id": "1", "logType": "A"}},
        {"metadata": {"id": "2", "logType": "B"}, "principal": {}},
    ]
