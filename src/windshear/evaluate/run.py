"""Running: labelled data is read once, and several sets of rules look at it side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from windshear.context.context import Context
from windshear.engine.batch import EventBatch
from windshear.engine.context_feed import ContextFeed
from windshear.engine.demand import demand, joined
from windshear.engine.enrichment.enrichment import NOTHING_ADDED, Enrichment
from windshear.engine.enrichment.persons import PERSON
from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import InputReport
from windshear.engine.plan import Plan
from windshear.engine.scan import Scan, Settings
from windshear.evaluate.findings import Findings
from windshear.evaluate.marking import Marker
from windshear.logs.quarantine import Quarantined
from windshear.udm.columns import Columns, ScalarColumn

DETECTION_LIMIT = 50_000  # of a rule; more of them say no more about it
_DAY = 86_400_000_000  # µs
_NOUNS = ("principal", "target")
_MOST_USERS = 5_000_000
_TEXT = ScalarColumn("text")

Progress = Callable[[int], None]  # bytes read


@dataclass(frozen=True, slots=True)
class RuleSide:
    """A set of rules with the context that it reads."""

    plans: Sequence[Plan]
    context: Context


@dataclass(slots=True)
class Census:
    """Who and when: the persons and users of events, the UTC days with events, and the log types."""

    persons: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    days: set[int] = field(default_factory=set)

    columns: Columns = field(
        default_factory=lambda: {f"{noun}.{name}": _TEXT for noun in _NOUNS for name in ("user.userid", PERSON)}
    )

    def add(self, batch: EventBatch) -> None:
        """Count the events of a batch."""
        table = batch.table
        times = table.column("ts_us").to_numpy()
        self.days.update(np.unique(times // _DAY).tolist())
        for noun in _NOUNS:
            self._note(table, f"{noun}.{PERSON}", self.persons)
            self._note(table, f"{noun}.user.userid", self.users)

    @property
    def population(self) -> int:
        """The number of persons, or of user names where no person is known."""
        return len(self.persons) or len(self.users)

    def _note(self, table: pa.Table, column: str, known: set[str]) -> None:
        if column in table.column_names and len(known) < _MOST_USERS:
            values = pc.unique(pc.utf8_lower(table.column(column))).to_pylist()
            known.update(value for value in values if value)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: the findings of each side, and what was read."""

    findings: tuple[Findings, ...]
    report: InputReport
    census: Census


def run_sides(
    given: Input,
    sides: Sequence[RuleSide],
    marker: Marker | None,
    settings: Settings,
    enrichment: Enrichment = NOTHING_ADDED,
    progress: Progress = lambda _: None,
) -> Ran:
    """Read data once; scan it with each side's rules, and mark the records that labels name."""
    census = Census()
    also = [census.columns, *([marker.columns] if marker else [])]
    wanted = joined((demand(side.plans) for side in sides), also)
    feed = Feed(given, wanted, _drop, enrichment=enrichment)
    findings = tuple(Findings() for _ in sides)
    with ExitStack() as opened:
        scans = [opened.enter_context(Scan(side.plans, feed.full_events, settings)) for side in sides]
        for side, scan, found in zip(sides, scans, findings, strict=True):
            for batch in ContextFeed(side.context, side.plans, _drop).batches():
                found.detections += scan.feed(batch)
        for batch in feed.batches():
            if batch.table.num_rows:
                census.add(batch)
                if marker:
                    marker.add(batch)
            for scan, found in zip(scans, findings, strict=True):
                found.detections += scan.feed(batch)
            progress(feed.report.bytes_read)
            del batch  # before the next one is made
        for scan, found in zip(scans, findings, strict=True):
            found.detections += scan.finish()
            counts = scan.counts.rules
            found.failures = {name: count.failure for name, count in counts.items() if count.failure}
            found.cut = {
                name: count.detections - count.rendered
                for name, count in counts.items()
                if count.detections > count.rendered
            }
    return Ran(findings, feed.report, census)


def _drop(_record: Quarantined) -> None:
    """Broken records are counted by the feed; nothing else is kept of them."""
