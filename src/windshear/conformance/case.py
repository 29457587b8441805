"""What a conformance case is: a rule, the events and context it sees, and what must come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

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
    """All detections that must come out, in any order."""

    detections: tuple[ExpectedDetection, ...]


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The rule must not compile; `reference` is the compile error of the language reference (`C1` ...)."""

    reference: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    events: proto-JSON objects, the whole data set. context: lists, tables, entities, detections. The handle of an
    event in the expectation is its `metadata.productLogId`, that of a detection its `id`.
    """

    id: str
    title: str
    section: str
    place: Place
    rule: str
    events: tuple[JsonObject, ...]
    context: JsonObject
    mode: Mode
    expected: ExpectedDetections | ExpectedError


@dataclass(frozen=True, slots=True)
class Vector:
    """A call of a function, in rule text, and its value."""

    call: str
    result: JsonValue
    section: str
    place: Place


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases and function vectors of one Markdown file, in its order."""

    name: str
    cases: tuple[Case, ...]
    vectors: tuple[Vector, ...]
