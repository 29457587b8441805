"""The work of `windshear normalize`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from windshear.cli.atomic import output
from windshear.cli.console import Exit, count, tell
from windshear.cli.inputs import existing, quarantine_file
from windshear.cli.progress import InputProgress
from windshear.cli.summary import input_mistakes, say_input
from windshear.engine.batch import EventBatch
from windshear.engine.feed import Feed, Input
from windshear.logs.catalogue import entity_types
from windshear.udm.columns import ScalarColumn

_CHUNK = 5_000  # records whose full events are made together


def run_normalize(
    asked: Input, to: Path | None, quarantine: Path | None, *, explain_type: bool, is_strict: bool
) -> Exit:
    """Write the events of some inputs, say what became of the rest, and return the exit code."""
    given, missing = existing(asked)
    with output(to) as stream, quarantine_file(quarantine, beside=to) as keep:
        feed = Feed(given, {"metadata.event_type": ScalarColumn("text")}, keep)
        with InputProgress(given, "normalising", writes_to_terminal=to is None) as progress:
            for batch in feed.batches():
                with progress.aside():
                    for line in _lines(feed, batch):
                        stream.write(line)
                progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
    noun = "entity" if given.log_type in entity_types() else "event"
    say_input(feed.report, tell, is_quarantine_kept=quarantine is not None, noun=noun)
    if explain_type:
        _explain(feed)
    mistakes = input_mistakes(given, feed.report, is_strict=is_strict)
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    return Exit.BAD_INPUT if missing or mistakes else Exit.OK


def _lines(feed: Feed, batch: EventBatch) -> Iterator[bytes]:
    for start in range(0, len(batch.records), _CHUNK):
        texts = batch.records.slice(start, start + _CHUNK).texts.to_pylist()
        for event in feed.full_events(batch.log_type, texts):
            yield orjson.dumps(event) + b"\n"


def _explain(feed: Feed) -> None:
    for decision in feed.report.decisions:
        found = decision.recognised
        reason = f"{found.log_type}: {found.reason}" if found else "record by record, for want of one common log type"
        tell(f"  {decision.source}: {reason}")
