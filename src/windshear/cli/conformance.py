"""`windshear conformance`: run semantics cases written in Markdown."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.console import Exit, printable, write
from windshear.cli.options import Assignments


def conformance(
    files: Annotated[
        list[Path], typer.Argument(help="Markdown files of cases.", metavar="FILE.md", show_default=False)
    ],
    section: Annotated[
        list[str] | None,
        typer.Option("--section", "-s", metavar="NAME", help="Only cases of this section (e.g. RF); repeatable."),
    ] = None,
    no_sift: Annotated[bool, typer.Option("--no-sift", help="Run settle alone on every event.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the cases that passed, too.")] = False,
    assignments: Assignments = None,
) -> None:
    """Run conformance cases: a rule, its events and what must come out.

    A case that expects a compile error passes only with that very error. What the engine does not support yet is
    skipped by name. The last line counts: `N passed, N failed, N skipped`. Exits with 1 if a case failed. What --set
    says holds for all cases but those that say something else themselves.

    Examples:
      windshear conformance cases.md
      windshear conformance cases.md --section RF --verbose
    """
    from windshear.conformance.cases import read_cases
    from windshear.conformance.engine import run
    from windshear.conformance.runner import run_file, summary
    from windshear.conformance.search import search_alone, windshear_search
    from windshear.core.errors import InputError
    from windshear.core.readings.settings import read_settings
    from windshear.engine.scan import Settings

    settings, readings = Settings(uses_sift=not no_sift), read_settings(assignments or ())
    engine = partial(run, settings=settings, readings=readings)
    results = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read `{file}`: {getattr(error, 'strerror', None) or error}") from error
        results += run_file(read_cases(str(file), text), engine, search_alone if no_sift else windshear_search)
    if section:
        results = [result for result in results if result.section in section]
    for result in results:
        if verbose or result.status != "passed":
            write(printable(f"{result.status:<8}{result.id}  {result.title}") + "\n")
            for detail in result.details if result.status != "passed" else ():
                write(printable(f"        {detail}") + "\n")
    write(summary(results) + "\n")
    raise typer.Exit(Exit.FINDINGS if any(result.status == "failed" for result in results) else Exit.OK)
