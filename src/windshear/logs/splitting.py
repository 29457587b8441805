"""Splitting: a record that holds several events becomes one record for each of them.

The pieces are written anew, so their text is not the text that was read; numbers stay as they were written, and of a
repeated key the first is kept. They all have the place of the record that they come from.
"""

from __future__ import annotations

import base64

import numpy as np
import pyarrow as pa

from windshear.logs.flatten import compact, decoded
from windshear.logs.parser import Split
from windshear.logs.quarantine import Quarantined
from windshear.logs.record import RecordBatch

_MOST_BYTES = 64_000_000  # of all pieces of one record: each repeats what is around the array


def split_records(batch: RecordBatch, split: Split) -> tuple[RecordBatch, tuple[Quarantined, ...]]:
    """Return the pieces of some records, and the records that hold no events."""
    texts: list[str] = []
    owners: list[int] = []
    bad: list[Quarantined] = []
    for index in range(len(batch)):
        found = pieces(batch.text(index), split)
        if isinstance(found, str):
            origin = batch.origin(index)
            bad.append(Quarantined(origin.source, origin.number, found, batch.text(index)))
        else:
            texts += found
            owners += [index] * len(found)
    rows = np.array(owners, np.int64)
    return RecordBatch(pa.array(texts, pa.string()), batch.sources, batch.source_of[rows], batch.numbers[rows]), tuple(
        bad
    )


def pieces(text: str, split: Split) -> list[str] | str:
    """Return the pieces of one record, or why there are none.

    >>> from windshear.logs.values import all_of
    >>> pieces('{"id": 1, "events": [{"n": 1.0}, {"n": 2}]}', Split(("events",), all_of()))
    ['{"id":1,"events":[{"n":1.0}]}', '{"id":1,"events":[{"n":2}]}']
    """
    where = ".".join(split.path)
    record = decoded(text)
    *above, last = split.path
    holder = record
    for key in above:
        holder = holder.get(key) if isinstance(holder, dict) else None
    elements = holder.get(last) if isinstance(holder, dict) else None
    if split.is_alone and isinstance(elements, str):
        return _unpacked(elements) or f"neither a list of events nor one as base64 in `{where}`"
    if not isinstance(holder, dict) or not isinstance(elements, list) or not elements:
        return f"no list of events in `{where}`"
    if split.is_alone:
        return [compact(element) for element in elements]
    holder[last] = []
    if len(compact(record)) * len(elements) > _MOST_BYTES:
        return f"too many events in `{where}` for a record of its size"
    written: list[str] = []
    for element in elements:
        holder[last] = [element]
        written.append(compact(record))
    return written


def _unpacked(text: str) -> list[str]:
    try:
        return [base64.b64decode(text, validate=True).decode("utf-8")]
    except ValueError:
        return []
