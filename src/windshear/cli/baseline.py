"""`windshear baseline`: what people and hosts usually do, counted from earlier logs and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import (
    ContextPath,
    GeoIpFiles,
    Inputs,
    LogType,
    Mappings,
    Now,
    Packs,
    Quarantine,
    Rules,
    StrictInput,
)


def build(
    inputs: Inputs,
    *,
    to: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The context folder to write to: DIR/tables/NAME.csv, metrics.parquet.",
        ),
    ],
    baselines: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="Queries of your own, one NAME.yaral per table; else those of the built-in packs."
        ),
    ] = None,
    rules: Rules = None,
    pack: Packs = None,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    log_type: LogType = "auto",
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only events from then on, instead of --keep-days.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only events before then: the history ends there.")
    ] = None,
    keep_days: Annotated[
        int, typer.Option(min=1, metavar="N", help="Days before the end of the history that count.")
    ] = 30,
    min_days: Annotated[
        int, typer.Option(min=1, metavar="N", help="On how many days (UTC) a key of a table must be seen to be usual.")
    ] = 1,
    exclude: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Detections (scan -f jsonl): persons and hosts of those from medium on teach nothing from a day "
            "before them on; repeatable.",
        ),
    ] = None,
    adds: Annotated[bool, typer.Option("--add", help="Join what DIR knows with what these logs say after it.")] = False,
    now: Now = None,
    quarantine: Quarantine = None,
    strict_input: StrictInput = False,
    mapping: Mappings = None,
) -> None:
    """Make the baseline tables that rules compare with, from earlier logs.

    Each query of the packs' baselines/ gives the rows of one table, all in one reading. The tables go into a context
    folder, from which `scan --context DIR` reads them. Persons are known from --context (without it, from what DIR
    holds), places of addresses from --geoip or the context. Counts for metrics of the rules go to metrics.parquet.

    Rules want 7 days of history at least; less makes their scores lower. Attacks in the history would become usual:
    scan it first, and give what was found by --exclude.

    Examples:
      windshear baseline build logs/february/ -o context/
      windshear baseline build logs/february/ -o context/ --exclude found.jsonl --min-days 2
      windshear baseline build logs/2026-03-01/ -o context/ --add
      windshear scan logs/today/ --context context/
    """
    from windshear.cli.baselines.building import Wanted, build_baselines
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.inputs import input_of, time_of_run

    given, present = input_of(inputs, log_type, since, until, mapping), time_of_run(now)
    known = ("entities.jsonl", "derived.jsonl", "tables/*.csv", "lists/*.txt", "geoip/*.mmdb", "geoip/*.csv")
    is_known = context is None and any(next(to.glob(name), None) for name in known)
    surroundings, supplied = surroundings_of(to if is_known else context, geoip, present)
    wanted = Wanted(
        folder=to,
        queries=tuple(baselines or ()),
        rules=tuple(rules or ()),
        packs=tuple(pack or ()),
        keep_days=None if since is not None else keep_days,
        min_days=min_days,
        excluded=tuple(exclude or ()),
        adds=adds,
        quarantine=quarantine,
        is_strict=strict_input,
        now_seconds=present,
    )
    raise typer.Exit(build_baselines(given, wanted, surroundings, supplied))


def show(
    folder: Annotated[Path, typer.Argument(help="The context folder.", metavar="DIR", show_default=False)],
    who: Annotated[
        str | None, typer.Argument(help="A person's id, a host, or any other beginning of keys.", metavar="WHO")
    ] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, metavar="N", help="Rows to show of each table.")] = 20,
) -> None:
    """Show what baseline tables know: all of them in short, or what is usual for one person or host.

    Exits with 1 if nothing is known of WHO.

    Examples:
      windshear baseline show context/
      windshear baseline show context/ ana@corp.example
    """
    from windshear.cli.baselines.showing import show_baselines

    raise typer.Exit(show_baselines(folder, who, limit))
