"""Counting history for metrics: what `scan --history` and `history` share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from windshear.cli.console import count, tell
from windshear.cli.inputs import existing, input_of
from windshear.cli.progress import InputProgress
from windshear.cli.summary import Say, input_mistakes, say_input
from windshear.context.context import ROLLUPS, Context
from windshear.context.metrics import Rollups
from windshear.core.errors import SettingError
from windshear.engine.batch import EventBatch
from windshear.engine.enrichment.enrichment import NOTHING_ADDED, Enrichment
from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import InputReport
from windshear.engine.rollups import RollupBuilder
from windshear.language.metrics import Measure
from windshear.logs.quarantine import Quarantined
from windshear.logs.readers.read import STANDARD_INPUT
from windshear.udm.columns import Columns, merge


class Counter(Protocol):
    """Something that counts events."""

    @property
    def columns(self) -> Columns:
        """What the batches must hold."""

    def add(self, batch: EventBatch) -> None:
        """Count the events of a batch."""


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """How reading went."""

    given: Input
    missing: tuple[str, ...]  # inputs that do not exist
    report: InputReport


def read_history(
    given: Input, counters: Sequence[Counter], keep: Callable[[Quarantined], None], enrichment: Enrichment
) -> ReadHistory:
    """Read history once, for all that count it."""
    found, missing = existing(given)
    feed = Feed(found, merge(counter.columns for counter in counters), keep, enrichment=enrichment)
    with InputProgress(found, "counting history", writes_to_terminal=False) as progress:
        for batch in feed.batches():
            for counter in counters:
                counter.add(batch)
            progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
            del batch  # before the next one is made
    return ReadHistory(found, missing, feed.report)


@dataclass(frozen=True, slots=True)
class CountedHistory:
    """History that was read: what it came to, and how reading went."""

    rollups: Rollups
    given: Input
    missing: tuple[str, ...]  # inputs that do not exist
    report: InputReport
    counted: int
    repeats: int

    def mistakes(self, *, is_strict: bool) -> list[str]:
        """Return what is wrong with the input as a whole."""
        return input_mistakes(self.given, self.report, is_strict=is_strict)

    def say(self, say: Say, *, is_quarantine_kept: bool) -> None:
        """Say what was read and what of it the metrics count."""
        say_input(self.report, say, is_quarantine_kept=is_quarantine_kept)
        self.say_counts(say)

    def say_counts(self, say: Say) -> None:
        """Say what of it the metrics count."""
        if self.repeats:
            say(f"  {count(self.repeats, 'record')} came again and counted once")
        say(f"{count(self.counted, 'event')} counted for {count(len(self.rollups.measures), 'metric')}")


def count_history(
    given: Input,
    measures: Sequence[Measure],
    directory: Path,
    keep: Callable[[Quarantined], None],
    enrichment: Enrichment = NOTHING_ADDED,
    beside: Sequence[Counter] = (),
) -> CountedHistory:
    """Read history and count it for some measures; the result is a file below `directory`.

    beside: what else is counted on the way.
    """
    with RollupBuilder(measures, directory) as builder:
        read = read_history(given, [builder, *beside], keep, enrichment)
        rollups = builder.finish(directory / ROLLUPS)
        return CountedHistory(rollups, read.given, read.missing, read.report, builder.events, builder.repeats)


def history_beside(
    given: Input, names: Sequence[str], directory: Path, enrichment: Enrichment, *, is_strict: bool
) -> History | None:
    """Return the history that a scan of `given` is told to read, None if it is told none."""
    if not names:
        return None
    history = replace(input_of(names, "auto"), mappings=given.mappings)
    if STANDARD_INPUT in given.sources and STANDARD_INPUT in history.sources:
        raise SettingError("logs and history cannot both be read from standard input")
    return History(history, directory, enrichment, is_strict)


@dataclass(slots=True)
class History:
    """The history of a scan; it is read once it is known what to count. `is_bad`: some of it could not be read."""

    given: Input
    directory: Path
    enrichment: Enrichment
    is_strict: bool
    is_bad: bool = False

    def added_to(self, context: Context, measures: Sequence[Measure]) -> Context:
        """Return a context with the counts of this history, and tell how reading went."""
        if context.rollups is not None:
            path = context.rollups.path
            raise SettingError(f"history is given twice, by `--history` and by `{path}`: leave one of them out")
        if not measures:
            tell("--history is not read: no rule reads a metric", style="yellow", lead="warning")
            return context
        counted = count_history(self.given, measures, self.directory, lambda _record: None, self.enrichment)
        counted.say(lambda line: tell(f"history: {line}"), is_quarantine_kept=True)
        mistakes = counted.mistakes(is_strict=self.is_strict)
        for mistake in mistakes:
            tell(f"history: {mistake}", style="bold red", lead="error")
        self.is_bad = bool(mistakes or counted.missing)
        return replace(context, rollups=counted.rollups)
