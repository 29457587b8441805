"""The work of `windshear search`: the query read and compiled, the logs searched, and what is to be said about it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from windshear.cli.console import Exit, count, err, is_coloured, tell, worst
from windshear.cli.enriching import expired_of, say_expired, say_supplied
from windshear.cli.formats.rows import Row, RowWriter
from windshear.cli.inputs import existing
from windshear.cli.progress import InputProgress
from windshear.cli.summary import Say, context_mistakes, input_mistakes, say_context, say_input
from windshear.context.context import Context
from windshear.context.expiry import in_force
from windshear.core.errors import InputError, SettingError
from windshear.core.readings.settings import Readings
from windshear.engine.context_feed import ContextFeed, RecordReport
from windshear.engine.enrichment.supplied import NOTHING_SUPPLIED, Supplied
from windshear.engine.feed import Feed, Input
from windshear.engine.input_report import InputReport
from windshear.engine.plan import lists_of
from windshear.engine.search.run import Search, SearchCounts, SearchSettings
from windshear.engine.store import SettleError
from windshear.language.check.queries.checker import QueryOptions
from windshear.language.diagnostics.render import render_text
from windshear.language.query import CheckedQuery, ResultColumn
from windshear.language.query_front import compile_query
from windshear.language.source import Source
from windshear.logs.quarantine import Quarantined
from windshear.logs.readers.read import STANDARD_INPUT
from windshear.packs.tables import shipped_tables, with_tables
from windshear.udm.schema import Root


@dataclass(frozen=True, slots=True)
class Asked:
    """What to search for, in what."""

    query: CheckedQuery
    given: Input
    context: Context
    settings: SearchSettings
    readings: Readings
    writes_to_terminal: bool = True
    supplied: Supplied = NOTHING_SUPPLIED


@dataclass(frozen=True, slots=True)
class SearchResult:
    """How a search went. failure: why it could not be answered, empty if it was."""

    given: Input
    missing: tuple[str, ...]  # inputs that do not exist
    report: InputReport
    context: Mapping[Root, RecordReport]
    counts: SearchCounts
    settings: SearchSettings
    failure: str
    stopped_early: bool
    seconds: float
    supplied: Supplied = NOTHING_SUPPLIED
    expired: Mapping[str, int] = field(default_factory=dict)  # rows of tables that have ended

    def exit_code(self, *, exit_on_findings: bool, is_strict: bool) -> Exit:
        """Return the code that wins: unreadable input, then a query that could not be answered, then findings."""
        return worst(
            Exit.BAD_INPUT if self.missing or self.mistakes(is_strict=is_strict) else Exit.OK,
            Exit.BROKEN_RULE if self.failure else Exit.OK,
            Exit.FINDINGS if exit_on_findings and self.counts.rows else Exit.OK,
        )

    def mistakes(self, *, is_strict: bool) -> list[str]:
        """Return what is wrong with the input as a whole."""
        if self.stopped_early:
            return []  # what was not read cannot be judged
        return [
            *input_mistakes(self.given, self.report, is_strict=is_strict),
            *context_mistakes(self.context, is_strict=is_strict),
        ]

    def say_summary(self, say: Say, *, is_quarantine_kept: bool) -> None:
        """Say what was read, what was left out and why, and what was found."""
        say_input(self.report, say, is_quarantine_kept=is_quarantine_kept)
        say_context(self.context, say, has_read_entities=self.supplied.has_read_persons)
        say_supplied(self.supplied, say)
        say_expired(self.expired, say)
        if self.counts.duplicates:
            say(f"  {count(self.counts.duplicates, 'matching record')} came again and counted once")
        if self.failure:
            tell(f"the query could not be answered: {self.failure}", style="bold red", lead="error")
        if self.counts.is_cut:
            most = self.settings.most_rows
            message = f"there are more rows: the first {most:,} are written (--max-rows, or `limit:` in the query)"
            tell(message, style="bold yellow", lead="warning")
        early = ", the rest was not read" if self.stopped_early else ""
        rate = self.report.read / self.seconds if self.seconds else 0
        say(f"{count(self.counts.rows, 'row')} in {self.seconds:.1f} s ({rate:,.0f} records/s){early}")


def beside_query(argument: str, context: Context, now_seconds: int) -> Context:
    """Return a context with the data tables that stand beside the file of a query, where it has none of their name."""
    if not argument.startswith("@"):
        return context
    return in_force(with_tables(context, shipped_tables([Path(argument[1:])])), now_seconds)


def read_query(argument: str, given: Input) -> Source:
    """Return the text of a query: the argument itself, the file behind `@`, or standard input for `-`."""
    if argument == "-":
        if STANDARD_INPUT in given.sources:
            raise SettingError("the query and the logs cannot both come from standard input")
        return Source("query", _text(sys.stdin.buffer.read(), "from standard input"))
    if not argument.startswith("@"):
        return Source("query", _text(os.fsencode(argument), "on the command line"))
    path = Path(argument[1:])
    try:
        return Source(str(path), _text(path.read_bytes(), f"in `{path}`"))
    except OSError as error:
        raise InputError(f"cannot read the query `{path}`: {error.strerror}") from error


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the query {where} is not UTF-8 text") from error


def ready_query(source: Source, options: QueryOptions, context: Context, limit: int | None) -> CheckedQuery | None:
    """Return the checked query, with a limit of its own and the one given; tell what is wrong with it."""
    compiled = compile_query(source, options)
    if compiled.diagnostics:
        err.file.write(render_text(source, compiled.diagnostics, color=is_coloured(err)))
    query = compiled.query
    if query is None:
        return None
    problem = next((found for part in query.parts if (found := context.problem(part.body))), None)
    if problem is not None:
        tell(f"the query cannot be answered: {problem}", style="bold red", lead="error")
        return None
    if limit is None:
        return query
    smaller = limit if query.root.limit is None else min(limit, query.root.limit)
    return replace(query, root=replace(query.root, limit=smaller))


def refuse_readings(readings: Readings) -> None:
    """Refuse settings that would change nothing: SettingError says which."""
    if readings.merging == "exact" or readings.merge_sliding:
        raise SettingError("searches merge hop windows by `coverage` or `earliest`, and sliding windows never")
    if readings.duplicate_keys == "error":
        raise SettingError("searches read the first value of a key that is there twice (`duplicate_keys=first`)")


def run_search(
    asked: Asked, writer_of: Callable[[Sequence[ResultColumn]], RowWriter], keep: Callable[[Quarantined], None]
) -> SearchResult:
    """Search, write the rows, and return how it went."""
    given, missing = existing(asked.given)
    started = time.monotonic()
    progress = InputProgress(given, "searching", writes_to_terminal=asked.writes_to_terminal)
    failure = ""
    with progress, Search(asked.query, lists_of(asked.context), asked.settings, asked.readings) as run:
        feed = Feed(given, run.wanted, keep, enrichment=asked.supplied.enrichment)
        context = ContextFeed(asked.context, run.plans, keep, given.since, given.until)
        writer = writer_of(run.header)
        try:
            for row in _rows(context, feed, run, progress):
                with progress.aside():
                    writer.write(row)
        except SettleError as error:
            failure = str(error)
        with progress.aside():
            writer.close()
        counts, stopped = run.counts, run.is_done
        expired = expired_of(asked.context, run.plans)
    seconds = time.monotonic() - started
    return SearchResult(
        given,
        missing,
        feed.report,
        context.reports,
        counts,
        asked.settings,
        failure,
        stopped,
        seconds,
        asked.supplied,
        expired,
    )


def _rows(context: ContextFeed, feed: Feed, run: Search, progress: InputProgress) -> Iterator[Row]:
    for batch in context.batches():
        yield from run.feed(batch)
    for batch in feed.batches():
        if not run.is_done:
            yield from run.feed(batch)
        progress.show(feed.report.bytes_read, _found(run.counts))
        if run.is_done and _adds_up(feed.report):
            return
        del batch  # before the next one is made
    progress.show(feed.report.bytes_read, "", "answering")
    yield from run.finish()


def _found(counts: SearchCounts) -> str:
    found = counts.rows or counts.candidates
    return f"{found:,} match" if found == 1 else f"{found:,} matches"


def _adds_up(report: InputReport) -> bool:
    """Whether everything that was read has been given out: what was read together has several log types."""
    return report.read == report.event_count + report.quarantined_count + report.skipped_count
