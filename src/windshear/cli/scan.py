"""`windshear scan`: logs in, detections out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.formats.names import ScanFormat, severity_rank
from windshear.cli.options import (
    MOST_JOBS,
    Assignments,
    ContextPath,
    EarlierLogs,
    GeoIpFiles,
    Inputs,
    LogType,
    Mappings,
    Now,
    Output,
    Packs,
    Quarantine,
    Rules,
    Seed,
    Since,
    StrictInput,
    Until,
)


def scan(
    inputs: Inputs,
    *,
    rules: Rules = None,
    pack: Packs = None,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    history: EarlierLogs = None,
    log_type: LogType = "auto",
    since: Since = None,
    until: Until = None,
    min_severity: Annotated[
        str,
        typer.Option(metavar="LEVEL", help="Show detections from informational, low, medium, high or critical on."),
    ] = "informational",
    form: Annotated[
        ScanFormat,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="table for people, markdown for tickets, jsonl or json in the shape of Google's API.",
        ),
    ] = ScanFormat.TABLE,
    to: Output = None,
    quarantine: Quarantine = None,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the data tables that rules export to, with their new rows, to DIR/NAME.csv.",
        ),
    ] = None,
    no_sift: Annotated[
        bool, typer.Option("--no-sift", help="Skip the fast first stage: the same answer, only slower.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=MOST_JOBS, metavar="N", help="Threads for settling rules.")] = 1,
    silence: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Tell feeds that rules need and that were silent for so long: 90m, 6h, 2d; 0 for none.",
        ),
    ] = "6h",
    now: Now = None,
    seed: Seed = 0,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if anything is shown.")] = False,
    strict_input: StrictInput = False,
    assignments: Assignments = None,
    mapping: Mappings = None,
) -> None:
    """Run rules over logs and show detections that say who did what, and why the rule fired.

    Without --rules and --pack all built-in rules run. Inputs may be JSON, JSON Lines, arrays or the usual envelopes,
    packed with gzip or not, of several log types together: each record's type is found by what it holds. Broken records
    are counted and never stop a run; neither do broken rules.

    Rules that had nothing to look at are told: no events of the log types in their metadata, or no baseline.

    Examples:
      windshear scan logs/
      windshear scan logs/ --rules my_rules/ --format jsonl -o detections.jsonl
      zcat trail.json.gz | windshear scan - --type aws_cloudtrail --since 2025-03-12
      windshear scan logs/ --min-severity high --exit-code
      windshear scan logs/today/ --history logs/last-month/ --rules my_rules/
    """
    import tempfile

    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, tell, worst
    from windshear.cli.counting import history_beside
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.exporting import export_folder, export_tables
    from windshear.cli.formats.writers import writer
    from windshear.cli.inputs import input_of, quarantine_file, time_of_run
    from windshear.cli.needing import silence_of
    from windshear.cli.rule_sets import ready_rules
    from windshear.cli.scanning import Job, run_scan
    from windshear.core.readings.settings import read_settings
    from windshear.engine.scan import Settings

    given, present = input_of(inputs, log_type, since, until, mapping), time_of_run(now)
    read = [*given.sources, *(rules or ()), *(history or ())]
    tables = export_folder(export)
    surroundings, supplied = surroundings_of(context, geoip, present)
    settings = Settings(
        uses_sift=not no_sift, shows_events=form.holds_events, threads=jobs, now_seconds=present, seed=seed
    )
    threshold, allowed = severity_rank(min_severity), silence_of(silence)
    with (
        tempfile.TemporaryDirectory(prefix="windshear-") as directory,
        output(to, read) as stream,
        quarantine_file(quarantine, beside=to, read=read) as keep,
    ):
        earlier = history_beside(given, history or (), Path(directory), supplied.enrichment, is_strict=strict_input)
        ready = ready_rules(rules or (), pack or (), surroundings, read_settings(assignments or ()), earlier, present)
        if not ready.plans:
            raise typer.Exit(Exit.BROKEN_RULE)
        job = Job(
            rules=ready,
            given=given,
            settings=settings,
            threshold=threshold,
            writes_to_terminal=to is None,
            supplied=supplied,
            silence=allowed,
        )
        result = run_scan(job, writer(form, stream, is_shown=to is None), keep)
    result.say_summary(tell, is_quarantine_kept=quarantine is not None)
    export_tables(result.exports, tables, tell)
    for mistake in result.mistakes(is_strict=strict_input):
        tell(mistake, style="bold red", lead="error")
    of_history = Exit.BAD_INPUT if earlier and earlier.is_bad else Exit.OK
    raise typer.Exit(worst(of_history, result.exit_code(exit_on_findings=exit_code, is_strict=strict_input)))
