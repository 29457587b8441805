"""One scan with progress and a summary: what `scan` and `demo` share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from windshear.cli.console import Exit, count, worst
from windshear.cli.enriching import expired_of, say_expired, say_supplied
from windshear.cli.formats import story
from windshear.cli.formats.writers import Writer
from windshear.cli.inputs import existing
from windshear.cli.needing import unmet_needs
from windshear.cli.progress import InputProgress
from windshear.cli.rule_sets import Ready
from windshear.cli.summary import Say, context_mistakes, input_mistakes, say_context, say_input
from windshear.detections.detection import Detection
from windshear.engine.collection import FeedTimes
from windshear.engine.context_feed import ContextFeed, RecordReport
from windshear.engine.demand import demand
from windshear.engine.enrichment.supplied import NOTHING_SUPPLIED, Supplied
from windshear.engine.export import Exports
from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import InputReport
from windshear.engine.scan import Counts, Scan, Settings
from windshear.logs.quarantine import Quarantined
from windshear.udm.schema import Root


@dataclass(frozen=True, slots=True)
class Job:
    """What to scan with what; `threshold` is the lowest severity rank that is shown.

    silence: for how long (µs) a feed may be quiet; None if it is not to be told which rules cannot be evaluated, and
    which feeds are silent.
    """

    rules: Ready
    given: Input
    settings: Settings
    threshold: int = 0
    writes_to_terminal: bool = True
    supplied: Supplied = NOTHING_SUPPLIED
    silence: int | None = None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """How a scan went."""

    rules: Ready
    given: Input
    missing: tuple[str, ...]  # inputs that do not exist
    report: InputReport
    context: Mapping[Root, RecordReport]
    counts: Counts
    exports: Exports
    shown: int
    hidden: int  # detections below the threshold
    seconds: float
    supplied: Supplied = NOTHING_SUPPLIED
    unmet: Sequence[str] = ()  # what is to be said of rules that are not evaluable, and of feeds

    def exit_code(self, *, exit_on_findings: bool, is_strict: bool) -> Exit:
        """Return the code that wins: unreadable input, then broken rules, then findings."""
        has_failed = any(rule.failure for rule in self.counts.rules.values())
        return worst(
            Exit.BAD_INPUT if self.missing or self.mistakes(is_strict=is_strict) else Exit.OK,
            Exit.OK if self.rules.is_complete and not has_failed else Exit.BROKEN_RULE,
            Exit.FINDINGS if exit_on_findings and self.shown else Exit.OK,
        )

    def mistakes(self, *, is_strict: bool) -> list[str]:
        """Return what is wrong with the input as a whole."""
        return [
            *input_mistakes(self.given, self.report, is_strict=is_strict),
            *context_mistakes(self.context, is_strict=is_strict),
        ]

    def say_summary(self, say: Say, *, is_quarantine_kept: bool = False) -> None:
        """Say what was read, what was left out and why, and what was found."""
        say_input(self.report, say, is_quarantine_kept=is_quarantine_kept)
        say_context(self.context, say, has_read_entities=self.supplied.has_read_persons)
        say_supplied(self.supplied, say)
        say_expired(expired_of(self.rules.context, self.rules.plans), say)
        for note in self.rules.notes:
            say(note)
        rules = self.counts.rules
        for name, rule in rules.items():
            if rule.failure:
                say(f"  rule {name} failed and found nothing: {rule.failure}")
            if rule.rendered < rule.detections:
                say(f"  {name}: the first {rule.rendered:,} of {rule.detections:,} detections are written")
        if self.counts.duplicates:
            say(f"  {count(self.counts.duplicates, 'matching record')} came again and counted once")
        for line in self.unmet:
            say(line)
        found = sum(rule.detections for rule in rules.values())
        hit = sum(rule.detections > 0 for rule in rules.values())
        below = f"; {self.hidden:,} below --min-severity not shown" if self.hidden else ""
        rate = self.report.read / self.seconds if self.seconds else 0
        say(
            f"{count(found, 'detection')} from {hit} of {count(len(rules), 'rule')} "
            f"in {self.seconds:.1f} s ({rate:,.0f} records/s){below}"
        )


def run_scan(job: Job, writer: Writer, keep: Callable[[Quarantined], None]) -> ScanResult:
    """Scan, write what is found, and return how it went."""
    given, missing = existing(job.given)
    plans = job.rules.plans
    feed = Feed(given, demand(plans), keep, enrichment=job.supplied.enrichment)
    context = ContextFeed(job.rules.context, plans, keep, given.since, given.until)
    started = time.monotonic()
    exports = Exports.of(plans, job.rules.context.tables)
    shown = hidden = 0
    times = FeedTimes()
    progress = InputProgress(given, "scanning", writes_to_terminal=job.writes_to_terminal)
    with progress, Scan(plans, feed.full_events, job.settings) as scan:
        for detection in _detections(context, feed, scan, progress, times):
            exports.take(detection)
            if story.rank(detection) >= job.threshold:
                shown += 1
                with progress.aside():
                    writer.write(detection)
            else:
                hidden += 1
        counts = scan.counts
    for name, rule in counts.rules.items():
        exports.cut(name, rule.detections - rule.rendered)
    writer.close()
    seconds = time.monotonic() - started
    return ScanResult(
        job.rules,
        given,
        missing,
        feed.report,
        context.reports,
        counts,
        exports,
        shown,
        hidden,
        seconds,
        job.supplied,
        [] if job.silence is None else list(unmet_needs(plans, times, job.rules.context.tables, job.silence)),
    )


def _detections(
    context: ContextFeed, feed: Feed, scan: Scan, progress: InputProgress, times: FeedTimes
) -> Iterator[Detection]:
    for batch in context.batches():
        yield from scan.feed(batch)
    for batch in feed.batches():
        times.add(batch)
        yield from scan.feed(batch)
        found = sum(rule.detections for rule in scan.counts.rules.values())
        progress.show(feed.report.bytes_read, count(found, "detection"))
        del batch  # before the next one is made
    progress.show(feed.report.bytes_read, "", "settling")
    yield from scan.finish()
