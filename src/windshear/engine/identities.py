"""Who a candidate is: its identity, its time, the vendor's id and the place where it was read, per event number."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.settle.rows import NUMBER
from windshear.logs.record import RecordBatch

PRODUCT_LOG_ID = "metadata.product_log_id"

_HEX_DIGITS = 32  # 128 bits


def identities(first: int, events: pa.Table, records: RecordBatch, log_type: str) -> pa.Table:
    """Return one row per event; the events' numbers are consecutive from `first`."""
    count = len(records)
    has_id = PRODUCT_LOG_ID in events.column_names
    return pa.table(
        {
            NUMBER: pa.array(np.arange(first, first + count, dtype=np.int64)),
            "id": pa.array(event_ids(log_type, records.texts), pa.string()),
            "time": events.column("ts_us"),
            "log_type": pa.repeat(log_type, count),
            "product_log_id": pc.fill_null(events.column(PRODUCT_LOG_ID), "") if has_id else pa.repeat("", count),
            "source": _places(records),
        }
    )


def event_ids(log_type: str, texts: pa.StringArray) -> list[str]:
    """Return the `event_id` of many raw records, without making a Python string of any."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1].tolist()
    raw = memoryview(texts.buffers()[2] or b"")
    prefix = hashlib.sha256(log_type.encode() + b"\x00")
    ids = []
    for start, end in pairwise(offsets):
        digest = prefix.copy()
        digest.update(raw[start:end])
        ids.append(digest.hexdigest()[:_HEX_DIGITS])
    return ids


def _places(records: RecordBatch) -> pa.Array:
    """Return where each record was read, as `source:number`."""
    sources = pa.array(records.sources, pa.string()).take(pa.array(records.source_of))
    return pc.binary_join_element_wise(sources, pa.array(records.numbers).cast(pa.string()), ":")
