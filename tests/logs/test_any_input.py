"""Any input: no reader and no parser raises, loses a record or depends on how the input is cut."""

from __future__ import annotations

import io
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.logs.support import COLUMNS, Taken, take
from tests.logs.test_depth import TEXTS as BRACKET_TEXTS
from windshear.logs.catalogue import PARSERS, log_types
from windshear.logs.normalise import Normaliser
from windshear.logs.parser import LogParser
from windshear.logs.readers.brackets import BracketScanner
from windshear.logs.readers.limits import Limits
from windshear.logs.readers.read import read
from windshear.logs.record import RecordBatch, batch_of
from windshear.logs.statement import all_columns

_NORMALISER = Normaliser()
_SAMPLES = [
    line
    for path in sorted(Path(__file__).parent.glob("*/*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
_SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
keys = st.sampled_from(
    ["eventTime", "eventSource", "eventName", "eventVersion", "userIdentity", "arn", "Records", "detail", "Channel",
     "EventID", "UtcTime", "properties", "category", "status", "errorCode", "metadata", "eventType", "value", "a"]
)  # fmt: skip
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Change some bytes of a real record."""
    text = bytearray(draw(st.sampled_from(_SAMPLES)).encode())
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        text[place : place + draw(st.integers(0, 5))] = draw(st.binary(max_size=4))
    return bytes(text)


@st.composite
def replaced(draw: st.DrawFn) -> bytes:
    """Put any value into some place of a real record."""
    record = json.loads(draw(st.sampled_from([line for line in _SAMPLES if _is_object(line)])))
    place = record
    while True:
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or draw(st.booleans()):
            place[key] = draw(values)
            return json.dumps(record).encode()
        place = place[key]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def entry(record: bytes) -> bytes:
    """Put a record as text into an entry of an envelope."""
    return json.dumps({"data": record.decode("utf-8", "replace")}).encode()


def check(data: bytes) -> Taken:
    """Take in an input; the sum of records is asserted there."""
    return take(data, normaliser=_NORMALISER)


@_SETTINGS
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are read without an error."""
    check(data)


@_SETTINGS
@given(st.lists(values, max_size=5))
def test_any_json(records: list[object]) -> None:
    """Any JSON values, as lines or as an array, all end somewhere."""
    lines = "".join(json.dumps(record) + "\n" for record in records)
    check(lines.encode())
    check(json.dumps(records).encode())
    check(json.dumps({"Records": records}).encode())
    check(json.dumps({"raw_logs": {"entries": records}}).encode())
    check(b'{"raw_logs": {"entries": [' + b",".join(entry(json.dumps(record).encode()) for record in records) + b"]}}")


@_SETTINGS
@given(st.lists(mutated() | replaced(), min_size=1, max_size=6))
def test_damaged_records(records: list[bytes]) -> None:
    """Damaged real records are events or in quarantine, and so is what stands beside them."""
    check(b"\n".join(records))


@_SETTINGS
@given(st.lists(mutated() | replaced(), min_size=1, max_size=4), st.sampled_from(log_types()))
def test_damaged_records_of_a_given_type(records: list[bytes], log_type: str) -> None:
    """With a type given, every record is an event or in quarantine; whole events can be made of all events."""
    taken = take(b"\n".join(records), COLUMNS, log_type, normaliser=_NORMALISER)
    assert not taken.skipped
    for part in taken.events:
        assert None not in _NORMALISER.normalise_full(part.records.texts.to_pylist(), part.log_type)


@_SETTINGS
@given(st.data())
def test_single_columns_agree_with_all(data: st.DataObject) -> None:
    """A column asked for alone has the same values as among all columns, in any shape of the record."""
    parser = data.draw(st.sampled_from([parser for parser in PARSERS if isinstance(parser, LogParser)]))
    texts = [record.decode("utf-8", "replace") for record in data.draw(st.lists(replaced(), min_size=1, max_size=3))]
    columns = all_columns(parser)
    name = data.draw(st.sampled_from(sorted(columns)))
    one = {name: columns[name]}
    alone = _NORMALISER.normalise(batch_of(texts), parser.log_type, one)
    among = _NORMALISER.normalise(batch_of(texts), parser.log_type, columns)
    assert alone.rows.tolist() == among.rows.tolist()
    assert alone.table.column(name).to_pylist() == among.table.column(name).to_pylist()


@_SETTINGS
@given(st.lists(mutated(), min_size=1, max_size=4), st.integers(1, 50), st.sampled_from(["\n", "[,]", "{}", "entries"]))
def test_chunks_do_not_matter(records: list[bytes], chunk_bytes: int, framing: str) -> None:
    """However the input is cut into chunks, the same records come out."""
    data = {
        "\n": b"\n".join(records),
        "[,]": b"[" + b",".join(records) + b"]",
        "{}": b'{"Records": [' + b",".join(records) + b"]}",
        "entries": b'{"raw_logs": {"entries": [' + b",".join(map(entry, records)) + b"]}}",
    }[framing]
    whole = _found(data, Limits())
    pieces = _found(data, Limits(chunk_bytes=chunk_bytes))
    assert pieces == whole


def _found(data: bytes, limits: Limits) -> list[object]:
    """Read records and everything else, in no particular order."""
    found: list[object] = []
    for item in read(["-"], io.BytesIO(data), limits):
        if isinstance(item, RecordBatch):
            found += [(item.origin(index), item.text(index)) for index in range(len(item))]
        else:
            found.append(item)
    return sorted(found, key=repr)


@given(BRACKET_TEXTS, st.integers(1, 9))
def test_brackets_in_any_chunks(text: str, size: int) -> None:
    """The scanner finds the same brackets in one chunk and in many."""
    data = text.encode()
    whole = BracketScanner().scan(data)
    scanner = BracketScanner()
    found: list[tuple[int, int]] = []
    for start in range(0, len(data), size):
        part = scanner.scan(data[start : start + size])
        found += zip((part.positions + start).tolist(), part.depths.tolist(), strict=True)
    assert found == list(zip(whole.positions.tolist(), whole.depths.tolist(), strict=True))
