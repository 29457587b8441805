"""Events that are already UDM and in memory, as a batch: for conformance cases and tests beside rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from windshear.engine import identities
from windshear.engine.batch import EventBatch
from windshear.engine.demand import required_columns
from windshear.engine.plan import Plan
from windshear.logs.record import batch_of
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.rows import to_table

UDM = identities.UDM


def udm_batch(events: Sequence[Mapping[str, object]], plans: Sequence[Plan]) -> EventBatch:
    """Return canonical UDM events (see `windshear.udm.proto_json`) as a batch with the columns of some plans."""
    texts = [orjson.dumps(write_event(event)).decode() for event in events]
    return EventBatch(UDM, to_table(events, required_columns(plans)), batch_of(texts, "inline"))


def udm_events(log_type: str, texts: Sequence[str]) -> Sequence[Mapping[str, object]]:
    """Return the full events of UDM records: what they say, in canonical proto-JSON."""
    if log_type != UDM:
        raise ValueError(f"inline events are UDM, not `{log_type}`")
    return [write_event(read_event(orjson.loads(text))[0]) for text in texts]
