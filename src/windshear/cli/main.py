"""The `windshear` command: collects the commands, and turns errors into messages and exit codes."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from windshear.cli.check import check
from windshear.cli.conformance import conformance
from windshear.cli.console import Exit, err, out
from windshear.cli.demo import demo
from windshear.cli.normalize import normalize
from windshear.cli.scan import scan
from windshear.core.errors import WindshearError

app = typer.Typer(
    name="windshear",
    help="Run YARA-L 2.0 rules over raw logs: detections that explain themselves.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (scan, check, normalize, demo, conformance):
    app.command()(command)


def _show_version(value: bool) -> None:
    if value:
        out.print(f"windshear {version('windshear')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Run YARA-L 2.0 rules over raw logs: detections that explain themselves.

    Exit codes, the same for every command: **0** finished; **1** findings, where asked for; **2** a rule cannot be
    loaded (the others ran); **3** an input is missing or unreadable, or a setting is wrong; **130** interrupted.
    """


def main() -> None:
    """Run the command line; the entry point of the installed script."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as stop:
        code = stop.exit_code
    except typer.Abort:
        code = Exit.INTERRUPTED
    except KeyboardInterrupt:
        err.print("interrupted; nothing half-written was left")
        code = Exit.INTERRUPTED
    except WindshearError as error:
        err.print(f"[bold red]error[/]: {error}", soft_wrap=True)
        code = Exit.BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: nothing more to say
        code = Exit.OK
    sys.exit(int(code or 0))
