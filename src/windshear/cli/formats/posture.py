"""Findings about posture as a table for people, as Markdown and as JSON."""

from __future__ import annotations

import io
from collections.abc import Sequence

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from windshear.cli.posturing import Check
from windshear.response.document import table as markdown_table
from windshear.response.filling import code


def table(checks: Sequence[Check], limit: int) -> str:
    """Return the findings as text of 80 columns or more."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for head, ratio in (("Check", 4), ("Found", 0), ("Weakens", 2), ("Mitigation", 3)):
        grid.add_column(head, ratio=ratio or None, justify="right" if head == "Found" else "left")
    for check in checks:
        grid.add_row(
            Text(f"{check.id} {check.guide.title}"),
            Text(f"{len(check.subjects):,}" if check.is_evaluable else "-"),
            Text(check.facts.get("weakens", "")),
            Text(check.facts.get("mitigation", "")),
        )
    file = io.StringIO()
    console = Console(file=file, width=100, color_system=None)
    console.print(grid)
    for check in (check for check in checks if check.subjects):
        console.print(Text(f"\n{check.id} {check.guide.title}: {check.facts.get('advice', '')}"))
        for subject in check.ranked()[:limit]:
            console.print(Text(f"  {subject.name}  ({subject.events:,} events)  {subject.told}"), soft_wrap=True)
        if len(check.subjects) > limit:
            console.print(Text(f"  and {len(check.subjects) - limit:,} more"))
        if evidence := check.ranked()[0].evidence:
            console.print(Text(f"  evidence: {evidence}"), soft_wrap=True)
    return file.getvalue()


def markdown(checks: Sequence[Check], limit: int) -> str:
    """Return the findings as a page of Markdown."""
    rows = [
        [
            check.id,
            check.guide.title,
            str(len(check.subjects)),
            check.facts.get("weakens", ""),
            check.facts.get("mitigation", ""),
        ]
        for check in checks
    ]
    parts = ["# Posture", markdown_table(["Check", "What", "Found", "Weakens", "Mitigation"], rows)]
    for check in (check for check in checks if check.subjects):
        parts.append(f"## {check.id} {check.guide.title}")
        parts.append(check.facts.get("advice", ""))
        parts.append(
            markdown_table(
                ["Who or what", "Events", "Evidence"],
                [[code(one.name), f"{one.events:,}", code(one.evidence)] for one in check.ranked()[:limit]],
            )
        )
        if len(check.subjects) > limit:
            parts.append(f"{len(check.subjects) - limit:,} more are not shown.")
    return "\n\n".join(part for part in parts if part) + "\n"


def as_json(checks: Sequence[Check]) -> str:
    """Return the findings as one JSON document: `checks[]` with `subjects[]`."""
    found = [
        {
            "check": check.id,
            "rule": check.rule,
            "title": check.guide.title,
            "evaluable": check.is_evaluable,
            "mitigation": check.facts.get("mitigation", ""),
            "weakens": [name.strip() for name in check.facts.get("weakens", "").split(",") if name.strip()],
            "advice": check.facts.get("advice", ""),
            "subjects": [
                {"name": one.name, "events": one.events, "explanation": one.told, "evidence": one.evidence}
                for one in check.ranked()
            ],
        }
        for check in checks
    ]
    return orjson.dumps({"checks": found}, option=orjson.OPT_INDENT_2).decode() + "\n"
