"""The events of samples in full, made together: normalising few records costs as much as normalising thousands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from windshear.engine.records import LOG_TYPES, full_records
from windshear.engine.settle.detections import Json
from windshear.engine.settle.fields import PARTITION_BITS
from windshear.engine.settle.graph_setup import TABLE_ROW
from windshear.engine.spill import RawSpill
from windshear.engine.table_rows import full_rows

FullEvents = Callable[[str, Sequence[str]], Sequence[Json]]
_NUMBER = "@event"  # stands in an event that is not made yet; no field of UDM has such a name


class WholeEvents:
    """Gives records in full by their number; an event is filled in when `make` is called the next time."""

    def __init__(self, spill: RawSpill, full_events: FullEvents) -> None:
        """Read raw records from a spill; `full_events` gives the whole UDM of those of one log type."""
        self._spill = spill
        self._full_events = full_events
        self._asked: dict[int, dict[str, object]] = {}

    @property
    def asked(self) -> int:
        """How many events are not made yet."""
        return len(self._asked)

    def ask(self, numbers: Iterable[int]) -> Mapping[int, Json]:
        """Return records by their numbers: entities, detections and rows of tables at once, events to be made."""
        return self._records(numbers, self._event)

    def ask_but_events(self, numbers: Iterable[int]) -> Mapping[int, Json]:
        """Return records by their numbers; events stay empty."""
        return self._records(numbers, lambda _: {})

    def _records(self, numbers: Iterable[int], event: Callable[[int], Json]) -> Mapping[int, Json]:
        found: dict[int, Json] = {}
        for log_type, raw in self._by_type(numbers).items():
            if log_type == TABLE_ROW:
                found.update(zip(raw, full_rows(list(raw.values())), strict=True))
            elif log_type in LOG_TYPES.values():
                records = full_records(log_type, list(raw.values()))
                found.update(zip(raw, (_with_events(record, event) for record in records), strict=True))
            else:
                found.update((number, event(number)) for number in raw)
        return found

    def make(self) -> None:
        """Fill in the events that were asked for."""
        for log_type, raw in self._by_type(self._asked).items():
            for number, event in zip(raw, self._full_events(log_type, list(raw.values())), strict=True):
                asked = self._asked[number]
                asked.clear()
                asked.update(event)
        self._asked.clear()

    def _event(self, number: int) -> Json:
        return self._asked.setdefault(number, {_NUMBER: number})

    def _by_type(self, numbers: Iterable[int]) -> dict[str, dict[int, str]]:
        """Return raw records by log type and number."""
        places = {number: number & 2**PARTITION_BITS - 1 for number in numbers}
        stored = self._spill.read(places.values())
        found: dict[str, dict[int, str]] = {}
        for number, place in places.items():
            log_type, text = stored[place]
            found.setdefault(log_type, {})[number] = text
        return found


def _with_events(detection: Json, event: Callable[[int], Json]) -> Json:
    """Give a detection the events that it names; it was written down before they were made."""
    elements = detection.get("collectionElements")
    for element in elements if isinstance(elements, list) else ():
        for reference in element.get("references", ()):
            named = reference.get("event", {}).get(_NUMBER)
            if isinstance(named, int):
                reference["event"] = event(named)
    return detection
