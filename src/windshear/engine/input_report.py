"""What became of an input: events, quarantine and skipped records, counted by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from windshear.logs.intake import Decision
from windshear.logs.quarantine import SourceProblem

_MOST_REASONS = 1_000  # counted apart: a hostile input may give every record a reason of its own
OTHER_REASONS = "other reasons"


@dataclass(slots=True)
class Reasons:
    """Records counted by reason, with the place of the first of each."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def note(self, reason: str, place: str, count: int = 1) -> None:
        """Count some records."""
        if reason not in self.counts and len(self.counts) >= _MOST_REASONS:
            reason = OTHER_REASONS
        self.counts[reason] += count
        self.first.setdefault(reason, place)


@dataclass(slots=True)
class InputReport:
    """What became of the input so far; read = events + quarantined + skipped.

    odd_times: events whose time can hardly be right, by why; they are kept.
    joined_lines, joined_records: of the records that were read, so many were joined from so many lines.
    with_records, with_events: which of the inputs, as they were named, held any. Folders are not listed.
    """

    read: int = 0
    events: Counter[str] = field(default_factory=Counter)
    outside_range: int = 0
    quarantined: Reasons = field(default_factory=Reasons)
    skipped: Reasons = field(default_factory=Reasons)
    problems: list[SourceProblem] = field(default_factory=list)
    decisions: tuple[Decision, ...] = ()
    bytes_read: int = 0
    odd_times: Reasons = field(default_factory=Reasons)
    joined_lines: int = 0
    joined_records: int = 0
    with_records: set[str] = field(default_factory=set)
    with_events: set[str] = field(default_factory=set)

    @property
    def event_count(self) -> int:
        """Records that became events, those outside the time range included."""
        return self.events.total()

    @property
    def quarantined_count(self) -> int:
        """Records in quarantine."""
        return self.quarantined.counts.total()

    @property
    def skipped_count(self) -> int:
        """Records that no parser claims."""
        return self.skipped.counts.total()
