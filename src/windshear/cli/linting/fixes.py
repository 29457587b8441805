"""Fixing files: what would change as a diff, or the changed files themselves."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from windshear.cli.atomic import output
from windshear.cli.console import count, tell, write
from windshear.language.check.scope import Mode
from windshear.language.front import Compiled, compile_source
from windshear.language.lint.fixing import fix_file
from windshear.language.lint.lint import FixKind
from windshear.language.lint.settings import LintSettings
from windshear.language.source import Source


def kinds_of(*, is_unsafe: bool) -> tuple[FixKind, ...]:
    """Return which fixes are wanted."""
    return ("safe", "unsafe") if is_unsafe else ("safe",)


def fix_files(
    files: Sequence[Compiled],
    settings_of: Callable[[str], LintSettings],
    mode: Mode,
    kinds: Collection[FixKind],
    *,
    shows_diff: bool,
) -> tuple[Compiled, ...]:
    """Return the files as they are after the fixes. With `shows_diff` the changes are written out and not made."""
    after, changed, applied = [], 0, 0
    for file in files:
        fixed = fix_file(file, settings_of(file.source.name), kinds, lambda source: compile_source(source, mode))
        if fixed.text == file.source.text:
            after.append(file)
            continue
        changed, applied = changed + 1, applied + len(fixed.applied)
        if shows_diff:
            write(_diff(file.source, fixed.text))
            after.append(file)
        else:
            _save(file.source, fixed.text)
            after.append(compile_source(Source(file.source.name, fixed.text), mode))
    would = "would fix" if shows_diff else "fixed"
    tell(f"{would} {count(applied, 'finding')} in {count(changed, 'file')}")
    return tuple(after)


def _save(source: Source, text: str) -> None:
    path = Path(source.name)
    before = path.read_bytes()
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    if before[len(mark) :] != source.text.encode("utf-8", "surrogatepass"):
        tell(f"{source.name} is not UTF-8 text or changed meanwhile: left as it is", style="yellow", lead="warning")
        return
    with output(path) as stream:
        stream.write(mark + text.encode("utf-8", "surrogatepass"))


def _diff(source: Source, text: str) -> str:
    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, source.name, f"{source.name} (fixed)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
