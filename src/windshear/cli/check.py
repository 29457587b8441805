"""`windshear check`: every mistake of rule files, with place, cause and fix."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from windshear.cli.console import Exit, err, out, write
from windshear.language.check.scope import Mode
from windshear.language.diagnostics.render import render_text, summarize, to_json
from windshear.packs.rules import RuleSet, load_rules


class CheckFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    JSON = "json"


def check(
    rules: Annotated[list[Path], typer.Argument(help="Rule files (.yaral), or folders of them.", metavar="RULE...")],
    strict: Annotated[
        bool, typer.Option("--strict", help="Accept only what Google's service accepts (default: compat mode).")
    ] = False,
    form: Annotated[
        CheckFormat, typer.Option("--format", "-f", help="text for people, json (one object per line) for tools.")
    ] = CheckFormat.TEXT,
) -> None:
    """Check rules: syntax, names, types and structure, all mistakes of all files in one run.

    Lists and data tables are taken as given by the tenant. Exits with 2 if a rule cannot run.

    Example: `windshear check rules/ --strict`
    """
    checked = load_rules(rules, Mode.STRICT if strict else Mode.COMPAT)
    if form is CheckFormat.JSON:
        _write_json(checked)
    else:
        print_diagnostics(checked)
        err.print(summarize((d for file in checked.files for d in file.diagnostics), len(checked.files)))
    raise typer.Exit(Exit.BROKEN_RULE if checked.broken else Exit.OK)


def print_diagnostics(checked: RuleSet, *, only_errors: bool = False, console: Console = out) -> None:
    """Print the diagnostics of a rule set for people."""
    is_coloured = console.is_terminal and not console.no_color
    for file in checked.files:
        shown = [found for found in file.diagnostics if found.is_error or not only_errors]
        if shown:
            console.file.write(render_text(file.source, shown, color=is_coloured) + "\n\n")


def _write_json(checked: RuleSet) -> None:
    for file in checked.files:
        for diagnostic in file.diagnostics:
            write(json.dumps({"file": file.source.name, **to_json(file.source, diagnostic)}) + "\n")
