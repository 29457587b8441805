"""The summary of a run: what was read, what was left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from windshear.cli.console import count, plural, some
from windshear.engine.context_feed import RecordReport
from windshear.engine.feed import Input
from windshear.engine.input_report import InputReport, Reasons
from windshear.logs.readers.read import source_name
from windshear.udm.schema import Root

_SHOWN = 5

_NOUNS: Mapping[Root, str] = {"udm": "event", "graph": "entity", "detection": "earlier detection"}

Say = Callable[[str], None]


def say_input(report: InputReport, say: Say, *, is_quarantine_kept: bool, noun: str = "event") -> None:
    """Say what became of the input; the counts add up. noun: what records become."""
    kinds = ", ".join(f"{name} {number:,}" for name, number in sorted(report.events.items()))
    shown = f" ({kinds})" if kinds else ""
    say(
        f"read {count(report.read, 'record')}: {count(report.event_count, noun)}{shown}, "
        f"{report.quarantined_count:,} quarantined, {report.skipped_count:,} skipped"
    )
    if report.joined_lines > report.joined_records:
        say(f"  {count(report.joined_lines, 'line')} joined to {count(report.joined_records, 'record')}")
    if report.outside_range:
        say(f"  {count(report.outside_range, 'event')} outside of --since and --until")
    for line in _reasons(report.odd_times, "kept"):
        say(line)
    for line in [*_reasons(report.quarantined, "quarantined"), *_reasons(report.skipped, "skipped")]:
        say(line)
    if report.quarantined_count and not is_quarantine_kept:
        say("  (--quarantine FILE keeps quarantined records with their text)")
    for problem in report.problems:
        if problem.kind != "not logs":
            what = "read only in part" if problem.kind == "partial" else "not read"
            say(f"  {what}: {problem.source}: {problem.reason}")
    _say_not_logs(report, say)


def say_context(reports: Mapping[Root, RecordReport], say: Say, *, has_read_entities: bool = False) -> None:
    """Say what became of entities and earlier detections; the counts add up.

    has_read_entities: they were read for something else than rules.
    """
    for root, report in reports.items():
        noun = _NOUNS[root]
        if not report.is_wanted and root == "graph" and has_read_entities:
            continue
        if not report.is_wanted:
            say(f"{report.name} not read: no rule reads {plural(noun)}")
            continue
        broken = report.quarantined.counts.total()
        say(f"read {count(report.used, noun)} from {report.name}, {broken:,} quarantined")
        if report.outside_range:
            say(f"  {count(report.outside_range, noun)} outside of --since and --until")
        for line in _reasons(report.quarantined, "quarantined"):
            say(line)


def context_mistakes(reports: Mapping[Root, RecordReport], *, is_strict: bool) -> list[str]:
    """Return what is wrong with entities and earlier detections as a whole: all are broken, or strictly, some are."""
    mistakes = []
    for root, report in reports.items():
        broken = report.quarantined.counts.total()
        if broken and not report.used and not report.outside_range:
            mistakes.append(f"no {_NOUNS[root]} could be read from `{report.name}`")
        elif broken and is_strict:
            mistakes.append(f"--strict-input: {count(broken, 'record')} of `{report.name}` could not be read")
    return mistakes


def input_mistakes(given: Input, report: InputReport, *, is_strict: bool) -> list[str]:
    """Return what is wrong with an input as a whole: a named file, or everything, gave no event.

    What is empty is not wrong, but a folder without logs is. Strictly, whatever was left out is wrong.
    """
    problems = {problem.source for problem in report.problems}
    named = [source_name(name) for name in given.sources]
    without_events = [
        name for name in named if name in problems | report.with_records and name not in report.with_events
    ]
    mistakes = [f"no event could be read from `{name}`" for name in without_events]
    folders = [name for name in given.sources if Path(name).is_dir()]
    if folders and not report.event_count and not mistakes:
        mistakes.append(f"no event could be read: there are no logs of a known type in {some(folders, _SHOWN)}")
    left_out = report.quarantined_count + report.skipped_count
    if is_strict and (left_out or report.problems):
        counted = f"{count(left_out, 'record')} and {count(len(report.problems), 'file')}"
        mistakes.append(f"--strict-input: {counted} could not be read, or not to the end")
    return mistakes


def _reasons(reasons: Reasons, what: str) -> Iterator[str]:
    most = reasons.counts.most_common(_SHOWN)
    for reason, number in most:
        place = reasons.first[reason]
        where = f"at {place}" if number == 1 else f"first at {place}"
        yield f"  {what} {number:,}: {reason}, {where}"
    rest = reasons.counts.total() - sum(number for _, number in most)
    if rest:
        yield f"  {what} {rest:,} for {count(len(reasons.counts) - len(most), 'more reason')}"


def _say_not_logs(report: InputReport, say: Say) -> None:
    problems = [problem for problem in report.problems if problem.kind == "not logs"]
    if len(problems) == 1:
        say(f"  no log: {problems[0].source}: {problems[0].reason}")
    elif problems:
        say(f"  no logs: {count(len(problems), 'file')}: {some((Path(p.source).name for p in problems), _SHOWN)}")
