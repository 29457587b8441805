"""Entities: what is known of users, hosts and other things, each during an interval of time.

An entity is a UDM entity as proto-JSON; `graph` variables of rules range over them. Its validity is
`metadata.interval`: the start belongs to it, the end does not, and a bound that is absent bounds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from windshear.context.records import Canonical, Kind
from windshear.udm.proto_json import MOST_PROBLEMS, EventProblem

ALWAYS_BEFORE, ALWAYS_AFTER = -(2**63), 2**63 - 1  # the bounds of an interval that is open there
_MICROS = 1_000_000
_INTERVAL = "metadata.interval"


def interval_of(entity: Canonical) -> tuple[int, int]:
    """Return the first moment at which an entity is valid and the first after it, in microseconds since 1970.

    >>> interval_of({"metadata": {"interval": {"start_time": {"seconds": 2, "nanos": 1000}}}})
    (2000001, 9223372036854775807)
    """
    interval = _inner(_inner(entity, "metadata"), "interval")
    start, end = interval.get("start_time"), interval.get("end_time")
    return (
        ALWAYS_BEFORE if start is None else _microseconds(start),
        ALWAYS_AFTER if end is None else _microseconds(end),
    )


def entity_problem(entity: Canonical, problems: Sequence[EventProblem]) -> str | None:
    """Return why a record is no entity that can be used, or None."""
    if "entity" not in entity and "metadata" not in entity:
        return "not an entity: neither `metadata` nor `entity` is there"
    if len(problems) >= MOST_PROBLEMS:  # the interval may be among what is no longer told
        return f"more than {MOST_PROBLEMS - 1} of its fields cannot be read, the first is `{problems[0].path}`"
    for problem in problems:
        # Without the bound, the entity would be valid for ever.
        if f"{problem.path}.".startswith(f"{_INTERVAL}.") and problem.kind != "unknown-field":
            return f"`{problem.path}` cannot be read: {problem.found}"
    start, end = interval_of(entity)
    return f"`{_INTERVAL}` ends before it begins" if end < start else None


ENTITY = Kind("graph", entity_problem)


def _inner(message: Canonical, name: str) -> Canonical:
    value = message.get(name)
    return value if isinstance(value, Mapping) else {}


def _microseconds(time: object) -> int:
    if not isinstance(time, Mapping):
        raise TypeError(f"a time in canonical form is a message, not {time!r}")
    return int(time.get("seconds", 0)) * _MICROS + int(time.get("nanos", 0)) // 1000
