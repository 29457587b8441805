"""A trial: rules and a data set that they are run on, and what came of it. A test is one trial, a mutant another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windshear.context.context import Context
from windshear.core.readings.settings import Readings
from windshear.detections.detection import Detection
from windshear.language.rule import CheckedRule
from windshear.logs.record import RecordBatch


@dataclass(frozen=True, slots=True)
class Records:
    """Raw records of one source; `log_type` is None where it has to be found out."""

    batch: RecordBatch
    log_type: str | None


@dataclass(frozen=True, slots=True)
class Data:
    """A data set: UDM events as they were written, raw records, and what rules read besides."""

    events: tuple[Mapping[str, object], ...] = ()
    records: tuple[Records, ...] = ()
    context: Context = field(default_factory=Context)


@dataclass(frozen=True, slots=True)
class Trial:
    """Rules on data. now_seconds, seed, readings: how the run is set up.

    asks_for_events: whether it matters which events are bound; if not, detections of windows may leave that out.
    """

    rules: tuple[CheckedRule, ...]
    data: Data
    now_seconds: int = 0
    seed: int = 0
    readings: Readings = field(default_factory=Readings)
    asks_for_events: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a trial.

    detections: per rule. failures: per rule that was stopped or cannot be evaluated, why. unread: records that are no
    events, with the reason; read: how many are.
    """

    detections: Mapping[str, tuple[Detection, ...]]
    failures: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    read: int = 0
