"""`windshear coverage`: what rules cover of ATT&CK, by log source, and what of it given logs can show."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.options import LogType, Output, Packs


class CoverageFormat(StrEnum):
    """How coverage is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


def coverage(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Rule files, or folders of them; the built-in rules without one.", metavar="RULE"),
    ] = None,
    *,
    pack: Packs = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", "-i", metavar="INPUT", help="Logs: say which rules can never fire on them; repeatable."
        ),
    ] = None,
    log_type: LogType = "auto",
    navigator: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a layer for the ATT&CK Navigator: techniques, rules as their score."),
    ] = None,
    form: Annotated[
        CoverageFormat,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="table for people, markdown for reports, json for tools."
        ),
    ] = CoverageFormat.TABLE,
    to: Output = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if a rule can never fire on the logs of --input.")
    ] = False,
) -> None:
    """Show which ATT&CK techniques rules cover, from which log sources, and where given logs leave gaps.

    Techniques and tactics are taken from the metadata of the rules. With --input the logs are read once, and every
    rule is named whose log source, or whose kind of event, is not in them: such a rule is silent whatever happens.

    Examples:
      windshear coverage
      windshear coverage my_rules/ --navigator layer.json
      windshear coverage my_rules/ --input logs/ --exit-code
      windshear coverage --format markdown -o COVERAGE.md
    """
    from windshear.cli.atomic import output
    from windshear.cli.console import Exit, tell, worst
    from windshear.cli.covering import covered, kinds_in
    from windshear.cli.formats import coverage as forms
    from windshear.cli.inputs import input_of

    logs = None if not inputs else kinds_in(input_of(inputs, log_type))
    result = covered(paths or (), pack or (), logs)
    with output(to, [*(paths or ()), *(inputs or ())]) as stream:
        match form:
            case CoverageFormat.TABLE:
                text = forms.table(result)
            case CoverageFormat.MARKDOWN:
                text = forms.markdown(result)
            case CoverageFormat.JSON:
                text = forms.as_json(result)
        stream.write(text.encode())
    if navigator is not None:
        with output(navigator) as stream:
            stream.write(forms.layer(result).encode())
        tell(f"wrote the Navigator layer to {navigator}")
    raise typer.Exit(
        worst(
            Exit.BROKEN_RULE if result.is_broken else Exit.OK,
            Exit.BAD_INPUT if logs is not None and logs.is_bad else Exit.OK,
            Exit.FINDINGS if exit_code and result.silent else Exit.OK,
        )
    )
