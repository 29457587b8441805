"""Options that several commands share, with one wording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MOST_JOBS = 256  # the database ends the process when it cannot have as many threads as it was told


def _or_list(value: str) -> str:
    """Print the log types and stop, where that is what is asked for."""
    if value.lower() == "list":
        from windshear.cli.log_types import print_log_types

        print_log_types()
        raise typer.Exit
    return value


Inputs = Annotated[
    list[str], typer.Argument(help="Log files, folders, or - for standard input.", metavar="INPUT", show_default=False)
]
LogType = Annotated[
    str,
    typer.Option(
        "--type",
        "-t",
        metavar="TYPE",
        callback=_or_list,
        is_eager=True,
        help="auto, or a log type such as aws_cloudtrail or azure_ad_audit; list prints them all and stops.",
    ),
]
EarlierLogs = Annotated[
    list[str] | None,
    typer.Option("--history", metavar="INPUT", help="Earlier logs, which the metrics of rules count; repeatable."),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Only events (and earlier detections) from then on: 2025-03-12, 2025-03-12T13:00:00Z."
    ),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Only events before then.")]
Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", "-r", metavar="PATH", help="A rule file, or a folder of rules; repeatable."),
]
Packs = Annotated[list[str] | None, typer.Option("--pack", metavar="NAME", help="A built-in pack; repeatable.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write results to this file, whole or not at all."),
]
Quarantine = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep broken records here, with reason and place (JSON Lines).")
]
ContextPath = Annotated[
    Path | None,
    typer.Option(
        "--context",
        metavar="PATH",
        help="What is known besides logs: a folder with lists/NAME.txt, tables/NAME.csv, entities.jsonl, "
        "derived.jsonl, detections.jsonl, metrics.parquet and geoip/NAME.mmdb or .csv, or a JSON file.",
    ),
]
GeoIpFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--geoip",
        metavar="FILE",
        help="A file of places or networks of addresses, from which ip_geo_artifact is filled: MMDB, for which the "
        "extra `geoip` is needed, or CSV; repeatable.",
    ),
]
Now = Annotated[
    str | None,
    typer.Option("--now", metavar="TIME", help="The time that rules take as now; the start of the run if left out."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="What random numbers depend on; repeatable with it.")]
StrictInput = Annotated[
    bool, typer.Option("--strict-input", help="Exit with 3 if any record or file could not be read.")
]
Mappings = Annotated[
    list[str] | None,
    typer.Option(
        "--mapping",
        metavar="TYPE=FORM",
        help="Fill the fields of a log type in one of its documented forms only, as in azure_ad=2025; repeatable. The "
        "log type's page in the reference lists them.",
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Read an open point of the language in another way, as in merging=exact; repeatable. The reference page "
        "`differences` lists them.",
    ),
]
