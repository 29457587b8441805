"""`windshear explain`: why a rule matched some logs, or why it did not."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import (
    Assignments,
    ContextPath,
    EarlierLogs,
    GeoIpFiles,
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


class ExplainFormat(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def explain(
    rule: Annotated[Path, typer.Argument(help="The file of the rule (.yaral).", metavar="RULE", show_default=False)],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Log files, folders, or - for standard input.", metavar="INPUT", show_default=False),
    ] = None,
    *,
    more_inputs: Annotated[
        list[str] | None, typer.Option("--input", "-i", metavar="INPUT", help="The same as INPUT; repeatable.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Which rule, if the file holds several.")
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(
            "--event",
            "-e",
            metavar="ID",
            help="What became of this event: its id, the vendor's id, or where it was read, as in trail.json:12; "
            "repeatable.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=100, metavar="N", help="Nearest records and groups to show.")
    ] = 3,
    rules: Rules = None,
    pack: Packs = None,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    history: EarlierLogs = None,
    log_type: LogType = "auto",
    since: Since = None,
    until: Until = None,
    form: Annotated[
        ExplainFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="text for people, markdown for tickets, json for tools."),
    ] = ExplainFormat.TEXT,
    to: Output = None,
    quarantine: Quarantine = None,
    now: Now = None,
    seed: Seed = 0,
    strict_input: StrictInput = False,
    assignments: Assignments = None,
    mapping: Mappings = None,
) -> None:
    """Explain why a rule matched some logs, or why it did not, by the expressions that decide.

    Of a match you see the first detections: every clause with the values that it read, what joined the events, the
    condition with its counts, and what each outcome was computed from. Of a miss you see how many events pass each
    clause, the events that come nearest and what fails them; keys that nearly met; how far events lie outside the
    window; and the groups whose condition fails by least.

    Rules whose detections the rule reads may stand in the same file, or be given by --rules and --pack. Exits with 2 if
    the rule cannot run, and with 3 if an --event is not there; a miss is no error.

    Examples:
      windshear explain rule.yaral logs/
      windshear explain rule.yaral --input trail.json.gz --event 1f0c5a52-8f0a-4a7e-9f0e-2b2c8d3c4e5f
      windshear explain rules.yaral --name guessed_password logs/ --limit 1
      windshear explain rule.yaral logs/ --format markdown -o why.md
    """
    import tempfile

    from windshear.cli.enriching import surroundings_of
    from windshear.cli.explaining import Question, explain_rule
    from windshear.cli.inputs import input_of, time_of_run
    from windshear.core.errors import SettingError
    from windshear.core.readings.settings import read_settings
    from windshear.engine.explain.run import Wanted
    from windshear.engine.scan import Settings

    sources = [*(inputs or ()), *(more_inputs or ())]
    if not sources:
        raise SettingError("nothing to look at: name log files or folders behind the rule, or with `--input`")
    given, present = input_of(sources, log_type, since, until, mapping), time_of_run(now)
    surroundings, supplied = surroundings_of(context, geoip, present)
    settings = Settings(now_seconds=present, seed=seed)
    question = Question(
        rule=rule,
        name=name,
        others=tuple(rules or ()),
        packs=tuple(pack or ()),
        given=given,
        history=tuple(history or ()),
        context=surroundings,
        supplied=supplied,
        readings=read_settings(assignments or ()),
        wanted=Wanted(limit, tuple(dict.fromkeys(events or ())), settings),
        form=form.value,
        to=to,
        quarantine=quarantine,
        is_strict=strict_input,
    )
    with tempfile.TemporaryDirectory(prefix="windshear-") as directory:
        raise typer.Exit(explain_rule(question, Path(directory)))
