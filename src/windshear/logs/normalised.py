"""What normalising gives, and the way there for log types that are read event by event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import orjson
import pyarrow as pa

from windshear.logs.depth import depth_of
from windshear.logs.event_reader import Event, EventReader
from windshear.logs.event_text import EVENT_COLUMN
from windshear.logs.evidence import shows
from windshear.logs.first_key import parse_first_key
from windshear.logs.parser import Shape
from windshear.logs.quarantine import Quarantined
from windshear.logs.record import Indices, RecordBatch
from windshear.udm.columns import Columns
from windshear.udm.proto_json import write_event
from windshear.udm.rows import to_table

MOST_DEPTH = 100


@dataclass(frozen=True, slots=True)
class NormalisedBatch:
    """Events of one log type: `ts_us` and the requested columns that the type can fill.

    `rows` gives for each event the index of its record in the batch; `strangers` are records that parse but do not
    look like the log type. `several` are records that hold several events, by the shape that tells how to split them.
    """

    log_type: str
    table: pa.Table
    rows: Indices
    quarantined: tuple[Quarantined, ...]
    strangers: Indices
    several: tuple[tuple[Shape, Indices], ...] = ()


def read_events(batch: RecordBatch, reader: EventReader, columns: Columns) -> NormalisedBatch:
    """Return the events of a batch, read one by one."""
    events: list[Event] = []
    rows: list[int] = []
    strangers: list[int] = []
    quarantined: list[Quarantined] = []
    for index, text in enumerate(batch.texts.to_pylist()):
        event = read_one(text, reader)
        if event is None:
            strangers.append(index)
        elif isinstance(event, str):
            quarantined.append(quarantined_record(batch, index, event))
        else:
            events.append(event)
            rows.append(index)
    table = to_table(events, {name: column for name, column in columns.items() if name != EVENT_COLUMN})
    if EVENT_COLUMN in columns:
        texts = [orjson.dumps(write_event(event)).decode() for event in events]
        table = table.append_column(EVENT_COLUMN, pa.array(texts, pa.string()))
    return NormalisedBatch(
        reader.log_type,
        table,
        np.array(rows, np.int64),
        tuple(quarantined),
        np.array(strangers, np.int64),
    )


def read_one(text: str, reader: EventReader) -> Event | str | None:
    """Return the event of a raw record, why it is none, or None where it does not look like the log type."""
    try:
        record = parse_first_key(text)
    except ValueError as error:
        return f"not valid JSON: {error}"
    if not isinstance(record, dict):
        return "not a JSON object"
    if not any(shows(record, shape) for shape in reader.shapes):
        return None
    if depth_of(text.encode()) > MOST_DEPTH:
        return too_deep()
    return reader.read(record)


def too_deep() -> str:
    """Say that a record is nested too deeply."""
    return f"nested deeper than {MOST_DEPTH} levels"


def quarantined_record(batch: RecordBatch, index: int, reason: str) -> Quarantined:
    """Put one record of a batch into quarantine."""
    origin = batch.origin(index)
    return Quarantined(origin.source, origin.number, reason, batch.text(index))


def json_problem(text: str) -> str:
    """Say what is wrong with a text that cannot be read as a JSON object."""
    if depth_of(text.encode()) > MOST_DEPTH:
        return too_deep()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return f"not valid JSON: {error}"
    return "not valid JSON: a number or an escape is out of range" if isinstance(value, dict) else "not a JSON object"
