"""Entities and detections as batches, like those of events, and back to what is shown of them.

Here a detection becomes the record that composite rules read, whether it was just found or comes from a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import orjson
import pyarrow as pa

from windshear.context.entities import interval_of
from windshear.detections.detection import Detection
from windshear.detections.rendering import to_collection
from windshear.engine.batch import EventBatch
from windshear.engine.settle.detections import Json
from windshear.engine.settle.fields import VALID_FROM, VALID_TO
from windshear.logs.record import RecordBatch, batch_of
from windshear.udm.columns import Columns
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.pruning import pruned, wanted
from windshear.udm.rows import to_table
from windshear.udm.schema import Root

LOG_TYPES: Mapping[Root, str] = MappingProxyType({"graph": "ENTITY", "detection": "DETECTION"})
_ELEMENTS = "collection_elements"
_ROOTS: Mapping[str, Root] = MappingProxyType({name: root for root, name in LOG_TYPES.items()})


def batch_of_records(root: Root, records: Sequence[Json], raw: RecordBatch, columns: Columns) -> EventBatch:
    """Return canonical records (see `windshear.udm.proto_json`) as a batch with some columns; `raw` has their texts."""
    table = to_table(records, columns, root)
    if root == "graph":
        starts, ends = zip(*(interval_of(record) for record in records), strict=True)
        table = table.append_column(VALID_FROM, pa.array(starts, pa.int64()))
        table = table.append_column(VALID_TO, pa.array(ends, pa.int64()))
    return EventBatch(LOG_TYPES[root], table, raw, source=root)


def full_records(log_type: str, texts: Sequence[str]) -> Sequence[Json]:
    """Return what the texts of such records say, in canonical proto-JSON; the text of a detection is that already."""
    root = _ROOTS[log_type]
    if root == "detection":
        return [orjson.loads(text) for text in texts]
    return [write_event(read_event(orjson.loads(text), root)[0], root) for text in texts]


def detection_text(record: Json) -> str:
    """Return the text that stands for a canonical detection."""
    return orjson.dumps(write_event(record, "detection")).decode()


def is_of_elements(column: str) -> bool:
    """Whether a column of detections lies in what is bound to them: events, entities, other detections."""
    return column.startswith(_ELEMENTS)


def batch_of_detections(found: Sequence[Detection], first: int, columns: Columns) -> EventBatch:
    """Return what one rule found as a batch, numbered from `first`: the rule is where the records come from."""
    collections = [to_collection(detection) for detection in found]
    texts = [orjson.dumps(collection).decode() for collection in collections]
    fields = wanted(columns, "detection")  # the events below are most of a detection, and few rules read them
    read = [pruned(one, fields, "detection") for one in collections]
    records = [read_event(one, "detection")[0] for one in read]
    source = f"rule {found[0].rule.name}" if found else ""
    return batch_of_records("detection", records, batch_of(texts, source, first), columns)
