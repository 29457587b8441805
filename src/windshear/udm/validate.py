"""What an event must have before it can be searched at all."""

from __future__ import annotations

from collections.abc import Mapping

from windshear.udm.proto_json import EventProblem

_REQUIRED = ("event_timestamp", "event_type")


def missing_fields(event: Mapping[str, object]) -> list[EventProblem]:
    """Return a problem for each field of `metadata` that every event needs and this canonical one lacks."""
    metadata = event.get("metadata")
    present = metadata if isinstance(metadata, Mapping) else {}
    return [EventProblem("missing-field", f"metadata.{name}", "") for name in _REQUIRED if name not in present]
