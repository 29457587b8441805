"""UDM: events that are UDM already, as proto-JSON in either spelling, bare or in the wrappers of the interfaces."""

from __future__ import annotations

from windshear.logs.event_reader import Event, EventReader
from windshear.logs.parser import HasAny, Shape
from windshear.udm.proto_json import read_event
from windshear.udm.rows import microseconds

_WRAPPERS = (
    (),
    ("udm",),
    ("event",),
    ("event", "udm"),
    ("event", "idm", "readOnlyUdm"),
    ("event", "idm", "read_only_udm"),
)


def _read(record: dict[str, object]) -> Event | str:
    event, problems = read_event(record)
    if not event:
        return "not a UDM event" if not problems else f"not a UDM event: {problems[0].kind} at `{problems[0].path}`"
    if microseconds(event) is None:
        return "no readable event time"
    return event


PARSER = EventReader(
    log_type="UDM",
    shapes=(
        Shape(
            "event",
            (
                HasAny(
                    tuple((*wrapper, "metadata", key) for wrapper in _WRAPPERS for key in ("eventType", "event_type"))
                ),
            ),
        ),
    ),
    read=_read,
)
