"""`windshear check`: every mistake of rule files, with place, cause and fix."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.console import Exit, out, tell, write


class CheckFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


def check(
    rules: Annotated[
        list[Path], typer.Argument(help="Rule files (.yaral), or folders of them.", metavar="RULE", show_default=False)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Accept only what Google's service accepts (else compat mode).")
    ] = False,
    form: Annotated[
        CheckFormat,
        typer.Option("--format", "-f", help="text, json (lines), sarif, github, markdown.", metavar="FORMAT"),
    ] = CheckFormat.TEXT,
) -> None:
    """Check rules and show all mistakes of all files: syntax, names, types and structure.

    Every mistake comes with its place, the cause, and what to write instead. Data tables that stand beside the rules,
    as `tables/` beside `rules/`, are checked with them; others, and reference lists, are taken as given by the tenant.
    Compat mode also accepts rules whose meaning is clear although the service refuses them.
    Exits with 2 if a rule cannot run.

    Examples:
      windshear check my_rule.yaral
      windshear check rules/ --strict
      windshear check rules/ --format json | jq -r .message
      windshear check rules/ --format sarif > check.sarif
    """
    from windshear.cli.formats import github
    from windshear.cli.formats.diagnostics import json_lines, print_diagnostics
    from windshear.cli.formats.reports import diagnostic_reports
    from windshear.cli.formats.sarif import sarif
    from windshear.cli.runnable import with_notes
    from windshear.language.check.scope import Mode
    from windshear.language.diagnostics.render import summarize
    from windshear.packs.tables import load_with_tables

    loaded, _ = load_with_tables(rules, Mode.STRICT if strict else Mode.COMPAT)
    checked = with_notes(loaded)
    reports = diagnostic_reports(checked.files)
    match form:
        case CheckFormat.TEXT:
            print_diagnostics(checked, out)
        case CheckFormat.JSON:
            for line in json_lines(checked):
                write(line)
        case CheckFormat.SARIF:
            write(sarif(reports, "check"))
        case CheckFormat.GITHUB:
            for line in github.annotation_lines(reports):
                write(line)
            github.write_step_summary(github.summary(reports, "check", len(checked.files)))
        case CheckFormat.MARKDOWN:
            write(github.summary(reports, "check", len(checked.files)))
    tell(summarize((d for file in checked.files for d in file.diagnostics), len(checked.files)))
    raise typer.Exit(Exit.BROKEN_RULE if checked.broken else Exit.OK)
