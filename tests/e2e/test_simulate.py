"""`windshear simulate`, as somebody at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.command import windshear
from windshear.packs.pack import content_folder

RULE = content_folder() / "t1021_007" / "rules" / "cloud_cli_authentication_on_endpoint"


def test_simulation_is_scanned_with_its_context(tmp_path: Path) -> None:
    """A rule finds the attack in the simulated logs, and names the person that the context knows."""
    made = windshear("simulate", "az_login", "-o", "lab", "--no-background", "--users", "60", cwd=tmp_path)
    assert (made.code, made.out) == (0, "")
    assert "next: windshear scan lab/logs --context lab/context" in made.err
    options = ("--rules", RULE, "--context", "lab/context", "--format", "jsonl")
    found = windshear("scan", "lab/logs", *options, cwd=tmp_path)
    victim = json.loads((tmp_path / "lab" / "labels.jsonl").read_text(encoding="utf-8").splitlines()[1])["person"]
    assert victim in json.dumps(found.json_lines)


def test_list_fits_a_narrow_terminal(tmp_path: Path) -> None:
    """The list names every scenario once, in lines of at most 80 columns."""
    listed = windshear("simulate", "--list", cwd=tmp_path)
    assert listed.code == 0
    lines = listed.out.splitlines()
    assert max(map(len, lines)) <= 80
    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert {"az_login", "storm_0501", "quiet_insider", "background"} <= set(names)
    assert len(names) == len(set(names))


def test_mistakes_are_told_and_leave_nothing(tmp_path: Path) -> None:
    """A wrong name, a folder that is there and a wrong date are refused with the way out, and nothing is written."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep", encoding="utf-8")
    for arguments, told in (
        (("storm_501", "-o", "new"), "did you mean `storm_0501`?"),
        (("az_login", "-o", "full"), "it is there already"),
        (("az_login", "-o", "new", "--start", "monday"), "write it as 2026-03-02"),
        (("az_login",), "windshear simulate SCENARIO -o DIR"),
        (("az_login", "-o", "nowhere/new"), "does not exist"),
    ):
        refused = windshear("simulate", *arguments, cwd=tmp_path)
        assert refused.code == 3
        assert told in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
