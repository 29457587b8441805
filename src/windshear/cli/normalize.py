"""`windshear normalize`: logs in, UDM out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer

from windshear.cli.atomic import output
from windshear.cli.console import Exit, err
from windshear.cli.inputs import log_type_option, quarantine_file
from windshear.cli.scanning import print_input, require_existing
from windshear.engine.feed import Feed, Input
from windshear.udm.columns import ScalarColumn

_CHUNK = 5_000  # records whose full events are made together


def normalize(
    inputs: Annotated[
        list[str], typer.Argument(help="Log files, folders, or - for standard input.", metavar="INPUT...")
    ],
    log_type: Annotated[
        str, typer.Option("--type", "-t", help="Log type of all inputs (e.g. aws_cloudtrail, udm), or auto.")
    ] = "auto",
    to: Annotated[Path | None, typer.Option("--output", "-o", help="Write events to this file.")] = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="Write broken records with their reasons to this file (JSON Lines).")
    ] = None,
    explain_type: Annotated[
        bool, typer.Option("--explain-type", help="Say for every input which log type was found, and why.")
    ] = False,
    strict_input: Annotated[
        bool, typer.Option("--strict-input", help="Exit with 3 if a record or file could not be read.")
    ] = False,
) -> None:
    """Normalise logs to UDM events, as proto-JSON lines.

    Broken records are quarantined with their reason; the counts at the end add up.

    Example: `windshear normalize cloudtrail/ -o events.jsonl --quarantine broken.jsonl`
    """
    require_existing(inputs)
    with output(to) as stream, quarantine_file(quarantine) as keep:
        feed = Feed(Input(inputs, log_type_option(log_type)), {"metadata.event_type": ScalarColumn("text")}, keep)
        for line in _lines(feed):
            stream.write(line)
    report = feed.report
    print_input(err, report)
    if explain_type:
        for decision in report.decisions:
            found = decision.recognised
            reason = f"{found.log_type}: {found.reason}" if found else "decided record by record"
            err.print(f"  {decision.source}: {reason}", markup=False)
    is_unreadable = any(problem.kind == "unreadable" for problem in report.problems)
    is_broken = is_unreadable or (not report.read and bool(report.problems))
    if is_broken or (strict_input and (report.quarantined or report.problems)):
        raise typer.Exit(Exit.BAD_INPUT)


def _lines(feed: Feed) -> Iterator[bytes]:
    for batch in feed.batches():
        for start in range(0, len(batch.records), _CHUNK):
            texts = batch.records.slice(start, start + _CHUNK).texts.to_pylist()
            for event in feed.full_events(batch.log_type, texts):
                yield orjson.dumps(event) + b"\n"
