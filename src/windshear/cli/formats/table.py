"""Detections for a terminal: what was found, when, who, and why it fired."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from windshear.cli.formats import story
from windshear.detections.detection import Detection

_COLOURS = {"CRITICAL": "bold red", "HIGH": "red", "MEDIUM": "yellow", "LOW": "cyan"}
_WIDEST_LABEL = 20
_LONGEST_CLAUSE = 150


def print_detection(console: Console, detection: Detection) -> None:
    """Print one detection as a block, a blank line behind it."""
    level = story.severity(detection) or "NO SEVERITY"
    title = Text.assemble(
        (level, _COLOURS.get(level, "dim")),
        "  ",
        (story.shorten(detection.rule.name), "bold"),
        (f"  risk {story.risk(detection)}  {story.when(detection)}", "dim"),
    )
    _put(console, title, 0)
    if description := story.description(detection):
        _put(console, Text(description), 2)
    console.print()
    facts = list(story.facts(detection))
    if detection.branch:
        facts.insert(0, ("branch", f"${detection.branch}"))
    width = min(max((len(name) for name, _ in facts), default=0), _WIDEST_LABEL)
    for name, value in facts:
        _put(console, Text(value), 2, label=Text(f"{name:<{width}}  ", "dim"))
    for line in story.conditions(detection):
        _put(console, Text(line), 2, label=Text("because  ", "dim"))
    for name, bound in detection.bound.items():
        _put(console, Text(story.events(bound)), 2, label=Text(f"because of ${name}  ", "dim"))
        for reason in story.reasons(detection, name, longest=_LONGEST_CLAUSE):
            _put(console, Text(reason.clause), 4)
            for line in reason.values:
                _put(console, Text(line, "green"), 6)
    console.print()


def _put(console: Console, text: Text, indent: int, label: Text | None = None) -> None:
    """Print text, wrapped with a hanging indent behind its label."""
    first = Text.assemble(" " * indent, label or "")
    width = max(console.width - first.cell_len, 20)
    for line in text.wrap(console, width, overflow="fold"):
        line.rstrip()
        console.print(first + line, soft_wrap=True)
        first = Text(" " * first.cell_len)
