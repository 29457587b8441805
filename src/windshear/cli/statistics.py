"""Statistics of a run: for each log type its event types, and how often each declared field was filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from windshear.cli.console import count
from windshear.engine.input_report import InputReport
from windshear.logs.catalogue import parser_of
from windshear.logs.parser import Labels, Listed, LogParser, Messages, UdmValue
from windshear.udm.filled import filled_places

_MOST_OTHERS = 200  # places of a log type that declares none


class Statistics:
    """Counts events while they are written."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._events: Counter[str] = Counter()
        self._types: dict[str, Counter[str]] = {}
        self._raw: dict[str, Counter[str]] = {}
        self._filled: dict[str, Counter[str]] = {}

    def add(self, log_type: str, events: Sequence[Mapping[str, object]]) -> None:
        """Count events in canonical form."""
        self._events[log_type] += len(events)
        types = self._types.setdefault(log_type, Counter())
        raw = self._raw.setdefault(log_type, Counter())
        filled = self._filled.setdefault(log_type, Counter())
        for event in events:
            metadata = event.get("metadata")
            found = metadata if isinstance(metadata, Mapping) else {}
            event_type = str(found.get("event_type", "(none)"))
            types[event_type] += 1
            if event_type == "GENERIC_EVENT":
                raw[str(found.get("product_event_type", "(no name)"))] += 1
            filled.update(filled_places(event))

    def lines(self, report: InputReport, repeats: int) -> Iterator[str]:
        """Yield the tables, line by line."""
        for log_type, events in sorted(self._events.items()):
            yield f"{log_type}: {count(events, 'event')}"
            yield from _table(("event type", "events", "share"), self._types[log_type], events)
            generic = self._raw[log_type]
            if generic:
                named = ", ".join(f"{name} {number:,}" for name, number in generic.most_common())
                yield f"  GENERIC_EVENT by raw name: {named}"
            yield from _table(("field", "filled", "share"), self._fields(log_type), events)
        for what, reasons in (("quarantined", report.quarantined), ("skipped", report.skipped)):
            for reason, number in reasons.counts.most_common():
                yield f"{what} {number:,}: {reason}, first at {reasons.first[reason]}"
        for reason, number in sorted(report.odd_times.counts.items()):
            yield f"kept {number:,}: {reason}, first at {report.odd_times.first[reason]}"
        yield f"repeats left out: {repeats:,}"

    def _fields(self, log_type: str) -> dict[str, int]:
        """Return how often each declared field was filled, in the order of the declaration."""
        filled = self._filled[log_type]
        parser = parser_of(log_type)
        if not isinstance(parser, LogParser):
            return dict(filled.most_common(_MOST_OTHERS))
        return {name: filled[name.removesuffix(".fields")] for name in _declared(parser.fields)}


def _declared(fields: Sequence[UdmValue], above: str = "") -> list[str]:
    names: list[str] = []
    for field in fields:
        if isinstance(field, Messages):
            for element in field.elements:
                names += _declared(element.members, f"{above}{field.name}.")
        elif isinstance(field, Listed):
            names.append(f"{above}{field.name}.{field.member}")
        elif isinstance(field, Labels) or not field.name.endswith(".nanos"):
            names.append(above + field.name)
    return list(dict.fromkeys(names))


def _table(header: tuple[str, str, str], rows: Mapping[str, int], whole: int) -> Iterator[str]:
    width = max([len(header[0]), *(len(name) for name in rows)])
    yield f"  {header[0]:<{width}}  {header[1]:>9}  {header[2]:>6}"
    ordered = sorted(rows.items(), key=lambda row: -row[1]) if header[0] == "event type" else rows.items()
    for name, number in ordered:
        yield f"  {name:<{width}}  {number:>9,}  {number / whole if whole else 0:>6.1%}"
