"""`windshear evaluate`: how good rules are, on logs of which it is known what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.formats.names import EvaluationFormat
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

LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="What is known of the records (JSON Lines); by default labels.jsonl or EXPECTED.jsonl in DATA.",
    ),
]
Data = Annotated[Path, typer.Argument(metavar="DATA", help="A folder of logs, or one file.", show_default=False)]
DataHistory = Annotated[
    list[str] | None,
    typer.Option(
        "--history",
        metavar="INPUT",
        help="Earlier logs, which the metrics of rules count; by default DATA/history; repeatable.",
    ),
]
Present = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="The time that rules take as now; by default the last time that a label names, else the start of the run.",
    ),
]


def evaluate(
    data: Data,
    *,
    labels: LabelsFile = None,
    rules: Rules = None,
    pack: Packs = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="Hold the rules against another one: a path, or a rule of the built-in content such as "
            "comparison/three_pattern_comparison; repeatable.",
        ),
    ] = None,
    context: ContextPath = None,
    geoip: GeoIpFiles = None,
    history: DataHistory = None,
    log_type: LogType = "auto",
    users: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Users that rates are given for; by default those in the events."),
    ] = None,
    form: Annotated[
        EvaluationFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="table for people, markdown for reports, or json."),
    ] = EvaluationFormat.TABLE,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Also draw the result.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Entries that are shown of each list; all are counted.")
    ] = 20,
    to: Output = None,
    now: Present = None,
    seed: Seed = 0,
    assignments: Assignments = None,
    mapping: Mappings = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if a record is missed or there is a false alarm.")
    ] = False,
) -> None:
    """Run rules over labelled logs, and show what they find, what they miss, and what they find that is nothing.

    Labels say of records what rules should make of them: flag (a detection must hold it), flag_if_covered (it must if
    a rule claims its behaviour), neutral, or clean (no detection of medium severity or above may hold it). Shown are
    recall and precision per behaviour, missed records, false alarms one by one, how soon each campaign was noticed, and
    how many alerts there would be a day. DATA/context and DATA/history are used where they are there.

    Examples:
      windshear evaluate sim/
      windshear evaluate logs/ --labels labels.jsonl --rules my_rules/ --exit-code
      windshear evaluate sim/ --against comparison/three_pattern_comparison -f markdown -o report.md
      windshear evaluate sim/ --picture result.svg --users 1000
    """
    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, worst
    from windshear.cli.evaluating import Job, run_evaluation
    from windshear.cli.formats import evaluation as forms
    from windshear.cli.formats.evaluation_picture import picture_of
    from windshear.cli.inputs import log_type_option, mapping_options
    from windshear.cli.labelled import Asked
    from windshear.core.readings.settings import read_settings
    from windshear.engine.scan import Settings
    from windshear.evaluate.score import Status

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
    found = run_evaluation(Job(asked, against or (), users))
    with output(to, [data, *(rules or ()), *([labels] if labels else [])]) as stream:
        match form:
            case EvaluationFormat.TABLE:
                text = forms.table(found, limit)
            case EvaluationFormat.MARKDOWN:
                text = forms.markdown(found, limit)
            case EvaluationFormat.JSON:
                text = forms.as_json(found)
        stream.write(text.encode("utf-8", "backslashreplace"))
    if picture is not None:
        with output(picture) as stream:
            stream.write(picture_of(found).encode("utf-8", "backslashreplace"))
    is_short = bool(found.score.attacks_that_are(Status.MISSED)) or bool(found.score.total.false_alarms)
    raise typer.Exit(
        worst(
            Exit.BROKEN_RULE if found.is_broken else Exit.OK,
            Exit.FINDINGS if exit_code and is_short else Exit.OK,
        )
    )
