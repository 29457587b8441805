"""Lints: every lint with its reason and its examples."""

from __future__ import annotations

from collections.abc import Iterator

from tools.pages.markdown import anchor, code, fenced, page, table
from windshear.cli.linting.pages import shortened
from windshear.language.lint.catalogue import CATEGORIES, all_lints
from windshear.language.lint.lint import Lint

_FIXES = {
    "safe": "`--fix` mends it and keeps the meaning of the rule.",
    "unsafe": "`--unsafe-fixes` mends it as advised, which changes what the rule finds: review the result.",
}
_LONGEST_LINE = 120


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/lints.md": _page()}


def heading(lint: Lint) -> str:
    """Return the heading of a lint's entry."""
    return f"{lint.code} {lint.name}"


def _page() -> str:
    rows = [
        (
            f"[{lint.code}](#{anchor(heading(lint))})",
            code(lint.name),
            lint.severity,
            lint.category,
            lint.fix or "",
        )
        for lint in all_lints()
    ]
    return page(
        "Lints",
        "What `windshear lint` finds in rules that can run: what is right by the language and may still not be meant. "
        "Mistakes and warnings of the language itself are [diagnostics](diagnostics.md), which `lint` shows as well. "
        "Codes are never reused. [How to use it](../howto/lint-rules.md): suppressions, configuration, baselines, "
        "fixes.",
        table(("Code", "Name", "Severity", "Category", "Fix"), rows),
        *(part for category, text in CATEGORIES.items() for part in _category(category, text)),
    )


def _category(category: str, text: str) -> Iterator[str]:
    yield f"## {category.capitalize()}"
    yield text
    for lint in all_lints():
        if lint.category == category:
            yield from _entry(lint)


def _entry(lint: Lint) -> Iterator[str]:
    yield f"### {heading(lint)}"
    yield f"{lint.severity.capitalize()}. {lint.title}."
    yield lint.why
    if lint.bad:
        yield "Not so:"
        yield fenced(shortened(lint.bad, _LONGEST_LINE), "text")
        yield "But so:"
        yield fenced(shortened(lint.good, _LONGEST_LINE), "text")
    if lint.fix:
        yield _FIXES[lint.fix]
