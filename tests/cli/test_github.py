"""GitHub annotations and step summaries: hostile text stays text."""

from __future__ import annotations

from pathlib import Path

import pytest

from windshear.cli.formats.github import annotation_lines, summary, write_step_summary
from windshear.cli.formats.reports import Report, diagnostic_report
from windshear.language.diagnostics.diagnostic import Diagnostic, Mistake, Severity
from windshear.language.source import Source, Span

TEXT = "one\ntwo three\nfour\n"


def _report(
    message: str,
    severity: Severity = "warning",
    name: str = "rules/a.yaral",
    span: Span | None = None,
    advice: str = "",
) -> Report:
    mistake = Mistake("W999", "some-name", severity, "", "Why.")
    return diagnostic_report(Source(name, TEXT), Diagnostic(mistake, message, span or Span(8, 13), help=advice))


def test_annotation() -> None:
    """Level, file, place, title and message, as GitHub reads them."""
    (line,) = annotation_lines([_report("it is wrong", advice="mend it")])
    assert line == (
        "::warning file=rules/a.yaral,line=2,endLine=2,col=5,endColumn=10,title=W999 some-name::"
        "it is wrong%0Ahelp: mend it\n"
    )


def test_columns_are_left_out_of_places_over_several_lines() -> None:
    """GitHub refuses columns if the lines differ."""
    (line,) = annotation_lines([_report("x", span=Span(4, 16))])
    assert line.startswith("::warning file=rules/a.yaral,line=2,endLine=3,title=")


def test_worst_come_first() -> None:
    """GitHub shows the first ten of a step: errors, then warnings, then notes."""
    reports = [_report("x", severity) for severity in ("note", "warning", "error")]
    assert [line.split(" ")[0] for line in annotation_lines(reports)] == ["::error", "::warning", "::notice"]


def test_text_of_a_rule_cannot_give_commands() -> None:
    """Line breaks, percent signs, commas and control characters are written as such."""
    (line,) = annotation_lines([_report("50%\n::error::x\x1b[31m\r", name="a,b:c%\n.yaral")])
    assert line.count("\n") == 1
    assert "file=a%2Cb%3Ac%25%0A.yaral," in line
    assert line.endswith("::50%25%0A::error::x\\x1b[31m\\r\n")


def test_summary() -> None:
    """A table of what was found; bars and markup of names stay text; long runs are cut."""
    text = summary([_report("a | b <script>", name="a|b.yaral")], "lint", 3)
    assert "**1 warning** in 3 files." in text
    assert "| a\\|b.yaral:2 | warning | `W999` a \\| b &lt;script> |" in text
    assert "… and 50 more." in summary([_report("x")] * 250, "lint", 1)
    assert "Nothing found in 2 files." in summary([], "check", 2)


def test_step_summary_is_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that GitHub names is added to; outside of GitHub nothing is written."""
    target = tmp_path / "summary.md"
    target.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(target))
    write_step_summary("after\n")
    assert target.read_text() == "before\nafter\n"
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    write_step_summary("nowhere")


def test_step_summary_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A summary that cannot be written is a warning: the findings are out already."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    write_step_summary("x")
    assert "cannot be written" in capsys.readouterr().err
