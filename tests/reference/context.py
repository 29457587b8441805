"""What a rule can read besides events: lists, tables, entities, detections, and the time of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.reference.records import Record
from windshear.core.readings.settings import Readings


@dataclass(frozen=True, slots=True)
class Table:
    """A data table: the kind of each column (`string`, `number`, `regex`, `cidr`, `until`), and the rows."""

    columns: Mapping[str, str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReferenceContext:
    """Lists by name (their raw lines), tables by name, entity records and earlier detections as nested dictionaries.

    history: the events that metrics count.
    now_seconds: what `timestamp.current_seconds()` returns. seed: what random numbers depend on, with the identity of
    each event (by its position in the data set; only rules that ask for random numbers need any). readings: how open
    points of the language are read.
    """

    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    entities: Sequence[Record] = ()
    detections: Sequence[Record] = ()
    history: Sequence[Record] = ()
    now_seconds: int = 0
    seed: int = 0
    identities: Sequence[str] = ()
    readings: Readings = field(default_factory=Readings)
