"""What a conformance case is: a rule, the events and context it sees, and what must come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.core.readings.settings import Readings, read_settings

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]
Mode = Literal["strict", "compat"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands: the file's display name and the line of its heading, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ExpectedDetection:
    """One detection that must come out; what is None, and every key that is left out, is not checked.

    Times are microseconds since the epoch. A list value `{"size": n}` checks only the length.
    """

    match: JsonObject | None = None
    events: JsonObject | None = None
    outcomes: JsonObject | None = None
    start: int | None = None
    end: int | None = None
    detection_time: int | None = None
    risk_score: int | float | None = None


@dataclass(frozen=True, slots=True)
class ExpectedDetections:
    """All detections that must come out, in any order, and the rows that a written data table then has, in its order.

    tables: cells as text; None is not checked.
    """

    detections: tuple[ExpectedDetection, ...]
    tables: Mapping[str, Sequence[Sequence[str]]] | None = None


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The rule must not compile; `reference` is the compile error of the language reference (`C1` ...)."""

    reference: str


@dataclass(frozen=True, slots=True)
class ExpectedStop:
    """The rule must be stopped while it runs, for a reason that names this setting."""

    setting: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    events: proto-JSON objects, the whole data set. context: lists, tables, entities, detections, the history that
    metrics count, and of the run its time and seed (`{"run": {"now": 1741786200, "seed": 7}}`). The handle of an event
    in the expectation is its `metadata.productLogId`, that of a detection its `id`. settings: assignments `name=value`
    to settings of readings.
    """

    id: str
    title: str
    section: str
    place: Place
    rule: str
    events: tuple[JsonObject, ...]
    context: JsonObject
    mode: Mode
    expected: ExpectedDetections | ExpectedError | ExpectedStop
    settings: tuple[str, ...] = ()

    def run_parameter(self, name: Literal["now", "seed"]) -> int:
        """Return what the case says of the run: its time in seconds since 1970, or its seed; 0 if it says nothing."""
        given = self.context.get("run", {})
        value = given.get(name, 0) if isinstance(given, Mapping) else 0
        return value if isinstance(value, int) else 0

    def readings(self, start: Readings | None = None) -> Readings:
        """Return the readings that the case runs by, from those that it does not mind."""
        return read_settings(self.settings, start)


@dataclass(frozen=True, slots=True)
class Vector:
    """A call of a function, in rule text, and its value."""

    call: str
    result: JsonValue
    section: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedRows:
    """All rows of a result, in this order if the query has one; keys that are left out of a row are not checked."""

    rows: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class ExpectedMistake:
    """The query must not compile; `slug` names the diagnostic."""

    slug: str


@dataclass(frozen=True, slots=True)
class QueryCase:
    """One case of a query; events, context and settings are those of a `Case`. ignores_case: of all texts."""

    id: str
    title: str
    section: str
    place: Place
    query: str
    events: tuple[JsonObject, ...]
    context: JsonObject
    mode: Mode
    ignores_case: bool
    expected: ExpectedRows | ExpectedMistake
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases and function vectors of one Markdown file, in its order."""

    name: str
    cases: tuple[Case, ...]
    vectors: tuple[Vector, ...]
    queries: tuple[QueryCase, ...] = ()
