"""What the process of `windshear` does: chooses a command, and turns errors into messages and exit codes."""

from __future__ import annotations

import gc
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import typer
from typer.core import TyperCommand

from windshear.cli.commands import COMMANDS, GROUPS, function_of
from windshear.cli.console import Exit, ReaderGoneError, tell, write
from windshear.cli.signals import stop_if_heard
from windshear.core.errors import WindshearError
from windshear.core.freed_memory import keep_freed_memory

# Collecting cycles as often as Python does takes a tenth of a short run, for modules that are loaded make many objects.
_COLLECTION = (50_000, 20, 100)


class _Command(TyperCommand):
    """A command whose help writes arguments as manuals do: `INPUT...`."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override] # Typer keeps the wider class to itself
        """Return the help page."""
        text = re.sub(r"\{([\w.]+)\}(?=[\s.])", r"\1", super().get_help(ctx))
        return re.sub(r" <list\[\w+\]>(.*)  \[required\]", r"...\1", text)


def _show_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

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


def _group_help(line: str, commands: Iterable[Callable[..., None]]) -> str:
    """Return what a group is about, and the first example of each of its commands."""
    found = (re.search(r"^ *Examples?:\n +(.+)$", command.__doc__ or "", re.MULTILINE) for command in commands)
    return "\n".join([f"{line}\n\n\b\nExamples:", *(f"  {example[1]}" for example in found if example)])


def _app(chosen: str | None) -> typer.Typer:
    """Return the command line with one command, or group of them, that is loaded; of the others it knows the lines."""
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True, help=_help(_root))(_root)
    for name, line in COMMANDS.items():
        if name == chosen:
            _add(app, function_of(name), line)
        else:
            app.command(name, short_help=line)(_not_loaded)
    for name, (line, lines) in GROUPS.items():
        group, help_page = typer.Typer(rich_markup_mode=None), line
        if name == chosen:
            functions = [function_of(command, name) for command in lines]
            help_page = _group_help(line, functions)
            for function in functions:
                _add(group, function, lines[function.__name__])
        group.callback(invoke_without_command=True, help=help_page)(_group)
        app.add_typer(group, name=name, short_help=line)
    return app


def _add(app: typer.Typer, function: Callable[..., None], line: str) -> None:
    app.command(cls=_Command, help=_help(function), short_help=line)(function)


def _not_loaded() -> None:
    """Stand for a command that was not chosen."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    chosen = next((word for word in given if not word.startswith("-")), None)  # no option before it takes a value
    try:
        code = _invoked(chosen, arguments)
    except typer.TyperException as mistake:
        tell(mistake.format_message().replace(": Value error, ", ": "), style="bold red", lead="error")
        context = getattr(mistake, "ctx", None)
        tell(f"try `{context.command_path if context else 'windshear'} --help`")
        return Exit.BAD_INPUT
    except (typer.Abort, KeyboardInterrupt):
        code = Exit.INTERRUPTED
    except WindshearError as error:
        tell(error.message, style="bold red", lead="error")
        for detail in error.details:
            tell(f"  {detail}")
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


def _invoked(chosen: str | None, arguments: Sequence[str] | None) -> int:
    try:
        return int(_app(chosen)(arguments, standalone_mode=False) or Exit.OK)
    except RuntimeError:  # DuckDB makes one of whatever a signal raises in a query
        stop_if_heard()
        raise


def run_to_end() -> int:
    """Run the command line of this process and return its exit code, with everything written."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack the letters that a log holds
    gc.set_threshold(*_COLLECTION)
    keep_freed_memory()
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        code = _reader_gone()
    except OSError as error:
        code = _world_failed(error)
    gc.freeze()  # what is left goes with the process: looking through it for cycles would take a tenth of a second
    return code


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
