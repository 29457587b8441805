"""What normalising gives, and the way there for log types that are read event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import cast

import numpy as np
import orjson
import pyarrow as pa

from windshear.core.collecting import without_collecting
from windshear.logs.depth import deeper_than, depth_of
from windshear.logs.event_reader import Event, EventReader
from windshear.logs.event_text import EVENT_COLUMN
from windshear.logs.evidence import shows
from windshear.logs.first_key import has_each_key_once, parse_first_key
from windshear.logs.parser import Shape
from windshear.logs.quarantine import Quarantined
from windshear.logs.record import Indices, RecordBatch
from windshear.udm.columns import Columns
from windshear.udm.proto_json import unwrapped, write_event
from windshear.udm.rows import TIME, to_table
from windshear.udm.usual import UnusualColumnError, UsualColumns

MOST_DEPTH = 100
_MOST_BYTES = 200_000  # an event with fewer has no more values than are read of one
_TOGETHER, _TOGETHER_BYTES = 1_000, 4 << 20  # parsed at once: more would be new memory each time


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
    """Return the events of a batch: columns of those that are spelled as usual together, the others one by one."""
    table, rows = _usual_events(batch, reader, columns)
    others = np.setdiff1d(np.arange(len(batch), dtype=np.int64), rows, assume_unique=True)
    if not len(others):
        return NormalisedBatch(reader.log_type, table, rows, (), others)
    rest = _read_one_by_one(batch, reader, columns, others)
    if not len(rows):
        return rest
    rows = np.concatenate((rows, rest.rows))
    order = np.argsort(rows)
    table = pa.concat_tables((table, rest.table), promote_options="default").take(pa.array(order))
    return replace(rest, table=table, rows=rows[order])


def _usual_events(batch: RecordBatch, reader: EventReader, columns: Columns) -> tuple[pa.Table, Indices]:
    """Return the columns of events that are spelled as usual, and their rows."""
    try:
        usual = None if EVENT_COLUMN in columns else UsualColumns(columns)
    except UnusualColumnError:
        usual = None
    if usual is None:
        return pa.table({TIME: pa.array([], pa.int64())}), np.zeros(0, np.int64)
    is_usual = np.ones(len(batch), np.bool_)
    is_usual[deeper_than(batch.texts, MOST_DEPTH)] = False
    texts = batch.texts.view(pa.binary())
    tables: list[pa.Table] = []
    together = max(1, min(_TOGETHER, _TOGETHER_BYTES * len(batch) // max(texts.nbytes, 1)))
    for start in range(0, len(batch), together):
        with without_collecting():
            parsed = [_usual_record(text, reader.shapes) for text in texts.slice(start, together).to_pylist()]
            here = is_usual[start : start + together]
            here &= [record is not None for record in parsed]
            table, are_odd = usual.table([record for record in compress(parsed, here) if record is not None])
            del parsed
        here[here] = ~are_odd
        tables.append(table.filter(pa.array(~are_odd)) if are_odd.any() else table)
    return pa.concat_tables(tables, promote_options="default"), np.flatnonzero(is_usual)


def _usual_record(text: bytes, shapes: Sequence[Shape]) -> dict[str, object] | None:
    """Parse an event; None where it may have a key twice, of which the parser takes the last."""
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or len(text) > _MOST_BYTES or not any(shows(record, shape) for shape in shapes):
        return None
    return cast("dict[str, object]", unwrapped(record)) if has_each_key_once(text, record) else None


def _read_one_by_one(batch: RecordBatch, reader: EventReader, columns: Columns, indices: Indices) -> NormalisedBatch:
    events: list[Event] = []
    rows: list[int] = []
    strangers: list[int] = []
    quarantined: list[Quarantined] = []
    for index, text in zip(indices.tolist(), batch.take(indices).texts.to_pylist(), strict=True):
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
