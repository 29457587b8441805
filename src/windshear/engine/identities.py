"""Who a candidate is: its identity, its time, the vendor's id and the place where it was read, per event number.

An event and an entity are what their record says, so a hash of it identifies them. A detection has an id of its own,
which stays the same when it is found again.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from windshear.engine.settle.fields import NUMBER
from windshear.logs.record import RecordBatch
from windshear.udm.schema import Root

# The column by which whoever made a record names it.
HANDLES: Mapping[Root, str] = MappingProxyType(
    {"udm": "metadata.product_log_id", "graph": "metadata.product_entity_id", "detection": "id"}
)

# The log type of records that are UDM events, made by somebody else's parser.
UDM = "UDM"
# The name that an event gets where its raw record is taken in, made of its identity.
EVENT_ID = "metadata.id"

_HEX_DIGITS = 32  # 128 bits


def identities(
    numbers: npt.NDArray[np.int64], events: pa.Table, records: RecordBatch, log_type: str, source: Root = "udm"
) -> pa.Table:
    """Return one row per event, which has the number that stands in its place."""
    count, handle = len(records), HANDLES[source]
    handles = pc.fill_null(events.column(handle), "") if handle in events.column_names else pa.repeat("", count)
    ids = pa.array(event_ids(log_type, records.texts), pa.string())
    if source == "detection":
        ids = pc.if_else(pc.not_equal(handles, ""), handles, ids)
    return pa.table(
        {
            NUMBER: pa.array(numbers),
            "id": ids,
            "time": events.column("ts_us"),
            "log_type": pa.repeat(log_type, count),
            "product_log_id": handles,
            "source": _places(records),
        }
    )


def event_ids(log_type: str, texts: pa.StringArray) -> list[str]:
    """Return the `event_id` of many raw records, without making a Python string of any."""
    if not len(texts):
        return []
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1].tolist()
    raw = memoryview(texts.buffers()[2] or b"")
    prefix = hashlib.sha256(log_type.encode() + b"\x00")
    ids = []
    for start, end in pairwise(offsets):
        digest = prefix.copy()
        digest.update(raw[start:end])
        ids.append(digest.hexdigest()[:_HEX_DIGITS])
    return ids


def udm_ids(log_type: str, texts: pa.StringArray) -> list[str]:
    """Return what `metadata.id` of the events of raw records is: their identity, written as UDM writes bytes."""
    return [b64encode(bytes.fromhex(identity)).decode() for identity in event_ids(log_type, texts)]


def _places(records: RecordBatch) -> pa.Array:
    """Return where each record was read, as `source:number`."""
    sources = pa.array(records.sources, pa.string()).take(pa.array(records.source_of))
    return pc.binary_join_element_wise(sources, pa.array(records.numbers).cast(pa.string()), ":")
