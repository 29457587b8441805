"""Detections as Markdown, for tickets and reports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from windshear.cli.console import printable
from windshear.cli.formats import story
from windshear.detections.detection import Detection

_SPECIAL = re.compile(r"[\\`*{}\[\]<>#|!~$@&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def lines(detection: Detection) -> Iterator[str]:
    """Yield the Markdown lines of one detection."""
    level = story.severity(detection) or "no severity"
    yield f"## {plain(detection.rule.name)} — {plain(level)}, risk {story.risk(detection)}"
    yield ""
    if description := story.description(detection):
        yield plain(description)
        yield ""
    yield f"- time: {story.when(detection)}"
    yield f"- detection: `{detection.id}`"
    if detection.branch:
        yield f"- branch: `${detection.branch}`"
    for name, value in story.facts(detection):
        yield f"- {plain(name)}: {code(value)}"
    for line in story.conditions(detection):
        yield f"- because {code(line)}"
    for name, bound in detection.bound.items():
        yield f"- because of `${name}`: {plain(story.events(bound))}"
        for reason in story.reasons(detection, name):
            yield f"  - {code(reason.clause)}"
            for line in reason.values:
                yield f"    - {code(line)}"
    yield ""


def plain(value: str) -> str:
    """Return text in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\g<0>", printable(value))


def code(value: str) -> str:
    """Return a code span that survives back-quotes inside."""
    longest = max((len(run) for run in re.findall("`+", value)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or value != value.strip() else ""
    return f"{fence}{pad}{value}{pad}{fence}"
