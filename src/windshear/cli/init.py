"""`windshear init`: a repository for rules, with tests and CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from windshear.cli.console import Exit, count, tell


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to put it; the folder is made if it is not there.")
    ] = Path(),
) -> None:
    """Start a repository for rules: an example rule with its tests, settings, a README, and CI for GitHub and GitLab.

    Files that are there already are left as they are.

    Examples:
      windshear init my-rules
      cd my-rules && windshear test
    """
    from windshear.cli.template import write_template

    written, kept = write_template(folder)
    for path in written:
        tell(f"wrote {path}")
    for path in kept:
        tell(f"kept {path}, which was there", style="yellow")
    tell(f"{count(len(written), 'file')} written to {folder}")
    if written:
        tell("next: `windshear test` in that folder, then a rule of your own in rules/")
    raise typer.Exit(Exit.OK)
