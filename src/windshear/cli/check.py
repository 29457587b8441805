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


def check(
    rules: Annotated[
        list[Path], typer.Argument(help="Rule files (.yaral), or folders of them.", metavar="RULE", show_default=False)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Accept only what Google's service accepts (else compat mode).")
    ] = False,
    form: Annotated[
        CheckFormat,
        typer.Option("--format", "-f", help="text for people, json (one object per line) for tools.", metavar="FORMAT"),
    ] = CheckFormat.TEXT,
) -> None:
    """Check rules and show all mistakes of all files: syntax, names, types and structure.

    Every mistake comes with its place, the cause, and what to write instead. Reference lists and data tables are taken
    as given by the tenant. Compat mode also accepts rules whose meaning is clear although the service refuses them.
    Exits with 2 if a rule cannot run.

    Examples:
      windshear check my_rule.yaral
      windshear check rules/ --strict
      windshear check rules/ --format json | jq -r .message
    """
    from windshear.cli.formats.diagnostics import json_lines, print_diagnostics
    from windshear.cli.runnable import with_notes
    from windshear.language.check.scope import Mode
    from windshear.language.diagnostics.render import summarize
    from windshear.packs.rules import load_rules

    checked = with_notes(load_rules(rules, Mode.STRICT if strict else Mode.COMPAT))
    if form is CheckFormat.JSON:
        for line in json_lines(checked):
            write(line)
    else:
        print_diagnostics(checked, out)
    tell(summarize((d for file in checked.files for d in file.diagnostics), len(checked.files)))
    raise typer.Exit(Exit.BROKEN_RULE if checked.broken else Exit.OK)
