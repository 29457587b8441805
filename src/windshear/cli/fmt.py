"""`windshear fmt`: one layout for all rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.console import Exit, count, err, tell, worst, write


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Rule files, or folders of them; `-` reads standard input. Without one, the current folder.",
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    only_checks: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 if a file would change.")
    ] = False,
    shows_diff: Annotated[
        bool, typer.Option("--diff", help="Change nothing; show what would change as a unified diff.")
    ] = False,
) -> None:
    """Lay out rules in the one way that all Windshear rules have, and keep their comments and their meaning.

    Line breaks and indentation are set anew; long expressions are broken at their operators and commas. Blank lines
    between predicates stay, one at a time. Tokens are never changed, apart from keywords, which are written in small
    letters, and formatting twice is formatting once. A file with syntax errors is left as it is, with its mistakes
    told, and the exit code is 2.

    Examples:
      windshear fmt rules/
      windshear fmt --check rules/           # in CI
      windshear fmt --diff my_rule.yaral
      cat my_rule.yaral | windshear fmt -
    """
    from windshear.cli.formatting import format_file, format_stdin, unified_diff
    from windshear.packs.rules import rule_files

    named = paths or [Path()]
    changes_files = not (only_checks or shows_diff)
    if [str(path) for path in named] == ["-"]:
        results = [format_stdin()]
    else:
        results = [format_file(path) for path in rule_files(named)]
    for result in results:
        result.tell_problems(err)
        if shows_diff and result.is_changed:
            write(unified_diff(result))
        elif result.is_stdin and changes_files:
            write(result.text if result.text is not None else result.before)
        elif only_checks and result.is_changed:
            tell(f"would change {result.name}")
        elif changes_files and result.is_changed:
            result.save()
            tell(f"changed {result.name}")
    changed = sum(result.is_changed for result in results)
    broken = sum(result.text is None for result in results)
    if not (results[0].is_stdin and changes_files):
        would = "changed" if changes_files else "would change"
        left = f", {count(broken, 'file')} left as broken" if broken else ""
        tell(f"{count(changed, 'file')} {would}, {len(results) - changed - broken:,} unchanged{left}")
    found = Exit.FINDINGS if changed and (only_checks or shows_diff) else Exit.OK
    raise typer.Exit(worst(found, Exit.BROKEN_RULE if broken else Exit.OK))
