"""`windshear lint`: what goes wrong in rules that can run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.console import tell, worst, write
from windshear.cli.formats.names import LintFormat


class Level(StrEnum):
    """From which severity on findings count as failure."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Rule files, or folders of them. Without one, the current folder.", metavar="PATH", show_default=False
        ),
    ] = None,
    *,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="LINT", help="Only these lints: codes, names, W54 for many, categories; repeatable."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="LINT", help="Not these lints; repeatable.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The configuration; else windshear.toml beside the rules or above them."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Do not tell findings that this file knows.")
    ] = None,
    updates_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write all findings of now to the baseline.")
    ] = False,
    fixes: Annotated[
        bool, typer.Option("--fix", help="Mend what can be mended without changing what a rule means.")
    ] = False,
    fixes_unsafe: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Mend also what changes what a rule finds; review the result.")
    ] = False,
    shows_diff: Annotated[
        bool, typer.Option("--diff", help="Change nothing; show what the fixes would change.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Accept only what Google's service accepts.")] = False,
    form: Annotated[
        LintFormat,
        typer.Option("--format", "-f", help="text, json (lines), sarif, github, markdown.", metavar="FORMAT"),
    ] = LintFormat.TEXT,
    limit: Annotated[
        int, typer.Option(min=0, metavar="N", help="Show at most so many in full as text; 0 for all.")
    ] = 200,
    fail_on: Annotated[
        Level, typer.Option(metavar="LEVEL", help="Exit with 1 from this severity on: error, warning, note, never.")
    ] = Level.WARNING,
    explains: Annotated[
        str | None, typer.Option("--explain", metavar="LINT", help="Show the page of one lint.")
    ] = None,
    lists: Annotated[bool, typer.Option("--list", help="Show all lints.")] = False,
) -> None:
    """Find what goes wrong in rules that can run: what is not meant, what costs too much, what is missing.

    Negations on repeated or absent fields, joins on nothing, clauses that exclude each other, slow patterns, missing
    metadata, quotas. Mistakes that `check` tells are shown as well; rules with errors are not linted. Where the rule is
    right all the same, a comment suppresses the finding and says why:

      $e.principal.ip != "10.0.0.1"  // lint: ignore[W501] one address only

    Settings stand in windshear.toml. Exits with 1 if there are findings of the level `--fail-on`, with 2 if a rule
    cannot run.

    Examples:
      windshear lint rules/
      windshear lint --explain W501
      windshear lint rules/ --select correctness --fail-on note
      windshear lint rules/ --fix --diff
      windshear lint rules/ --baseline lint.json --update-baseline
      windshear lint rules/ --format sarif > lint.sarif
    """
    from windshear.cli.linting import fixes as fixing
    from windshear.cli.linting import pages
    from windshear.cli.linting.run import linted

    if lists or explains is not None:
        if lists:
            pages.print_list()
        else:
            write(pages.explanation(explains or ""))
        return
    job = linted(
        paths or [Path()],
        config,
        baseline,
        (select or (), ignore or ()),
        is_strict=strict,
        may_lack_baseline=updates_baseline,
    )
    if fixes or fixes_unsafe or shows_diff:
        job = job.fixed(fixing.kinds_of(is_unsafe=fixes_unsafe), shows_diff=shows_diff)
    if updates_baseline:
        job.update_baseline()
        raise typer.Exit(job.broken)
    if not shows_diff:
        job.show(form, limit)
    tell(job.said())
    raise typer.Exit(worst(job.failed(fail_on.value), job.broken))
