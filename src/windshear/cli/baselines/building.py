"""`windshear baseline build`: history read once, a table written for each query."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from windshear.cli.atomic import output
from windshear.cli.baselines.excluded import excluded_subjects
from windshear.cli.console import Exit, count, err, is_coloured, tell, worst
from windshear.cli.counting import CountedHistory, ReadHistory, count_history, read_history
from windshear.cli.enriching import say_supplied
from windshear.cli.exporting import csv_line
from windshear.cli.inputs import quarantine_file
from windshear.cli.rule_sets import rule_files, tell_broken
from windshear.cli.summary import input_mistakes, say_input
from windshear.context.context import ROLLUPS, Context
from windshear.context.headers import header_of
from windshear.context.metrics import measures_of
from windshear.context.tables import DataTable, read_table
from windshear.core.errors import InputError, SettingError
from windshear.engine.baseline.builder import DAY, BaselineBuilder, BaselineQuery, Cells
from windshear.engine.baseline.exclusion import Exclusion
from windshear.engine.baseline.merging import DAYS, LAST, merged, number
from windshear.engine.context_feed import ContextFeed
from windshear.engine.enrichment.supplied import Supplied
from windshear.engine.feed import Input
from windshear.engine.plan import lists_of
from windshear.engine.store import SettleError
from windshear.language.diagnostics.render import render_text
from windshear.language.metrics import Measure
from windshear.packs.baselines import Baselines, baseline_folders, errors_of, load_baselines
from windshear.packs.pack import TABLES
from windshear.packs.tables import load_with_tables, shipped_tables, with_tables

_PERSON, _KEY = "person_id", "key"
_FEW_DAYS = 7
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of history, and where.

    queries: folders of queries, none for those of the built-in packs. keep_days: how far back from the end of the
    history events count, None for all that are read. excluded: files of detections. adds: to what the folder holds.
    """

    folder: Path
    queries: tuple[Path, ...]
    rules: tuple[Path, ...]
    packs: tuple[str, ...]
    keep_days: int | None
    min_days: int
    excluded: tuple[Path, ...]
    adds: bool
    quarantine: Path | None
    is_strict: bool
    now_seconds: int


@dataclass(slots=True)
class _Written:
    """What was written to a table. days: the most that a row has been seen on."""

    rows: int = 0
    persons: set[str] = field(default_factory=set)
    dropped: int = 0
    days: int = 0


def build_baselines(given: Input, wanted: Wanted, context: Context, supplied: Supplied) -> Exit:
    """Read history, write the tables, tell what they hold, and return the exit code."""
    if wanted.adds and wanted.min_days > 1:
        raise SettingError(
            "`--min-days` needs all days at once, `--add` brings them one after the other: use one of them"
        )
    folders = list(wanted.queries) or baseline_folders()
    shipped = shipped_tables(folders)
    loaded = load_baselines(folders, {**context.tables, **shipped})
    _tell_unfit(loaded)
    if not loaded.queries:
        return Exit.BROKEN_RULE
    known = _known(wanted, loaded.queries) if wanted.adds else {}
    measures, code = _measures(wanted)
    exclusion = Exclusion(excluded_subjects(wanted.excluded))
    context = with_tables(context, shipped)
    with ExitStack() as opened:
        directory = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="windshear-")))
        keep = opened.enter_context(quarantine_file(wanted.quarantine, beside=None, read=given.sources))
        builder = opened.enter_context(
            BaselineBuilder(loaded.queries, lists_of(context), wanted.now_seconds, exclusion)
        )
        for batch in ContextFeed(context, builder.plans, keep).batches():
            builder.add(batch)
        read: ReadHistory | CountedHistory
        if measures:
            read = count_history(given, measures, directory, keep, supplied.enrichment, [builder])
        else:
            read = read_history(given, [builder], keep, supplied.enrichment)
        say_input(read.report, tell, is_quarantine_kept=wanted.quarantine is not None)
        say_supplied(supplied, tell)
        _say_excluded(exclusion)
        mistakes = input_mistakes(read.given, read.report, is_strict=wanted.is_strict)
        if builder.span.last is None and not mistakes:
            mistakes = ["the history holds no events: nothing is written"]
        for mistake in mistakes:
            tell(mistake, style="bold red", lead="error")
        if builder.span.last is not None:
            code = worst(code, _write_all(builder, wanted, given, known))
            if isinstance(read, CountedHistory):
                _write_metrics(read, wanted)
    is_broken = bool(loaded.broken or loaded.unfit)
    return worst(code, Exit.BAD_INPUT if read.missing or mistakes else Exit.OK, Exit(2 * is_broken))


def _write_all(builder: BaselineBuilder, wanted: Wanted, given: Input, known: Mapping[str, DataTable]) -> Exit:
    end = given.until if given.until is not None else (builder.span.last or 0) + 1
    since = end - wanted.keep_days * DAY if wanted.keep_days is not None else builder.span.first or 0
    ends = {name: _end(table) for name, table in known.items()}
    days = 0
    code = Exit.OK
    for place, query in enumerate(builder.queries):
        begin = since
        if query.name in known:  # a table that does not say when it ends was made together with the others
            begin = max(since, (ends[query.name] or max(ends.values())) + _SECOND)
        rows = builder.rows(place, begin)
        if query.name in known:
            rows = _recent(merged(known[query.name], query.keys, rows), since)
        try:
            written = _write(query, rows, wanted)
        except SettleError as error:
            tell(f"baseline {query.name} cannot be made: {error}", style="bold red", lead="error")
            code = Exit.BROKEN_RULE
            continue
        days = max(days, written.days)
        _say_written(query.name, written, wanted)
    _say_days(max(days, builder.span.days_since(since)), builder.span.days_since(since))
    return code


def _write(query: BaselineQuery, rows: Iterator[Cells], wanted: Wanted) -> _Written:
    """Write a table whole or not at all."""
    written = _Written()
    folder = wanted.folder / TABLES
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write tables to `{folder}`: {error.strerror or error}") from error
    least = wanted.min_days if _KEY in query.schema else 1  # a table without keys lists who is known at all
    with output(folder / f"{query.name}.csv") as stream:
        stream.write(csv_line(header_of(query.schema)))
        for row in rows:
            if DAYS in row and number(row, DAYS) < least:
                written.dropped += 1
                continue
            stream.write(csv_line(row.values()))
            written.rows += 1
            written.days = max(written.days, int(number(row, DAYS)))
            if _PERSON in row:
                written.persons.add(row[_PERSON])
    return written


def _known(wanted: Wanted, queries: Sequence[BaselineQuery]) -> dict[str, DataTable]:
    """Return the tables that the folder holds already; `InputError` says which cannot be joined."""
    found = {}
    for query in queries:
        path = wanted.folder / TABLES / f"{query.name}.csv"
        if not path.exists():
            continue
        table = read_table(path)
        if table.problems:
            raise InputError(f"baseline `{path}` is broken: {table.problems[0]}")
        if table.columns != query.schema:
            raise InputError(
                f"baseline `{path}` has the columns {','.join(header_of(table.columns))}, the query gives "
                f"{','.join(header_of(query.schema))}: make it anew, without `--add`"
            )
        found[query.name] = table
    return found


def _end(table: DataTable) -> int:
    """Return the last moment (µs) that a table knows, 0 if it does not say."""
    if LAST not in table.columns or not table.rows.num_rows:
        return 0
    return int(max(table.rows.column(LAST).to_pylist())) * _SECOND


def _recent(rows: Iterator[Cells], since: int) -> Iterator[Cells]:
    return (row for row in rows if LAST not in row or number(row, LAST) * _SECOND >= since)


def _measures(wanted: Wanted) -> tuple[Sequence[Measure], Exit]:
    """Return what the rules count of history; of queries of one's own only the rules that are named."""
    if wanted.queries and not wanted.rules and not wanted.packs:
        return (), Exit.OK
    rules, _ = load_with_tables(rule_files(wanted.rules, wanted.packs))
    tell_broken(rules, is_any_left=bool(rules.rules))
    return measures_of(rules.rules), Exit.BROKEN_RULE if rules.broken else Exit.OK


def _write_metrics(read: CountedHistory, wanted: Wanted) -> None:
    path = wanted.folder / ROLLUPS
    if wanted.adds and path.exists():
        rest = "counts for metrics cannot be added to; `windshear history` makes them from all logs"
        tell(f"{path} is left as it is: {rest}", style="yellow", lead="warning")
        return
    with output(path) as stream, read.rollups.path.open("rb") as file:
        shutil.copyfileobj(file, stream)
    read.say_counts(tell)


def _tell_unfit(loaded: Baselines) -> None:
    for compiled in loaded.broken:
        err.file.write(render_text(compiled.source, errors_of(compiled), color=is_coloured(err)))
        tell(f"baseline {compiled.source.name} cannot be made; the others are", style="red", lead="error")
    for file, reason in loaded.unfit.items():
        tell(f"{file}: {reason}", style="red", lead="error")


def _say_excluded(exclusion: Exclusion) -> None:
    if exclusion.since:
        names = count(len(exclusion.since), "name")
        tell(f"{count(exclusion.events, 'event')} of {names} in detections left out, from a day before the first on")


def _say_written(name: str, written: _Written, wanted: Wanted) -> None:
    persons = f", {count(len(written.persons), 'person')}" if written.persons else ""
    seldom = f"; {written.dropped:,} seen on fewer than {wanted.min_days} days left out" if written.dropped else ""
    tell(f"{name}: {count(written.rows, 'row')}{persons}{seldom}")


def _say_days(most: int, read: int) -> None:
    tell(f"history: {count(read, 'day')} with events")
    if most < _FEW_DAYS:
        rest = "what is new in so short a time says little: rules that compare with it score lower until it has 7"
        tell(f"the history has {count(most, 'day')}: {rest}", style="yellow", lead="warning")
