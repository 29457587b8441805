"""`windshear normalize`: logs in, UDM out."""

from __future__ import annotations

from typing import Annotated

import typer

from windshear.cli.options import (
    ContextPath,
    GeoIpFiles,
    Inputs,
    LogType,
    Mappings,
    Output,
    Quarantine,
    StrictInput,
)


def normalize(
    inputs: Inputs,
    *,
    log_type: LogType = "auto",
    to: Output = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORM", help="jsonl or parquet; the name of the output file tells, too."),
    ] = None,
    quarantine: Quarantine = None,
    explain_type: Annotated[
        bool, typer.Option("--explain-type", help="Say for every input which log type was found, and why.")
    ] = False,
    stats: Annotated[
        bool,
        typer.Option("--stats", help="Say for every log type its event types, and how often each field was filled."),
    ] = False,
    strict_input: StrictInput = False,
    mapping: Mappings = None,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
) -> None:
    """Turn logs into UDM events: one JSON object per line, with the field names of the documentation in camelCase.

    Or one Parquet file: a column for every field that is filled, and `udm` with the whole event, from which `scan`,
    `search` and `normalize` read it again. A record that was read before is left out and counted.

    Each record's log type is found by what it holds. Broken records are counted, and kept with --quarantine; the counts
    add up: read = events + quarantined + skipped.

    With --context and --geoip, events also get what these know: persons behind users, public addresses of hosts, places
    and networks of addresses.

    Examples:
      windshear normalize trail.json.gz | head -1
      windshear normalize logs/ -o events.jsonl --quarantine broken.jsonl
      windshear normalize mixed/ --explain-type -o events.jsonl
      windshear normalize logs/ -o events.parquet --stats
      windshear normalize logs/ --context context/ -o events.jsonl
      windshear normalize users.json --type azure_ad_context -o context/entities.jsonl
    """
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.inputs import input_of
    from windshear.cli.normalizing import Wishes, run_normalize

    given = input_of(inputs, log_type, chosen=mapping, takes_entities=True)
    _, supplied = surroundings_of(context, geoip)
    wishes = Wishes(
        to,
        form,
        quarantine,
        explain_type=explain_type,
        statistics=stats,
        is_strict=strict_input,
        supplied=supplied,
    )
    raise typer.Exit(run_normalize(given, wishes))
