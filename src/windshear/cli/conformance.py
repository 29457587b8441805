"""`windshear conformance`: run semantics cases written in Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.console import Exit, out
from windshear.core.errors import InputError
from windshear.conformance.engine import settle_alone, windshear_engine
from windshear.conformance.cases import read_cases
from windshear.conformance.case import CaseFile
from windshear.conformance.runner import Result, run_file, summary


def conformance(
    files: Annotated[list[Path], typer.Argument(help="Markdown files of cases.", metavar="FILE.md...")],
    section: Annotated[
        list[str] | None, typer.Option("--section", "-s", help="Only cases of this section (e.g. RF); repeatable.")
    ] = None,
    no_sift: Annotated[bool, typer.Option("--no-sift", help="Run settle alone on every event.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the cases that passed, too.")] = False,
) -> None:
    """Run conformance cases: a rule, its events and what must come out.

    A case that expects a compile error passes only with that very error. What the engine does not support yet is
    skipped by name. The last line counts: `N passed, N failed, N skipped`. Exits with 1 if a case failed.
    """
    engine = settle_alone if no_sift else windshear_engine
    results = [result for file in files for result in run_file(_read(file), engine)]
    if section:
        results = [result for result in results if result.section in section]
    for result in results:
        _print(result, verbose=verbose)
    out.print(summary(results))
    raise typer.Exit(Exit.FINDINGS if any(result.status == "failed" for result in results) else Exit.OK)


def _read(path: Path) -> CaseFile:
    try:
        return read_cases(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {error.strerror}") from error


def _print(result: Result, *, verbose: bool) -> None:
    if result.status == "passed" and not verbose:
        return
    out.print(f"{result.status:<8}{result.id}  {result.title}", markup=False)
    for detail in result.details:
        out.print(f"        {detail}", markup=False)
