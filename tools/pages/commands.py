"""Commands: help, arguments, options and exit codes, from the command line itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

import typer
from typer.core import TyperArgument, TyperOption

from tools.pages.markdown import code, fenced, page, table
from windshear.cli.commands import COMMANDS, GROUPS, function_of
from windshear.cli.console import Exit

_EXIT_MEANINGS: dict[Exit, str] = {
    Exit.OK: "the run finished; broken records and skipped files are counted and told, and are no failure",
    Exit.FINDINGS: "something was found (`scan --exit-code`, `lint`) or failed (`conformance`)",
    Exit.BROKEN_RULE: "at least one rule cannot be loaded or evaluated; the others ran",
    Exit.BAD_INPUT: "an input is missing or gave no event, a setting is wrong, or `--strict-input` found something",
    Exit.INTERRUPTED: "interrupted with Ctrl-C; no output file is left half-written",
}


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/commands.md": _page()}


def _page() -> str:
    index = [(f"[{name}](#{name.replace(' ', '-')})", line) for name, _, line in _named()]
    return page(
        "Commands",
        "Results go to standard output, everything else to standard error. `-h` or `--help` after a command shows what "
        "stands here; `windshear --version` shows the version.",
        table(("Command", "Does"), index),
        "## Exit codes",
        "The same for every command. If several apply, the highest is given.",
        table(("Code", "Meaning"), [(str(code_.value), _EXIT_MEANINGS[code_]) for code_ in Exit]),
        *(part for name, function, _ in _named() for part in _command(name, function)),
    )


def _named() -> Iterator[tuple[str, Callable[..., None], str]]:
    yield from ((name, function_of(name), line) for name, line in COMMANDS.items())
    for group, (_, lines) in GROUPS.items():
        yield from ((f"{group} {name}", function_of(name, group), line) for name, line in lines.items())


def _command(name: str, function: Callable[..., None]) -> Iterator[str]:
    app = typer.Typer(add_completion=False)
    app.command()(function)
    yield f"## {name}"
    for paragraph in (inspect.getdoc(function) or "").split("\n\n"):
        head, _, lines = paragraph.partition("\n")
        if head in ("Example:", "Examples:"):
            yield head
            yield fenced("\n".join(line.strip() for line in lines.split("\n")), "text")
        else:
            yield paragraph
    parameters = typer.main.get_command(app).params
    arguments = [item for item in parameters if isinstance(item, TyperArgument)]
    if arguments:
        yield table(("Argument", "Meaning"), [(code(f"{item.metavar}..."), item.help or "") for item in arguments])
    options = [_option_row(item) for item in parameters if isinstance(item, TyperOption)]
    if options:
        yield table(("Option", "Meaning", "Default"), options)


def _option_row(option: TyperOption) -> tuple[str, str, str]:
    value = "" if option.is_flag else f" {option.metavar}"
    names = ", ".join(code(name + value) for name in sorted(option.opts, key=len))
    default = "" if option.is_flag or option.default is None else code(_plain(option.default))
    return names, option.help or "", default


def _plain(value: object) -> str:
    """Return a default as it is typed: an enumeration's member is its value."""
    return re.sub(r"^[A-Za-z]+\.", "", str(getattr(value, "value", value)))
