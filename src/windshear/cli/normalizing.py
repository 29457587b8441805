"""The work of `windshear normalize`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import orjson
import pyarrow as pa

from windshear.cli.atomic import output
from windshear.cli.console import Exit, count, tell
from windshear.cli.enriching import say_supplied
from windshear.cli.inputs import existing, quarantine_file
from windshear.cli.progress import InputProgress
from windshear.cli.recognition import reasons
from windshear.cli.statistics import Statistics
from windshear.cli.summary import input_mistakes, say_input
from windshear.core.errors import SettingError
from windshear.engine.batch import EventBatch
from windshear.engine.enrichment.supplied import NOTHING_SUPPLIED, Supplied
from windshear.engine.feed import Feed, Input
from windshear.engine.identities import event_digests
from windshear.logs.catalogue import entity_types
from windshear.logs.event_reader import Event
from windshear.logs.event_text import EVENT_COLUMN
from windshear.logs.parquet import ParquetEvents
from windshear.logs.readers.limits import MEGABYTE, Limits
from windshear.logs.repeats import Repeats
from windshear.udm.columns import ScalarColumn
from windshear.udm.proto_json import write_event
from windshear.udm.schema import Root

_CHUNK = 5_000  # records whose full events are made together
# A whole event is several times as large as its record.
_LIMITS = Limits(batch_records=40_000, batch_bytes=32 * MEGABYTE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `normalize` is asked to write and to tell."""

    to: Path | None = None
    form: str | None = None
    quarantine: Path | None = None
    explain_type: bool = False
    statistics: bool = False
    is_strict: bool = False
    supplied: Supplied = NOTHING_SUPPLIED


def run_normalize(asked: Input, wishes: Wishes) -> Exit:
    """Write the events of some inputs, say what became of the rest, and return the exit code."""
    given, missing = existing(asked)
    is_parquet = _is_parquet(wishes, given)
    statistics = Statistics()
    repeated = 0
    with (
        output(wishes.to, given.sources) as stream,
        quarantine_file(wishes.quarantine, beside=wishes.to, read=given.sources) as keep,
        ParquetEvents(stream) if is_parquet else _JsonLines(stream, _root(given)) as writer,
        Repeats() as repeats,
    ):
        # Texts are written as they are put together in columns, unless somebody has to look into the events.
        is_text = wishes.supplied.enrichment.is_nothing and not (is_parquet or wishes.statistics)
        feed = Feed(given, {EVENT_COLUMN: ScalarColumn("text")}, keep, _LIMITS, enrichment=wishes.supplied.enrichment)
        with InputProgress(given, "normalising", writes_to_terminal=wishes.to is None) as progress:
            for batch in feed.batches():
                with progress.aside():
                    if is_text:
                        repeated += _write_texts(feed, batch, repeats, stream)
                    for events, left_out in () if is_text else _events(feed, batch, repeats):
                        repeated += left_out
                        writer.add(events)
                        if wishes.statistics:
                            statistics.add(batch.log_type, events)
                del batch  # before the next one is made
                progress.show(feed.report.bytes_read, count(feed.report.event_count, "event"))
    noun = "entity" if given.log_type in entity_types() else "event"
    say_input(feed.report, tell, is_quarantine_kept=wishes.quarantine is not None, noun=noun)
    say_supplied(wishes.supplied, tell)
    if repeated:
        tell(f"  {count(repeated, 'repeat')} of records that were read before left out")
    if wishes.explain_type:
        for line in reasons(feed.report):
            tell(line)
    if wishes.statistics:
        for line in statistics.lines(feed.report, repeated):
            tell(line)
    mistakes = input_mistakes(given, feed.report, is_strict=wishes.is_strict)
    for mistake in mistakes:
        tell(mistake, style="bold red", lead="error")
    return Exit.BAD_INPUT if missing or mistakes else Exit.OK


def _root(given: Input) -> Root:
    return "graph" if given.log_type in entity_types() else "udm"


def _is_parquet(wishes: Wishes, given: Input) -> bool:
    """Decide the form: what is asked for, else what the name of the file says."""
    if wishes.form not in (None, "jsonl", "parquet"):
        raise SettingError(f"`--format {wishes.form}` is unknown; use jsonl or parquet")
    named = wishes.to is not None and wishes.to.suffix.lower() == ".parquet"
    is_parquet = wishes.form == "parquet" or (wishes.form is None and named)
    if is_parquet and _root(given) != "udm":
        raise SettingError("entities are written as JSON Lines only: leave out `--format parquet`")
    if is_parquet and wishes.to is None and sys.stdout.isatty():
        raise SettingError("Parquet is not for the terminal: name a file with `-o`")
    return is_parquet


class _JsonLines:
    """Writes events as JSON Lines."""

    def __init__(self, stream: BinaryIO, root: Root) -> None:
        self._stream = stream
        self._root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        """Nothing is left to do: the stream is the caller's."""

    def add(self, events: Sequence[Event]) -> None:
        for event in events:
            self._stream.write(orjson.dumps(write_event(event, self._root)) + b"\n")


def _write_texts(feed: Feed, batch: EventBatch, repeats: Repeats, stream: BinaryIO) -> int:
    """Write the events of a batch that were not read before, and return the number of those that were."""
    digests = event_digests(batch.log_type, batch.records.texts)
    is_new = repeats.new(digests)
    texts = batch.table.column(EVENT_COLUMN)
    if not all(is_new):
        texts, digests = texts.filter(pa.array(is_new)), list(compress(digests, is_new))
    for lines in feed.event_lines(batch.log_type, texts, digests):
        _, offsets, data = lines.buffers()
        bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
        stream.write(memoryview(data)[bounds[0] : bounds[-1]])
    return len(is_new) - len(digests)


def _events(feed: Feed, batch: EventBatch, repeats: Repeats) -> Iterator[tuple[list[Event], int]]:
    """Yield the whole events of a batch that were not read before, with the number of those that were."""
    for start in range(0, len(batch.records), _CHUNK):
        digests = event_digests(batch.log_type, batch.records.slice(start, start + _CHUNK).texts)
        is_new = repeats.new(digests)
        rows = start + np.flatnonzero(is_new)
        yield feed.whole_events(batch, rows, list(compress(digests, is_new))), len(digests) - len(rows)
