"""Diagnostics of a rule set: as text for people, as JSON lines for tools."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console

from windshear.cli.console import is_coloured
from windshear.language.diagnostics.render import render_text, to_json
from windshear.packs.rules import RuleSet


def print_diagnostics(checked: RuleSet, console: Console, *, only_errors: bool = False) -> None:
    """Print the diagnostics of a rule set, a blank line behind each."""
    for file in checked.files:
        shown = [found for found in file.diagnostics if found.is_error or not only_errors]
        if shown:
            console.file.write(render_text(file.source, shown, color=is_coloured(console)) + "\n")


def json_lines(checked: RuleSet) -> Iterator[str]:
    """Yield one JSON line per diagnostic."""
    for file in checked.files:
        for diagnostic in file.diagnostics:
            yield json.dumps({"file": file.source.name, **to_json(file.source, diagnostic)}) + "\n"
