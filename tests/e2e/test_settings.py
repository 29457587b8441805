"""Wrong settings: one clear line, exit code 3, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import line, quiet_lines, windshear
from windshear.logs.catalogue import entity_types, log_types

MISTAKES = {
    "no input": (("scan",), "Missing argument 'INPUT'"),
    "unknown command": (("scann", "logs.jsonl"), "No such command 'scann'"),
    "unknown option": (("scan", "logs.jsonl", "--sincee", "2025"), "No such option: --sincee"),
    "unknown format": (("scan", "logs.jsonl", "-f", "yaml"), "'yaml' is not one of"),
    "wrong number": (("scan", "logs.jsonl", "--jobs", "0"), "Invalid value for '--jobs'"),
    "too many threads": (("scan", "logs.jsonl", "--jobs", "99999"), "Invalid value for '--jobs'"),
    "no such format": (("scan", "logs.jsonl", "-f", "xml"), "Invalid value for '--format' / '-f': 'xml' is not one of"),
    "no value": (("scan", "logs.jsonl", "--set", "merging"), "is written `name=value`, not `merging`; there are"),
    "wrong time": (("scan", "logs.jsonl", "--since", "yesterday"), "`--since yesterday` is no time; write 2025-03-12"),
    "empty range": (
        ("scan", "logs.jsonl", "--since", "2025-01-02", "--until", "2025-01-01"),
        "nothing lies between `--since 2025-01-02` and `--until 2025-01-01`",
    ),
    "wrong type": (("scan", "logs.jsonl", "--type", "syslog"), "`--type syslog` is unknown; `--type list` prints"),
    "mistyped type": (
        ("scan", "logs.jsonl", "--type", "aws-cloudtrial"),
        "`--type aws-cloudtrial` is unknown; did you mean `aws_cloudtrail`?",
    ),
    "wrong type to normalize": (("normalize", "logs.jsonl", "-t", "x"), "`--type x` is unknown"),
    "unknown pack": (("scan", "logs.jsonl", "--pack", "nope"), "there is no built-in content pack `nope`"),
    "unknown severity": (
        ("scan", "logs.jsonl", "--min-severity", "huge"),
        "`--min-severity huge` is unknown; use one of",
    ),
    "unknown setting": (
        ("scan", "logs.jsonl", "--set", "mergng=exact"),
        "there is no setting `mergng` (did you mean `merging`?)",
    ),
    "wrong value of a setting": (
        ("conformance", "cases.md", "--set", "merging=exat"),
        "`merging` cannot be `exat` (did you mean `exact`?)",
    ),
    "missing rule": (("scan", "logs.jsonl", "-r", "nope.yaral"), "rule file `nope.yaral` does not exist"),
    "missing rule to check": (("check", "nope.yaral"), "rule file `nope.yaral` does not exist"),
    "folder without rules": (("scan", "logs.jsonl", "-r", "empty"), "no rule files (.yaral"),
    "missing context": (("scan", "logs.jsonl", "--context", "nope"), "cannot read context `nope`"),
    "output into a missing folder": (("scan", "logs.jsonl", "-o", "nope/out"), "the folder `nope` does not exist"),
    "output onto a folder": (("normalize", "logs.jsonl", "-o", "empty"), "cannot write `empty`: it is a folder"),
    "two outputs, one file": (
        ("scan", "logs.jsonl", "-o", "out", "--quarantine", "./out"),
        "results and broken records cannot both go to `out`",
    ),
    "empty name": (("scan", ""), "an input has an empty name"),
    "markup in a name": (("scan", "[/red]"), "input `[/red]` does not exist"),
    "missing cases": (("conformance", "nope.md"), "cannot read `nope.md`: No such file or directory"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_setting(name: str, tmp_path: Path) -> None:
    """The message names the setting and what would be right."""
    command, message = MISTAKES[name]
    (tmp_path / "empty").mkdir()
    (tmp_path / "logs.jsonl").write_bytes(line())
    done = windshear(*command, cwd=tmp_path)
    assert done.code == 3
    assert done.err.startswith("error: ")
    assert message in done.err
    assert len(done.err.splitlines()) <= 2
    assert done.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "logs.jsonl"]


def test_forced_type_that_does_not_fit(tmp_path: Path) -> None:
    """Records that do not look like the forced type are quarantined, and that nothing was read is an error."""
    done = windshear("scan", "-", "--type", "azure_ad", cwd=tmp_path, stdin=quiet_lines(3))
    assert done.code == 3
    assert done.counts.quarantined == 3
    assert "does not look like AZURE_AD" in done.err
    assert "no event could be read from `-`" in done.err


def test_time_range(tmp_path: Path) -> None:
    """Events outside the range are counted as events and said to be outside; `until` is exclusive."""
    command = ("scan", "-", "-f", "jsonl")
    inside = windshear(*command, "--since", "2024-08-02T08:53:24Z", "--until", "2024-08-03", cwd=tmp_path, stdin=line())
    assert len(inside.json_lines) == 1
    before = windshear(*command, "--until", "2024-08-02T08:53:24Z", cwd=tmp_path, stdin=line())
    assert before.json_lines == []
    assert before.counts.events == 1
    assert "1 event outside of --since and --until" in before.err
    shifted = windshear(*command, "--since", "2024-08-02T10:53:24+02:00", cwd=tmp_path, stdin=line())
    assert len(shifted.json_lines) == 1


def test_minimum_severity(tmp_path: Path) -> None:
    """What lies below is counted and not shown, and does not make a finding."""
    command = ("scan", "-", "-f", "jsonl", "--exit-code", "--min-severity")
    hidden = windshear(*command, "high", cwd=tmp_path, stdin=line())
    assert (hidden.code, hidden.out) == (0, "")
    assert "1 below --min-severity not shown" in hidden.err
    shown = windshear(*command, "MEDIUM", cwd=tmp_path, stdin=line())
    assert shown.code == 1
    assert "not shown" not in shown.err


@pytest.mark.parametrize("command", ["scan", "normalize", "search", "coverage"])
def test_types_are_listed(command: str, tmp_path: Path) -> None:
    """`--type list` prints every log type with what it is, in whatever state the other arguments are."""
    done = windshear(command, "--type", "list", cwd=tmp_path)
    assert done.code == 0, done.err
    listed = {row.split()[0]: row.split(maxsplit=1)[1] for row in done.out.splitlines()}
    assert list(listed) == ["auto", *(name.lower() for name in (*log_types(), *entity_types()))]
    assert all(text[0].isupper() and text.endswith(".") for text in listed.values())
