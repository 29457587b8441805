"""Hypothesis strategies for what rules run over: several sets of events, entities, and fixed lists and tables.

The sets of a world are days apart, so no window of a rule holds events of two sets. An engine may run over all of
them at once and must find what is found in each alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.property.events import EDGES, IPS, Json, addresses, clock, event_sets, labels, texts
from tests.property.predicates import LISTS
from tests.reference.context import Table

TABLES: Mapping[str, Table] = {
    "hosts": Table(
        {"host": "string", "names": "string[]", "user": "string", "score": "number", "pattern": "regex", "net": "cidr"},
        [
            ["ws1", "WS1|k", "ws1", "22", "^ws", "192.0.2.0/24"],
            ["ws1", "späť", "k", "0", "^$", "2001:db8::/32"],
            ["10", "", "", "1.5", "[ä-ž]", "10.0.0.0/8"],
            ["", "a.b|10|ws1", "SPÄŤ", "-5", r"\d", "198.51.100.7"],
            ["Kelvin \u212a", "k", "x", "443", ".", "0.0.0.0/0"],
        ],
    ),
    "nobody": Table({"host": "string", "user": "string"}, []),
}


_SELDOM = st.integers(0, 3).map(lambda drawn: drawn == 3)


@dataclass(frozen=True)
class World:
    """Sets of events in proto-JSON, days apart, and the records of the entity graph."""

    sets: Sequence[Sequence[Json]]
    entities: Sequence[Json] = field(default_factory=tuple)

    @property
    def context(self) -> Json:
        """The context as the engine reads it from JSON."""
        kinds = {"names": "STRING", "patterns": "REGEX", "networks": "CIDR", "nothing": "STRING"}
        return {
            "lists": {name: {"type": kinds[name], "lines": list(lines)} for name, lines in LISTS.items()},
            "tables": {name: {"columns": dict(table.columns), "rows": table.rows} for name, table in TABLES.items()},
            "entities": list(self.entities),
        }


@st.composite
def entities(draw: st.DrawFn, days: int) -> Json:
    """Draw an entity that is valid always, or from or until some moment of some day."""
    moments = st.tuples(st.integers(0, days - 1), st.sampled_from(EDGES))
    start, end = sorted(draw(st.tuples(moments, moments)))
    interval = {name: clock(*moment) for name, moment in (("startTime", start), ("endTime", end)) if draw(_SELDOM)}
    noun: st.SearchStrategy[Json] = st.fixed_dictionaries(
        {"hostname": texts}, optional={"ip": addresses, "user": st.fixed_dictionaries({"userid": texts})}
    )
    relation: st.SearchStrategy[Json] = st.fixed_dictionaries(
        {"entity": noun}, optional={"direction": st.sampled_from(["BIDIRECTIONAL"])}
    )
    metadata: Json = {"entityType": draw(st.sampled_from(["USER", "ASSET"]))}
    if interval:
        metadata["interval"] = interval
    return {
        "metadata": metadata,
        "entity": {**draw(noun), "labels": draw(labels)},
        "relations": draw(st.lists(relation, max_size=2)),
    }


@st.composite
def worlds(draw: st.DrawFn, least: int = 1, most: int = 2) -> World:
    """Draw some sets of events and a few entities."""
    count = draw(st.integers(least, most))
    sets: list[list[Json]] = []
    for day in range(count):
        sets.append(draw(event_sets(day, first=sum(map(len, sets)))))
    common = _common_entities(count) if draw(st.booleans()) else []
    return World(sets, [*draw(st.lists(entities(count), max_size=3)), *common])


def _common_entities(days: int) -> list[Json]:
    """Return entities that many events join with: one per day, valid for some minutes, and one from some moment on."""
    minutes = [{"startTime": clock(day, EDGES[2]), "endTime": clock(day, EDGES[4])} for day in range(days)]
    later: Json = {"entityType": "USER", "interval": {"startTime": clock(0, EDGES[1])}}
    return [
        *(_asset({"entityType": "ASSET", "interval": interval}) for interval in minutes),
        {"metadata": later, "entity": {"hostname": "ws1", "user": {"userid": "k"}}},
    ]


def _asset(metadata: Json) -> Json:
    return {"metadata": metadata, "entity": {"hostname": "ws1", "ip": IPS[:2]}}
