"""The summary: what is said of an input, and what is wrong with it as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.cli.summary import input_mistakes, say_input
from windshear.engine.feed import Input
from windshear.engine.input_report import InputReport
from windshear.logs.quarantine import SourceProblem


def said(report: InputReport, *, is_quarantine_kept: bool = False) -> list[str]:
    """Return the lines of a summary."""
    lines: list[str] = []
    say_input(report, lines.append, is_quarantine_kept=is_quarantine_kept)
    return lines


def test_nothing_read() -> None:
    """No records, no lists of reasons."""
    assert said(InputReport()) == ["read 0 records: 0 events, 0 quarantined, 0 skipped"]


def test_reasons_are_ordered_and_bounded() -> None:
    """The most frequent reasons come first, with the place of the first record; the rest is counted."""
    report = InputReport(read=29)
    for number in range(7):
        report.skipped.note(f"reason {number}", f"a.json:{number}", number + 1)
    report.quarantined.note("broken", "b.json:4")
    assert said(report) == [
        "read 29 records: 0 events, 1 quarantined, 28 skipped",
        "  quarantined 1: broken, at b.json:4",
        "  skipped 7: reason 6, first at a.json:6",
        "  skipped 6: reason 5, first at a.json:5",
        "  skipped 5: reason 4, first at a.json:4",
        "  skipped 4: reason 3, first at a.json:3",
        "  skipped 3: reason 2, first at a.json:2",
        "  skipped 3 for 2 more reasons",
        "  (--quarantine FILE keeps quarantined records with their text)",
    ]
    assert not any("--quarantine" in line for line in said(report, is_quarantine_kept=True))


def test_files_are_named_by_what_is_wrong() -> None:
    """Partly read and unreadable files are named with the reason, files that are no logs in one line."""
    problems = [
        SourceProblem("a.gz", "the gzip data end too early", "partial"),
        SourceProblem("b", "Permission denied", "unreadable"),
        *(SourceProblem(f"{folder}/README.md", "not JSON", "not logs") for folder in "abc"),
        SourceProblem("c/x.png", "binary data", "not logs"),
    ]
    assert said(InputReport(problems=problems))[1:] == [
        "  read only in part: a.gz: the gzip data end too early",
        "  not read: b: Permission denied",
        "  no logs: 4 files: README.md, x.png",
    ]


def report_of(*, events: int = 0, with_records: str = "", with_events: str = "", quarantined: int = 0) -> InputReport:
    """Return a report on inputs named by single letters."""
    report = InputReport(read=events + quarantined, with_records=set(with_records), with_events=set(with_events))
    report.events["UDM"] += events
    if quarantined:
        report.quarantined.note("broken", "a:1", quarantined)
    return report


@pytest.mark.parametrize(
    ("report", "is_strict", "expected"),
    [
        (report_of(), False, []),
        (report_of(events=1, with_records="ab", with_events="ab"), True, []),
        (report_of(events=1, with_records="ab", with_events="a"), False, ["no event could be read from `b`"]),
        (report_of(events=1, with_records="a", with_events="a", quarantined=2), False, []),
        (
            report_of(events=1, with_records="a", with_events="a", quarantined=2),
            True,
            ["--strict-input: 2 records and 0 files could not be read, or not to the end"],
        ),
    ],
)
def test_mistakes(report: InputReport, *, is_strict: bool, expected: list[str]) -> None:
    """An input that gives nothing is wrong unless it is empty; strictly, whatever is left out is."""
    assert input_mistakes(Input(("a", "b")), report, is_strict=is_strict) == expected


def test_folder_without_logs_is_a_mistake(tmp_path: Path) -> None:
    """A folder is named in order to read what is in it."""
    (mistake,) = input_mistakes(Input((str(tmp_path),)), report_of(), is_strict=False)
    assert str(tmp_path) in mistake
    assert input_mistakes(Input((str(tmp_path),)), report_of(events=1), is_strict=False) == []
