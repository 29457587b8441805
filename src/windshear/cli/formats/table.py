"""Detections for a terminal: what was found, when, who, and why it fired."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from windshear.cli.formats import story
from windshear.detections.detection import Detection

_COLOURS = {"CRITICAL": "bold red", "HIGH": "red", "MEDIUM": "yellow", "LOW": "cyan"}


def print_detection(console: Console, detection: Detection) -> None:
    """Print one detection as a block."""
    level = story.severity(detection)
    title = Text()
    title.append(f"{level:<8} ", style=_COLOURS.get(level, "dim"))
    title.append(detection.rule.name, style="bold")
    title.append(f"  risk {story.risk(detection)}  {story.when(detection)}", style="dim")
    console.print(title)
    if description := detection.rule.meta_value("description"):
        console.print(Padding(Text(story.shorten(description)), (0, 0, 0, 2)))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    if detection.branch:
        grid.add_row("branch", Text(f"${detection.branch}"))
    for name, value in story.facts(detection):
        grid.add_row(Text(name), Text(value))
    for name, bound in detection.bound.items():
        grid.add_row("events", Text(story.events(name, bound)))
        for position, reason in enumerate(story.reasons(bound)):
            line = Text(reason.clause)
            if reason.values:
                line.append(f"\n  {reason.values}", style="green")
            grid.add_row("why" if position == 0 else "", line)
    console.print(Padding(grid, (0, 0, 1, 2)))
