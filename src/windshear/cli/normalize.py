"""`windshear normalize`: logs in, UDM out."""

from __future__ import annotations

from typing import Annotated

import typer

from windshear.cli.options import Inputs, LogType, Mappings, Output, Quarantine, StrictInput


def normalize(
    inputs: Inputs,
    *,
    log_type: LogType = "auto",
    to: Output = None,
    quarantine: Quarantine = None,
    explain_type: Annotated[
        bool, typer.Option("--explain-type", help="Say for every input which log type was found, and why.")
    ] = False,
    strict_input: StrictInput = False,
    mapping: Mappings = None,
) -> None:
    """Turn logs into UDM events: one JSON object per line, with the field names of the documentation in camelCase.

    Each record's log type is found by what it holds. Broken records are counted, and kept with --quarantine; the counts
    add up: read = events + quarantined + skipped.

    Examples:
      windshear normalize trail.json.gz | head -1
      windshear normalize logs/ -o events.jsonl --quarantine broken.jsonl
      windshear normalize mixed/ --explain-type -o events.jsonl
      windshear normalize users.json --type azure_ad_context -o context/entities.jsonl
    """
    from windshear.cli.inputs import input_of
    from windshear.cli.normalizing import run_normalize

    given = input_of(inputs, log_type, chosen=mapping, takes_entities=True)
    raise typer.Exit(run_normalize(given, to, quarantine, explain_type=explain_type, is_strict=strict_input))
