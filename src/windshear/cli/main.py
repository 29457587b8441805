"""The `windshear` command: collects the commands, and turns errors into messages and exit codes."""

from __future__ import annotations

import inspect
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from types import FrameType
from typing import Annotated

import typer
from typer.core import TyperCommand

from windshear.cli.baseline import build, show
from windshear.cli.check import check
from windshear.cli.conformance import conformance
from windshear.cli.console import Exit, ReaderGoneError, tell, write
from windshear.cli.coverage import coverage
from windshear.cli.demo import demo
from windshear.cli.diff import diff
from windshear.cli.evaluate import evaluate
from windshear.cli.explain import explain
from windshear.cli.fmt import fmt
from windshear.cli.history import history
from windshear.cli.init import init
from windshear.cli.lint import lint
from windshear.cli.normalize import normalize
from windshear.cli.posture import posture
from windshear.cli.report import report
from windshear.cli.scan import scan
from windshear.cli.search import search
from windshear.cli.simulate import simulate
from windshear.cli.test import test
from windshear.cli.tune import tune
from windshear.core.errors import WindshearError

# In the order of the help page, each with the line that stands there.
COMMANDS: tuple[tuple[Callable[..., None], str], ...] = (
    (demo, "See it work: sample logs and the built-in rules."),
    (scan, "Run rules over logs and show what they find."),
    (report, "Write what detections say, what to ask and what to do."),
    (search, "Ask logs a question, and show events or statistics."),
    (explain, "Show why a rule matched some logs, or why it did not."),
    (check, "Check rules and show every mistake in them."),
    (test, "Run the tests beside rules."),
    (lint, "Find what goes wrong in rules that can run."),
    (fmt, "Lay out rules in one way, comments kept."),
    (init, "Start a repository for rules, with tests and CI."),
    (diff, "Show what a change of rules changes in the detections."),
    (coverage, "Show what rules cover of ATT&CK, and what given logs can show."),
    (posture, "Show weak spots that logs tell of, as facts and not as alerts."),
    (evaluate, "Measure rules on labelled logs: found, missed, false alarms."),
    (tune, "Propose rows of data tables that silence false alarms."),
    (normalize, "Turn logs into UDM events."),
    (simulate, "Write logs of a made-up company with an attack in them, labelled."),
    (history, "Count earlier logs for rules that compare with history."),
    (conformance, "Run test cases of the language's semantics."),
)
# Commands with a name in common, by that name: what they are about, and each as above.
GROUPS: tuple[tuple[str, str, tuple[tuple[Callable[..., None], str], ...]], ...] = (
    (
        "baseline",
        "Learn from earlier logs what is usual, for rules that ask what is new.",
        (
            (build, "Make the baseline tables that rules compare with, from earlier logs."),
            (show, "Show what baseline tables know of everybody, or of one person or host."),
        ),
    ),
)


class _Command(TyperCommand):
    """A command whose help writes arguments as manuals do: `INPUT...`."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override] # Typer keeps the wider class to itself
        """Return the help page."""
        text = re.sub(r"\{([\w.]+)\}(?=[\s.])", r"\1", super().get_help(ctx))
        return re.sub(r" <list\[\w+\]>(.*)  \[required\]", r"...\1", text)


def _show_version(value: bool) -> None:
    if value:
        write(f"windshear {version('windshear')}\n")
        raise typer.Exit


def _root(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Run YARA-L 2.0 rules over raw logs: detections that explain themselves.

    Results go to standard output, everything else to standard error. `windshear COMMAND --help` tells more, with
    examples.

    Exit codes, the same for every command:
      0    the run finished
      1    something was found or failed, where asked for (--exit-code)
      2    a rule cannot be loaded; the others ran
      3    an input is missing or unreadable, or a setting is wrong
      130  interrupted
    """
    if context.invoked_subcommand is None:
        write(context.get_help() + "\n")


def _group(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        write(context.get_help() + "\n")


def _help(function: Callable[..., None]) -> str:
    """Return a docstring as help text in which lists keep their lines, which a backspace asks for."""
    text = inspect.getdoc(function) or ""
    return "\n\n".join("\b\n" + part if ":\n  " in part else part for part in text.split("\n\n"))


def _group_help(line: str, commands: Iterable[tuple[Callable[..., None], str]]) -> str:
    """Return what a group is about, and the first example of each of its commands."""
    found = (re.search(r"^ *Examples?:\n +(.+)$", command.__doc__ or "", re.MULTILINE) for command, _ in commands)
    return "\n".join([f"{line}\n\n\b\nExamples:", *(f"  {example[1]}" for example in found if example)])


def _app() -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True, help=_help(_root))(_root)
    for command, line in COMMANDS:
        app.command(cls=_Command, help=_help(command), short_help=line)(command)
    for name, line, commands in GROUPS:
        group = typer.Typer(rich_markup_mode=None)
        group.callback(invoke_without_command=True, help=_group_help(line, commands))(_group)
        for command, said in commands:
            group.command(cls=_Command, help=_help(command), short_help=said)(command)
        app.add_typer(group, name=name, short_help=line)
    return app


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    try:
        code = int(_app()(arguments, standalone_mode=False) or Exit.OK)
    except typer.TyperException as mistake:
        tell(mistake.format_message(), style="bold red", lead="error")
        context = getattr(mistake, "ctx", None)
        tell(f"try `{context.command_path if context else 'windshear'} --help`")
        return Exit.BAD_INPUT
    except typer.Abort:
        code = Exit.INTERRUPTED
    except WindshearError as error:
        tell(str(error), style="bold red", lead="error")
        return Exit.BAD_INPUT
    except ReaderGoneError:
        return _reader_gone()
    except OSError as error:  # a full disk, a folder that went away
        return _world_failed(error)
    except SystemExit as stop:
        if stop.code != 1:
            raise
        return _reader_gone()  # Typer met a broken pipe: nothing else makes it exit by itself in this mode
    if code == Exit.INTERRUPTED:
        tell("interrupted; no output file was left half-written")
    return code


def main() -> None:
    """Run the command line and end the process; the entry point of the installed script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack the letters that a log holds
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        code = _reader_gone()
    except OSError as error:
        code = _world_failed(error)
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    sys.exit(code)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End as an error does, so that temporary files go."""
    sys.exit(128 + number)


def _reader_gone() -> Exit:
    """End in peace: whoever read the output has seen enough."""
    _forget_output()
    return Exit.OK


def _world_failed(error: OSError) -> Exit:
    place = f" (`{error.filename}`)" if error.filename else ""
    tell(f"cannot go on: {error.strerror or error}{place}", style="bold red", lead="error")
    _forget_output()
    return Exit.BAD_INPUT


def _forget_output() -> None:
    """Let what is still buffered vanish, instead of failing once more at the interpreter's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
