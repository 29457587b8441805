"""The bench: what it refuses to report, and a run of it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from bench import worker
from bench.__main__ import differences, main
from bench.corpus import Corpus
from bench.facts import Facts
from bench.measure import BenchError, Measured, Task
from bench.report import cost_ratio, overview, refuse_empty, stopped, table

PARSED: Facts = {"events": 10}
NORMALISED: Facts = {"events": 10, "rules_loaded": 3, "rules_refused": 0}
SCANNED: Facts = {
    "events": 10,
    "rules_loaded": 3,
    "rules_refused": 1,
    "rules_hit": 2,
    "candidates": 5,
    "detections": 4,
    "rendered": 4,
    "failed": {},
}


def measured(kind: str, facts: Facts, cpu_seconds: float = 1.0) -> Measured:
    """Return a measurement with some facts."""
    return Measured(Task(kind, (kind, "corpus.jsonl")), cpu_seconds, 0.5, 100.0, facts)


def test_a_run_that_did_its_work_is_reported() -> None:
    """Rows, rules and hits in every measurement: nothing is refused, and shares are those of CPU seconds."""
    found = [measured("parse", PARSED), measured("normalise", NORMALISED, 2.0), measured("scan", SCANNED, 4.0)]
    refuse_empty(found)
    text = table(Corpus(Path("corpus.jsonl"), 10, 1_000), found)
    assert "50%" in text
    assert "25%" in text
    assert "3 rules loaded, 1 refused, 2 hit" in text


def test_rules_that_were_stopped_are_named() -> None:
    """The figures stand, and below them which rules did less."""
    found = [measured("parse", PARSED), measured("scan", {**SCANNED, "failed": {"a": "needs more memory"}}, 4.0)]
    refuse_empty(found)
    text = table(Corpus(Path("corpus.jsonl"), 10, 1_000), found)
    assert "25%" in text
    assert text.splitlines()[-1] == "scan: `a` was stopped early: needs more memory"
    assert stopped(found)
    assert not stopped([measured("scan", SCANNED)])


def test_shares_of_every_log_type() -> None:
    """A line says what columns, those of candidates, and whole events cost beside plain parsing."""
    found = [
        measured("parse", PARSED),
        measured("normalise", NORMALISED, 2.0),
        measured("sift", {**NORMALISED, "candidates": 3}, 2.5),
        measured("write", PARSED, 8.0),
    ]
    line = overview([("OKTA, System Log", Corpus(Path("corpus.jsonl"), 10, 1_000), found)]).splitlines()[-1]
    assert line.split()[3:] == ["10", "1.00", "50%", "40%", "30%", "100", "12.5%", "100"]


@pytest.mark.parametrize(
    ("kind", "facts", "problem"),
    [
        ("scan", {**SCANNED, "rules_hit": 0, "detections": 0}, "no rule was hit"),
        ("scan", {**SCANNED, "candidates": 0}, "no rule was hit"),
        ("scan", {**SCANNED, "rules_loaded": 0}, "no rule was loaded"),
        ("normalise", {**NORMALISED, "rules_loaded": 0}, "no rule was loaded"),
        ("normalise", {**NORMALISED, "quarantined": 2}, "2 records of the corpus were broken"),
        ("normalise", {**NORMALISED, "events": 9}, "different numbers of events"),
        ("parse", {"events": 0}, "no or different numbers"),
    ],
)
def test_empty_work_is_refused(kind: str, facts: Facts, problem: str) -> None:
    """A measurement that read, loaded or hit nothing, or lost records, is no measurement."""
    with pytest.raises(BenchError, match=problem):
        refuse_empty([measured("parse", PARSED), measured(kind, facts)])


def test_ratio_of_two_scans() -> None:
    """The cost ratio is that of the second scan to the first, and there is none without a second."""
    first, second = measured("scan", SCANNED, 2.0), measured("scan", SCANNED, 5.0)
    assert cost_ratio([first, second]) == 2.5
    assert cost_ratio([first]) is None


def test_differences_between_scans() -> None:
    """Rules differ if their number of detections or their ids do, or if only one scan found them."""
    fast: Facts = {"per_rule": {"a": 1, "b": 2, "c": 3}, "ids": {"a": "x", "b": "y", "c": "z"}}
    plain: Facts = {"per_rule": {"a": 1, "b": 3, "d": 1}, "ids": {"a": "w", "b": "y", "d": "v"}}
    assert differences(fast, plain) == ["a", "b", "c", "d"]
    assert differences(fast, fast) == []


@pytest.mark.parametrize("task", ["parse", "normalise", "sift", "write", "scan"])
def test_a_missing_file_is_named(task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is measured where there is no file."""
    missing = str(tmp_path / "corpus.jsonl")
    with pytest.raises(SystemExit) as stopped:
        worker.main([task, missing])
    assert stopped.value.code == 2
    assert f"`{missing}` is no file" in capsys.readouterr().err


@pytest.mark.slow
def test_a_small_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command builds a corpus, checks sift, measures in processes of their own and writes both reports."""
    figures = tmp_path / "figures.json"
    options = ["--size", "2MB", "--logs", "azure_ad", "--runs", "1", "--check"]
    assert main([*options, "--work", str(tmp_path), "--json", str(figures)]) == 0
    assert "rules loaded" in capsys.readouterr().out
    names = [found["name"] for found in orjson.loads(figures.read_bytes())["measurements"]]
    assert names == [
        "orjson",
        "normalise, project's rules",
        "sift, project's rules",
        "whole events as JSON Lines",
        "scan, project's rules",
    ]


@pytest.mark.slow
def test_rules_that_hit_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules that find nothing give an error instead of figures."""
    rule = 'rule quiet { meta: author = "test" events: $e.metadata.vendor_name = "nobody" condition: $e }'
    (tmp_path / "quiet.yaral").write_text(rule)
    options = ["--size", "200KB", "--logs", "azure_ad", "--runs", "1", "--rules", str(tmp_path)]
    assert main([*options, "--work", str(tmp_path)]) == 1
    assert "no rule was hit" in capsys.readouterr().err
