"""Who a candidate is: its identity, its time, the vendor's id and the place where it was read, per event number.

An event and an entity are what their record says, so a hash of it identifies them. A detection has an id of its own,
which stays the same when it is found again.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
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

_BYTES = 16  # of an identity


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


def event_digests(log_type: str, texts: pa.StringArray) -> list[bytes]:
    """Return the identities of many raw records, of 16 bytes each, without making a Python string of any record."""
    if not len(texts):
        return []
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1].tolist()
    raw = memoryview(texts.buffers()[2] or b"")
    prefix = hashlib.sha256(log_type.encode() + b"\x00")
    digests = []
    for start, end in pairwise(offsets):
        digest = prefix.copy()
        digest.update(raw[start:end])
        digests.append(digest.digest()[:_BYTES])
    return digests


def event_ids(log_type: str, texts: pa.StringArray) -> list[str]:
    """Return the `event_id` of many raw records."""
    return [digest.hex() for digest in event_digests(log_type, texts)]


def udm_ids(digests: Sequence[bytes]) -> pa.StringArray:
    """Return what `metadata.id` of events is: their identity, written as UDM writes bytes."""
    whole = np.zeros((len(digests), -(-_BYTES // 3) * 3), np.uint8)
    whole[:, :_BYTES] = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, _BYTES)
    length = whole.shape[1] // 3 * 4
    written = np.frombuffer(b64encode(whole.tobytes()), np.uint8).reshape(len(digests), length).copy()
    written[:, -(whole.shape[1] - _BYTES) :] = ord("=")
    offsets = np.arange(len(digests) + 1, dtype=np.int32) * length
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), pa.py_buffer(written))


def _places(records: RecordBatch) -> pa.Array:
    """Return where each record was read, as `source:number`."""
    sources = pa.array(records.sources, pa.string()).take(pa.array(records.source_of))
    return pc.binary_join_element_wise(sources, pa.array(records.numbers).cast(pa.string()), ":")
