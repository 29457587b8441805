"""Differences between two versions of rules, for people, reviews and tools."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import orjson

from windshear.cli.console import count, printable
from windshear.cli.differing import Diff, RuleDiff
from windshear.cli.formats import story
from windshear.cli.formats.markdown import code, plain
from windshear.detections.comparison import Change, ChangeKind, Difference
from windshear.detections.detection import Detection
from windshear.detections.rendering import text

_WIDTH = 80  # columns
_MOST_DIFFERENCES = 6
_SIGNS: dict[ChangeKind, str] = {"appeared": "+", "vanished": "-", "changed": "~"}


def as_text(diff: Diff, limit: int) -> str:
    """Return differences as text of at most 80 columns."""
    lines = [headline(diff)]
    for rule in diff.rules:
        lines += ["", *_wrapped(printable(f"{rule.name}: {_counts(rule)}"), "", "  ")]
        for number, change in enumerate(rule.found.changes[:limit]):
            lines += _wrapped(printable(f"{_SIGNS[change.kind]} {_what(change.shown)}"), "  ", "    ")
            for item in _details(rule, number, change):
                lines += _wrapped(printable(item), "      ", "        ")
        if len(rule.found.changes) > limit:
            lines.append(f"  … and {len(rule.found.changes) - limit:,} more")
    return "".join(f"{line}\n" for line in lines)


def as_markdown(diff: Diff, limit: int) -> str:
    """Return differences as Markdown for a review."""
    lines = ["# Detections before and after", "", plain(headline(diff))]
    for rule in diff.rules:
        lines += ["", f"## {plain(rule.name)}", "", plain(_counts(rule)), ""]
        for number, change in enumerate(rule.found.changes[:limit]):
            lines.append(f"- **{change.kind}** {code(printable(_what(change.shown)))}")
            lines += [f"  - {plain(item)}" for item in _details(rule, number, change)]
        if len(rule.found.changes) > limit:
            lines.append(f"- and {len(rule.found.changes) - limit:,} more")
    return "".join(f"{line}\n" for line in lines)


def as_json(diff: Diff) -> str:
    """Return all differences as one JSON object: per rule its counts and its changes."""
    rules = [
        {
            "rule": rule.new or rule.old,
            "old_name": rule.old,
            "new_name": rule.new,
            "failures": rule.failures,
            "is_cut": rule.is_cut,
            "unchanged": rule.found.unchanged,
            "changes": [_change_json(rule, number, change) for number, change in enumerate(rule.found.changes)],
        }
        for rule in diff.rules
    ]
    whole = {"events": diff.events, "same_text": diff.same, "rules": rules}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n"


def headline(diff: Diff) -> str:
    """Return what differs, in a sentence."""
    changes = [change for rule in diff.rules for change in rule.found.changes]
    counts = [f"{sum(c.kind == kind for c in changes):,} {kind}" for kind in _SIGNS]
    same = f"; {count(diff.same, 'rule')} with the same text not compared" if diff.same else ""
    return f"{count(len(diff.rules), 'rule')} compared on {count(diff.events, 'event')}: {', '.join(counts)}{same}"


def _counts(rule: RuleDiff) -> str:
    if rule.failures:
        return f"not compared: {'; '.join(rule.failures)}"
    parts = [f"{rule.found.count(kind):,} {kind}" for kind in _SIGNS if rule.found.count(kind)]
    parts.append(f"{rule.found.unchanged:,} unchanged")
    only = " (a new rule)" if rule.old is None else " (the rule is gone)" if rule.new is None else ""
    cut = "; only the first detections are compared" if rule.is_cut else ""
    return ", ".join(parts) + only + cut


def _what(detection: Detection) -> str:
    """Return which finding it is: its time, match values, and the events of each variable."""
    values = [f"{value.name}={story.shorten(text(value))}" for value in detection.match]
    events = [f"${name} {story.events(bound)}" for name, bound in detection.bound.items()]
    return "  ".join([story.when(detection), *values, *events])


def _details(rule: RuleDiff, number: int, change: Change) -> Iterator[str]:
    for difference in change.differences[:_MOST_DIFFERENCES]:
        yield _difference(difference)
    if len(change.differences) > _MOST_DIFFERENCES:
        yield f"and {len(change.differences) - _MOST_DIFFERENCES} more differences"
    side = "the old rule" if change.kind == "appeared" else "the new rule"
    for reason in rule.reasons.get(number, ()):
        yield f"{side}: {story.shorten(reason, 400)}"


def _difference(difference: Difference) -> str:
    old, new = (story.shorten(value) if value else "nothing" for value in (difference.old, difference.new))
    return f"{difference.what}: {old} → {new}"


def _change_json(rule: RuleDiff, number: int, change: Change) -> dict[str, object]:
    shown = change.shown
    return {
        "kind": change.kind,
        "time": story.when(shown),
        "match": {value.name: text(value) for value in shown.match},
        "events": {
            name: [reference.product_log_id or reference.id for reference in bound.references]
            for name, bound in shown.bound.items()
        },
        "differences": [{"what": one.what, "old": one.old, "new": one.new} for one in change.differences],
        "reasons": rule.reasons.get(number, ()),
    }


def _wrapped(line: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        line, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=True, break_on_hyphens=False
    )
