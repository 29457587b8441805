"""`windshear diff`: what a change of rules changes in the detections."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import Assignments, ContextPath, GeoIpFiles, LogType, Mappings, Now, Output, Seed


class DiffFormat(StrEnum):
    """How differences are written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Rules as they were: a file, or a folder of them.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Rules as they are to be.")],
    *,
    inputs: Annotated[
        list[str], typer.Option("--input", "-i", metavar="INPUT", help="Logs to run both on; repeatable.")
    ],
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    log_type: LogType = "auto",
    form: Annotated[
        DiffFormat, typer.Option("--format", "-f", metavar="FORMAT", help="text, markdown for reviews, or json.")
    ] = DiffFormat.TEXT,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Changes that are shown for each rule; all are counted.")
    ] = 5,
    to: Output = None,
    now: Now = None,
    seed: Seed = 0,
    assignments: Assignments = None,
    mapping: Mappings = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if anything differs.")] = False,
) -> None:
    """Run two versions of rules on the same logs, and show which detections appear, vanish or change, and why.

    Rules are paired by name; if each side has one rule, these two are compared whatever their names are. Detections
    are paired by match values and window, or by their events. For what appears or vanishes the version without the
    detection says what kept it from it.

    Examples:
      windshear diff old.yaral new.yaral --input logs/
      git show main:login.yaral > old.yaral && windshear diff old.yaral login.yaral -i logs/
      windshear diff rules-main/ rules/ -i logs/ --format markdown -o review.md --exit-code
    """
    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, worst
    from windshear.cli.differing import Job, run_diff
    from windshear.cli.enriching import surroundings_of
    from windshear.cli.formats import differences as forms
    from windshear.cli.inputs import input_of, time_of_run
    from windshear.core.readings.settings import read_settings
    from windshear.engine.scan import Settings

    present = time_of_run(now)
    surroundings, supplied = surroundings_of(context, geoip, present)
    job = Job(
        old=old,
        new=new,
        given=input_of(inputs, log_type, chosen=mapping),
        context=surroundings,
        supplied=supplied,
        readings=read_settings(assignments or ()),
        settings=Settings(now_seconds=present, seed=seed, shows_samples=False),
        limit=limit,
    )
    result = run_diff(job)
    with output(to, [*inputs, old, new]) as stream:
        match form:
            case DiffFormat.TEXT:
                text = forms.as_text(result, limit)
            case DiffFormat.MARKDOWN:
                text = forms.as_markdown(result, limit)
            case DiffFormat.JSON:
                text = forms.as_json(result)
        stream.write(text.encode())
    raise typer.Exit(
        worst(
            Exit.BAD_INPUT if result.is_input_bad else Exit.OK,
            Exit.BROKEN_RULE if result.is_broken else Exit.OK,
            Exit.FINDINGS if exit_code and result.differs else Exit.OK,
        )
    )
