"""Diagnostics: every mistake with its explanation, and an example from the golden cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.pages.markdown import anchor, code, fenced, page, table
from windshear.language.diagnostics.catalogue import all_mistakes
from windshear.language.diagnostics.diagnostic import Mistake

_ROOT = Path(__file__).parents[2]
_CASES = (
    _ROOT / "tests" / "cases" / "parse",
    _ROOT / "tests" / "language" / "check" / "cases",
    _ROOT / "tests" / "language" / "diagnostics" / "cases",
    _ROOT / "tests" / "cli" / "cases",
)
_LONGEST_EXAMPLE = 14  # lines

_FAMILIES = (
    ("E1", "Syntax"),
    ("E2", "Names"),
    ("E3", "Types and values"),
    ("E4", "Sections"),
    ("E5", "What cannot be run yet"),
    ("W", "Warnings"),
    ("N", "Notes"),
)


def pages() -> dict[str, str]:
    """Return the page, by path below docs/."""
    return {"reference/diagnostics.md": _page()}


def heading(mistake: Mistake) -> str:
    """Return the heading of a mistake's entry."""
    return f"{mistake.code} {mistake.slug}"


def _page() -> str:
    mistakes = all_mistakes()
    rows = [
        (f"[{mistake.code}](#{anchor(heading(mistake))})", code(mistake.slug), mistake.severity, mistake.reference)
        for mistake in mistakes
    ]
    return page(
        "Diagnostics",
        "`windshear check` shows all mistakes of all files in one run, each with its place, the cause and what to "
        "write instead. An *error* keeps a rule from running, a *warning* says that the service may refuse the rule or "
        "that it does something else than it seems to, a *note* is worth knowing. Codes are never reused.",
        "**Class** is the number by which [conformance cases](../../tests/conformance) name the kind of compile error; "
        "several diagnostics may share one.",
        *(part for prefix, title in _FAMILIES for part in _family(title, prefix, mistakes)),
        "## All codes",
        table(("Code", "Name", "Severity", "Class"), rows),
    )


def _family(title: str, prefix: str, mistakes: tuple[Mistake, ...]) -> Iterator[str]:
    yield f"## {title}"
    for mistake in mistakes:
        if mistake.code.startswith(prefix):
            yield f"### {heading(mistake)}"
            kind = mistake.severity.capitalize() + (f", class {mistake.reference}" if mistake.reference else "")
            yield f"{kind}. {mistake.explanation}"
            example = _example(mistake)
            if example:
                yield fenced(example, "text")


def _example(mistake: Mistake) -> str:
    """Return what a person sees, from the first case that is named after the mistake; empty if it is long."""
    for folder in _CASES:
        for path in sorted(folder.glob(f"{mistake.slug}*.yaral"), key=lambda path: (path.stem != mistake.slug, path)):
            for block in _blocks(path.read_text(encoding="utf-8")):
                if f"[{mistake.code}] {mistake.slug}: " in block and block.count("\n") < _LONGEST_EXAMPLE:
                    return block
    return ""


def _blocks(case: str) -> list[str]:
    """Return the rendered diagnostics of a case's head comment."""
    head: list[str] = []
    for line in case.splitlines():
        if not line.startswith("//"):
            break
        head.append(line.removeprefix("//").removeprefix(" "))
    return "\n".join(head).split("\n\n")
