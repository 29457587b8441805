"""`windshear history`: earlier logs in, counts for metrics and derived entities out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import ContextPath, GeoIpFiles, Inputs, LogType, Packs, Quarantine, Rules, StrictInput


def history(
    inputs: Inputs,
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write counts for metrics; a context folder holds them as metrics.parquet.",
        ),
    ] = None,
    entities: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write since when files, domains, addresses, users and hosts are known, and how common they "
            "are; a context folder holds it as derived.jsonl.",
        ),
    ] = None,
    rules: Rules = None,
    pack: Packs = None,
    log_type: LogType = "auto",
    quarantine: Quarantine = None,
    strict_input: StrictInput = False,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
) -> None:
    """Count earlier logs once, for rules that compare with history.

    With --output, what metrics (`metrics.*`) of the given rules ask for; without --rules and --pack, of the built-in
    ones. A scan whose context folder holds the file as metrics.parquet need not read those logs. (`scan --history`
    counts logs in the same way, for that scan only.)

    With --entities, what rules read of derived context in the entity graph: when something was first and last seen, and
    its prevalence, as of the latest event.

    Metrics may ask for what --context and --geoip add to events.

    Examples:
      windshear history logs/february/ --rules my_rules/ -o context/metrics.parquet
      windshear history logs/february/ --entities context/derived.jsonl
      windshear scan logs/today/ --rules my_rules/ --context context/
    """
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.inputs import input_of
    from windshear.cli.keeping import Wanted, keep_history

    _, supplied = surroundings_of(context, geoip)
    given = input_of(inputs, log_type)
    wanted = Wanted(to, entities, rules or (), pack or (), quarantine, strict_input)
    raise typer.Exit(keep_history(given, wanted, supplied.enrichment))
