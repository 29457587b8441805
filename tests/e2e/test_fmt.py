"""`windshear fmt`: files are changed, checked or shown, and broken ones are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import windshear

UGLY = 'rule r { meta: author="A" events: $e.metadata.event_type = "USER_LOGIN" condition: $e }'
NEAT = """rule r {

  meta:
    author = "A"

  events:
    $e.metadata.event_type = "USER_LOGIN"

  condition:
    $e
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an ugly file, a neat one, a broken one, and one that is no text."""
    (tmp_path / "ugly.yaral").write_text(UGLY)
    (tmp_path / "neat.yaral").write_text(NEAT)
    (tmp_path / "broken.yaral").write_text("rule b { meta: a = }")
    (tmp_path / "binary.yaral").write_bytes(b"\xff\xfe")
    return tmp_path


def test_files_are_changed_in_place(folder: Path) -> None:
    """What can be formatted is; what cannot stays as it is, told with its place, and the exit code says so."""
    outcome = windshear("fmt", ".", cwd=folder)
    assert outcome.code == 2
    assert (folder / "ugly.yaral").read_text() == NEAT
    assert (folder / "broken.yaral").read_text() == "rule b { meta: a = }"
    assert (folder / "binary.yaral").read_bytes() == b"\xff\xfe"
    assert "broken.yaral:1:" in outcome.err
    assert "binary.yaral is not UTF-8 text (byte 0)" in outcome.err
    assert "1 file changed, 1 unchanged, 2 files left as broken" in outcome.err
    assert sorted(path.name for path in folder.iterdir()) == [
        "binary.yaral",
        "broken.yaral",
        "neat.yaral",
        "ugly.yaral",
    ]


def test_check_changes_nothing(folder: Path) -> None:
    """In CI a file that would change is a finding."""
    outcome = windshear("fmt", "--check", "ugly.yaral", "neat.yaral", cwd=folder)
    assert (outcome.code, outcome.out) == (1, "")
    assert "would change ugly.yaral" in outcome.err
    assert (folder / "ugly.yaral").read_text() == UGLY
    assert windshear("fmt", "--check", "neat.yaral", cwd=folder).code == 0


def test_diff_shows_what_would_change(folder: Path) -> None:
    """The difference goes to standard output, in a form that `patch` reads."""
    outcome = windshear("fmt", "--diff", "ugly.yaral", cwd=folder)
    assert outcome.code == 1
    assert outcome.out.startswith(f"--- ugly.yaral\n+++ ugly.yaral (formatted)\n@@ -1 +1,11 @@\n-{UGLY}\n\\ No newline")
    assert "+  condition:\n" in outcome.out
    assert (folder / "ugly.yaral").read_text() == UGLY


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    """An editor sends the text and reads it back."""
    outcome = windshear("fmt", "-", cwd=tmp_path, stdin=UGLY.encode())
    assert (outcome.code, outcome.out, outcome.err) == (0, NEAT, "")


def test_broken_standard_input_comes_back_as_it_was(tmp_path: Path) -> None:
    """An editor that writes back what it gets loses nothing."""
    outcome = windshear("fmt", "-", cwd=tmp_path, stdin=b"rule b { meta: a = }")
    assert (outcome.code, outcome.out) == (2, "rule b { meta: a = }")
    assert "<stdin>:1:" in outcome.err


def test_a_folder_without_rules_is_named(tmp_path: Path) -> None:
    """Nothing to format is an error: the path was meant to hold rules."""
    outcome = windshear("fmt", cwd=tmp_path)
    assert outcome.code == 3
    assert "no rule files" in outcome.err
