"""`windshear tune`: rows of data tables that silence false alarms and lose no attack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.evaluate import Data, DataHistory, LabelsFile, Present
from windshear.cli.formats.names import TuneFormat
from windshear.cli.options import (
    Assignments,
    ContextPath,
    GeoIpFiles,
    LogType,
    Mappings,
    Output,
    Packs,
    Rules,
    Seed,
)


def tune(
    data: Data,
    *,
    labels: LabelsFile = None,
    benign: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Detections that are false alarms: ids, one a line, or what `scan --format jsonl` writes.",
        ),
    ] = None,
    rules: Rules = None,
    pack: Packs = None,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    history: DataHistory = None,
    log_type: LogType = "auto",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who answers for the rows.")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they are right.")] = "",
    expires: Annotated[str, typer.Option(metavar="DATE", help="When they end: 2027-06-30.")] = "",
    writes: Annotated[
        bool, typer.Option("--write", help="Write the rows into the tables of the --context folder.")
    ] = False,
    allow_losses: Annotated[bool, typer.Option("--allow-losses", help="Write rows that lose attacks, too.")] = False,
    form: Annotated[
        TuneFormat, typer.Option("--format", "-f", metavar="FORMAT", help="table for people, or json.")
    ] = TuneFormat.TABLE,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Entries that are shown of each list; all are counted.")
    ] = 20,
    to: Output = None,
    now: Present = None,
    seed: Seed = 0,
    assignments: Assignments = None,
    mapping: Mappings = None,
) -> None:
    """Propose rows for the data tables of rules that silence false alarms, and show what else they would silence.

    False alarms are what `evaluate` shows as such, and the detections that --benign names. A rule says in the `tuning`
    entry of its meta section which of its values belong in which tables. Rows are tried on the same data before they
    are shown, all together and those that lose an attack alone. Only rows that lose none are written, and only with
    --write, behind the rows and comments that are there.

    Examples:
      windshear tune sim/
      windshear tune logs/ --benign false_alarms.txt --context context/
      windshear tune sim/ --context ctx/ --write --owner ops --reason "build job" --expires 2027-06-30
    """
    from windshear.cli.atomic import output
    from windshear.cli.console import Exit
    from windshear.cli.formats import tuning as forms
    from windshear.cli.inputs import log_type_option, mapping_options
    from windshear.cli.labelled import Asked
    from windshear.cli.tuning import Job, run_tuning, write_rows
    from windshear.core.errors import SettingError
    from windshear.core.readings.settings import read_settings
    from windshear.engine.scan import Settings

    if writes and (context is None or (context.exists() and not context.is_dir())):
        raise SettingError("`--write` needs `--context DIR`, the folder whose tables get the rows")
    asked = Asked(
        data=data,
        labels=labels,
        rules=rules or (),
        packs=pack or (),
        context=context,
        geoip=geoip or (),
        history=history or (),
        log_type=log_type_option(log_type),
        mappings=mapping_options(mapping or ()),
        readings=read_settings(assignments or ()),
        settings=Settings(seed=seed, shows_samples=False),
        now=now,
    )
    found = run_tuning(Job(asked, benign))
    with output(to, [data, *(rules or ()), *(given for given in (labels, benign) if given)]) as stream:
        text = forms.table(found, limit) if form is TuneFormat.TABLE else forms.as_json(found)
        stream.write(text.encode("utf-8", "backslashreplace"))
    if writes and context is not None:
        given = {"owner": owner, "reason": reason, "expires": expires}
        write_rows(found, context, given, allows_losses=allow_losses)
    raise typer.Exit(Exit.BROKEN_RULE if found.is_broken else Exit.OK)
