"""`windshear search`: a query over logs, rows out."""

from __future__ import annotations

from typing import Annotated

import typer

from windshear.cli.formats.names import SearchFormat
from windshear.cli.options import (
    MOST_JOBS,
    Assignments,
    ContextPath,
    GeoIpFiles,
    Inputs,
    LogType,
    Mappings,
    Now,
    Output,
    Quarantine,
    Seed,
    Since,
    StrictInput,
    Until,
)


def search(
    query: Annotated[
        str, typer.Argument(help="The query, @FILE that holds it, or - for standard input.", metavar="QUERY")
    ],
    inputs: Inputs,
    *,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    log_type: LogType = "auto",
    since: Since = None,
    until: Until = None,
    form: Annotated[
        SearchFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="table for people; jsonl, json or csv for programs."),
    ] = SearchFormat.TABLE,
    to: Output = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many rows, whatever the query says."),
    ] = None,
    max_rows: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Rows of a result that is not simply a list of events; more are cut."),
    ] = 10_000,
    ignore_case: Annotated[
        bool, typer.Option("--ignore-case", "-i", help="Compare all texts as if `nocase` stood there.")
    ] = False,
    max_outcomes: Annotated[
        int, typer.Option(min=20, max=50, metavar="N", help="Outcome variables that a stage may have: 20 to 50.")
    ] = 20,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what Google's service refuses for its size.")
    ] = False,
    assignments: Assignments = None,
    now: Now = None,
    seed: Seed = 0,
    quarantine: Quarantine = None,
    no_sift: Annotated[
        bool, typer.Option("--no-sift", help="Skip the fast first stage: the same answer, only slower.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=MOST_JOBS, metavar="N", help="Threads for the answer.")] = 1,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if there is a row.")] = False,
    strict_input: StrictInput = False,
    mapping: Mappings = None,
) -> None:
    """Search logs with a YARA-L query, and show events or statistics.

    A query is a filter over UDM fields, written without a variable: metadata.event_type = "USER_LOGIN". Alone it lists
    the events, in the order of reading. With `match` and `outcome` it groups and counts them; `dedup`, `order`,
    `limit`, `select` and `unselect` shape the result; `stage name { ... }` makes the rows of one query the input of the
    next; `left join` and `right join` keep events without a partner. Raw text is searched by raw = "part" or
    raw = /pattern/.

    Examples:
      windshear search 'metadata.event_type = "USER_LOGIN" principal.ip = "203.0.113.7"' logs/
      windshear search 'target.user.userid = "admin" nocase limit: 20' logs/ --format jsonl
      windshear search 'security_result.action = "BLOCK" match: principal.ip by day
        outcome: $tries = count(metadata.id) order: $tries desc' logs/ --format csv -o tries.csv
      windshear search @hunt.udm logs/ --since 2025-03-12 --context context/
    """
    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, out, tell
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.formats.rows import row_writer
    from windshear.cli.inputs import input_of, quarantine_file, time_of_run
    from windshear.cli.searching import Asked, beside_query, read_query, ready_query, refuse_readings, run_search
    from windshear.core.readings.settings import Readings, read_settings
    from windshear.engine.search.run import ARRAY_CAP, SearchSettings
    from windshear.language.check.queries.checker import QueryOptions
    from windshear.language.check.scope import Mode

    given = input_of(inputs, log_type, since, until, mapping)
    present = time_of_run(now)
    surroundings, supplied = surroundings_of(context, geoip, present)
    surroundings = beside_query(query, surroundings, present)
    readings = read_settings(assignments or (), Readings(array_cap=ARRAY_CAP))
    options = QueryOptions(
        Mode.STRICT if strict else Mode.COMPAT,
        ignores_case=ignore_case or readings.search_case == "insensitive",
        most_outcomes=max_outcomes,
        tables=surroundings.schemas,
    )
    refuse_readings(readings)
    compiled = ready_query(read_query(query, given), options, surroundings, limit)
    if compiled is None:
        raise typer.Exit(Exit.BROKEN_RULE)
    asked = Asked(
        query=compiled,
        given=given,
        context=surroundings,
        settings=SearchSettings(max_rows, uses_sift=not no_sift, threads=jobs, now_seconds=present, seed=seed),
        readings=readings,
        writes_to_terminal=to is None,
        supplied=supplied,
    )
    read = [*given.sources, *([query[1:]] if query.startswith("@") else [])]
    with output(to, read) as stream, quarantine_file(quarantine, beside=to, read=read) as keep:
        width = out.width if out.is_terminal and to is None else None
        result = run_search(asked, lambda columns: row_writer(form, columns, stream, width=width), keep)
    result.say_summary(tell, is_quarantine_kept=quarantine is not None)
    for mistake in result.mistakes(is_strict=strict_input):
        tell(mistake, style="bold red", lead="error")
    raise typer.Exit(result.exit_code(exit_on_findings=exit_code, is_strict=strict_input))
