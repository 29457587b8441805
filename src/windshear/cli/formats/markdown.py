"""Detections as Markdown, for tickets and reports."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.cli.formats import story
from windshear.detections.detection import Detection

_SPECIAL = str.maketrans({c: "\\" + c for c in "\\`*_{}[]<>#|!"})


def lines(detection: Detection) -> Iterator[str]:
    """Yield the Markdown lines of one detection."""
    level = story.severity(detection)
    yield f"## {_plain(detection.rule.name)} — {level}, risk {story.risk(detection)}"
    yield ""
    if description := detection.rule.meta_value("description"):
        yield _plain(story.shorten(description))
        yield ""
    yield f"- time: {story.when(detection)}"
    yield f"- detection: `{detection.id}`"
    if detection.branch:
        yield f"- branch: `${detection.branch}`"
    for name, value in story.facts(detection):
        yield f"- {_plain(name)}: {_plain(value)}"
    for name, bound in detection.bound.items():
        yield f"- events {_plain(story.events(name, bound))}"
        for reason in story.reasons(bound):
            shown = f": {_plain(reason.values)}" if reason.values else ""
            yield f"  - {_code(reason.clause)}{shown}"
    yield ""


def _plain(value: str) -> str:
    return value.translate(_SPECIAL)


def _code(value: str) -> str:
    """Return a code span that survives back-quotes inside."""
    fence = "``" if "`" in value else "`"
    pad = " " if "`" in value else ""
    return f"{fence}{pad}{value}{pad}{fence}"
