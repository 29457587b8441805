"""`windshear report`: what detections say, to hand on: the story, the questions to ask and the steps to take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import Output


class ReportFormat(StrEnum):
    """How reports are written; auto goes by the name of the output file."""

    AUTO = "auto"
    MARKDOWN = "markdown"
    HTML = "html"


def report(
    detections: Annotated[
        Path,
        typer.Argument(
            metavar="DETECTIONS", help="Detections as `scan --format jsonl` writes them.", exists=True, dir_okay=False
        ),
    ],
    *,
    to: Output = None,
    form: Annotated[
        ReportFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="markdown, html, or auto: html if FILE ends in .html."),
    ] = ReportFormat.AUTO,
    ids: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="ID", help="Only this detection (de_…, or its beginning); repeatable."),
    ] = None,
    min_severity: Annotated[
        str, typer.Option("--min-severity", metavar="LEVEL", help="Only detections from this severity on.")
    ] = "medium",
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            "--rules", "-r", metavar="PATH", help="Where the rules and their guides are, besides the built-in ones."
        ),
    ] = None,
    all_detections: Annotated[
        bool, typer.Option("--all", help="Also those that a shown chain rests on, which has them in it.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Reports at most, the gravest first.")] = 50,
) -> None:
    """Write a report for each detection: what happened, how the risk comes about, what to ask, and what to do.

    The guide of the rule is filled in with the detection's own values: its questions come with searches that are ready
    to run, its steps with those for the clouds it is about. Detections that a chain rests on are told within it.

    With HTML there are drawings, too: the events over time, and the path of the identity from the host to what it
    reached. The file needs nothing else and fetches nothing.

    Examples:
      windshear scan logs/ --format jsonl -o detections.jsonl
      windshear report detections.jsonl -o report.html
      windshear report detections.jsonl --id de_89d1 | less
    """
    from windshear.cli.atomic import output
    from windshear.cli.reporting import Wanted, write_reports

    is_html = form is ReportFormat.HTML or (form is ReportFormat.AUTO and to is not None and to.suffix == ".html")
    wanted = Wanted(tuple(ids or ()), min_severity, all_detections, limit)
    with output(to, [detections, *(rules or ())]) as stream:
        write_reports(detections, rules or (), wanted, stream, is_html=is_html)
