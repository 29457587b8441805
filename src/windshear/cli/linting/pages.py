"""What `lint --list` and `lint --explain` show."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.table import Table

from windshear.cli.console import out
from windshear.core.errors import SettingError
from windshear.language.diagnostics.catalogue import lookup as lookup_mistake
from windshear.language.diagnostics.suggest import closest
from windshear.language.lint.catalogue import CATEGORIES, all_lints
from windshear.language.lint.catalogue import lookup as lookup_lint
from windshear.language.lint.lint import Lint

_WIDTH = 78
_FIXES = {
    "safe": "--fix mends it and keeps the meaning.",
    "unsafe": "--unsafe-fixes mends it as advised, which changes what the rule finds.",
}


def print_list() -> None:
    """Print all lints with code, name, category, severity and whether they can be fixed."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("CODE", "NAME", "SEVERITY", "CATEGORY", "FIX"):
        table.add_column(heading, no_wrap=True)
    for lint in all_lints():
        table.add_row(lint.code, lint.name, lint.severity, lint.category, lint.fix or "")
    out.print(table)


def explanation(word: str) -> str:
    """Return the page of a lint, or of a diagnostic, by code or name."""
    lint = lookup_lint(word)
    if lint is not None:
        return "\n".join(_page(lint)) + "\n"
    mistake = lookup_mistake(word)
    if mistake is not None:
        text = textwrap.fill(mistake.explanation, _WIDTH, break_long_words=False, break_on_hyphens=False)
        return f"{mistake.code} {mistake.slug} ({mistake.severity})\n\n{text}\n"
    near = closest(word, [lint.name for lint in all_lints()] + [lint.code for lint in all_lints()])
    raise SettingError(f"there is no lint or diagnostic `{word}`" + (f"; did you mean `{near}`?" if near else ""))


def _page(lint: Lint) -> Iterator[str]:
    yield f"{lint.code} {lint.name} ({lint.severity}, {lint.category})"
    yield lint.title
    yield ""
    yield textwrap.fill(lint.why, _WIDTH, break_long_words=False, break_on_hyphens=False)
    if lint.bad:
        yield from ("", "Not so:", shortened(lint.bad), "", "But so:", shortened(lint.good))
    yield ""
    if lint.fix:
        yield _FIXES[lint.fix]
    yield f"Suppress it where it is right with a reason: // lint: ignore[{lint.code}] why"
    yield from textwrap.wrap(f"Category {lint.category}: {CATEGORIES[lint.category]}", _WIDTH)


def shortened(example: str, longest: int = 400) -> str:
    """Return an example without the empty lines around it; very long lines are cut."""
    lines = example.strip("\n").splitlines()
    return "\n".join(line if len(line) <= longest else line[: longest - 1] + "…" for line in lines)
