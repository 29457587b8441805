"""The tool that tells which fields rules read and records fill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULE = """
rule r {
  meta:
    author = "A"
  events:
    $e.metadata.product_name = "Microsoft-Windows-Sysmon"
    $e.metadata.event_type = "PROCESS_LAUNCH"
    $e.metadata.product_event_type = "%s"
    $e.target.process.command_line != ""
    $e.target.url != ""
    $e.additional.fields["Initiated"] != ""
  condition:
    $e
}
"""
NOTES = '[WINDOWS_SYSMON]\n"target.*" = "no address in a launch"\n'


def told(folder: Path, number: str, notes: str = "") -> tuple[int, list[str]]:
    """Run the tool over the samples of Sysmon; return its exit code and the words of its lines."""
    (folder / "rules").mkdir()
    (folder / "rules" / "r.yaral").write_text(RULE % number)
    (folder / "notes.toml").write_text(notes)
    samples = ROOT / "tests" / "logs" / "windows_sysmon" / "flat.jsonl"
    command = [sys.executable, "-m", "tools.rule_paths", str(folder / "rules"), str(samples)]
    command += ["--notes", str(folder / "notes.toml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_fields_are_told_apart(tmp_path: Path) -> None:
    """A field is filled, or declared without a record that has it, or nothing that the parser fills."""
    code, lines = told(tmp_path, "1")
    assert code == 1
    assert "filled 1 target.process.command_line (1 rules, r)" in lines
    assert 'filled 1 additional.fields["Initiated"] (1 rules, r)' in lines
    assert "absent 0 target.url (1 rules, r)" in lines
    assert lines[-1].startswith("1 paths are not filled")


def test_notes_explain(tmp_path: Path) -> None:
    """What a note explains is no fault, and values that no record has are told."""
    code, lines = told(tmp_path, "3", NOTES)
    assert code == 0
    assert "absent 0 target.url (1 rules, r) no address in a launch" in lines
    assert "other kind: r: 3 is NETWORK_CONNECTION; asked for: PROCESS_LAUNCH" in lines
