"""Formatting rule files: what came of each, and writing those that changed."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from windshear.cli.atomic import output
from windshear.cli.console import is_coloured, tell
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.diagnostics.render import render_text
from windshear.language.format.format import FormatError, format_source
from windshear.language.source import Source

_STDIN = "<stdin>"


@dataclass(frozen=True, slots=True)
class Result:
    """A file before and after. text: None if it cannot be formatted; `problem` or `diagnostics` say why."""

    name: str
    before: str
    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()
    problem: str = ""

    @property
    def is_stdin(self) -> bool:
        """Whether the text came from standard input."""
        return self.name == _STDIN

    @property
    def is_changed(self) -> bool:
        """Whether formatting makes a difference."""
        return self.text is not None and self.text != self.before

    def tell_problems(self, console: Console) -> None:
        """Say why the file cannot be formatted, if so."""
        if self.problem:
            tell(self.problem, style="red", lead="error")
        if self.diagnostics:
            source = Source(self.name, self.before)
            console.file.write(render_text(source, self.diagnostics, color=is_coloured(console)) + "\n")

    def save(self) -> None:
        """Put the new text in the place of the old one, whole or not at all."""
        if self.text is not None:
            with output(Path(self.name)) as stream:
                stream.write(self.text.encode())


def format_file(path: Path) -> Result:
    """Format a rule file."""
    return _formatted(str(path), path.read_bytes())


def format_stdin() -> Result:
    """Format what standard input holds."""
    return _formatted(_STDIN, sys.stdin.buffer.read())


def unified_diff(result: Result) -> str:
    """Return what formatting changes, as `diff -u` writes it."""
    before, after = result.before.splitlines(keepends=True), (result.text or "").splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, result.name, f"{result.name} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _formatted(name: str, content: bytes) -> Result:
    try:
        before = content.decode()
    except UnicodeDecodeError as error:
        return Result(name, "", None, problem=f"{name} is not UTF-8 text (byte {error.start})")
    source = Source(name, before.removeprefix("\ufeff"))
    try:
        formatted = format_source(source)
    except FormatError as error:
        return Result(name, before, None, problem=str(error))
    return Result(name, before, formatted.text, formatted.diagnostics)
