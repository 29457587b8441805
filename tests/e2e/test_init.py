"""`windshear init`: what it writes passes everything that its CI asks for, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.e2e.command import windshear

FILES = {
    ".github/workflows/rules.yml",
    ".gitignore",
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    "README.md",
    "requirements.txt",
    "rules/aws_trail_stopped.test.yaml",
    "rules/aws_trail_stopped.yaral",
    "windshear.toml",
}
TOP = Path(__file__).parents[2]


def test_a_new_repository_is_green(tmp_path: Path) -> None:
    """Layout, checks, lints and tests are in order, and no clause is without a test."""
    outcome = windshear("init", "mine", cwd=tmp_path)
    assert outcome.code == 0
    folder = tmp_path / "mine"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == FILES
    for command in ("fmt --check", "check --strict", "lint", "test --require-tests", "test --mutate"):
        outcome = windshear(*command.split(), "rules/", cwd=folder)
        assert outcome.code == 0, (command, outcome.out, outcome.err)
    assert "{version}" not in (folder / "requirements.txt").read_text()


def test_its_pipelines_are_yaml(tmp_path: Path) -> None:
    """What CI runs are commands that exist."""
    windshear("init", cwd=tmp_path)
    workflow = yaml.safe_load((tmp_path / ".github/workflows/rules.yml").read_text())
    runs = [step["run"] for step in workflow["jobs"]["rules"]["steps"] if "run" in step]
    gitlab = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text())["rules"]["script"]
    hooks = [hook["entry"] for hook in yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())]
    action = yaml.safe_load((TOP / "action.yml").read_text())
    steps = [line.strip() for step in action["runs"]["steps"] for line in step.get("run", "").splitlines()]
    shared = yaml.safe_load((TOP / "ci" / "gitlab.yml").read_text())["windshear"]["script"]
    commands = {line.split()[1] for line in (*runs, *gitlab, *hooks, *steps, *shared) if line.startswith("windshear ")}
    assert commands == {"check", "fmt", "lint", "test"}
    help_page = windshear("--help", cwd=tmp_path).out
    assert all(f"  {command} " in help_page for command in commands)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """What was there stays, and is named."""
    (tmp_path / "README.md").write_text("mine")
    outcome = windshear("init", cwd=tmp_path)
    assert outcome.code == 0
    assert (tmp_path / "README.md").read_text() == "mine"
    assert "kept README.md, which was there" in outcome.err
    assert "8 files written" in outcome.err


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A folder that cannot be made is an error with its name."""
    (tmp_path / "mine").write_text("a file")
    outcome = windshear("init", "mine", cwd=tmp_path)
    assert outcome.code == 3
    assert "cannot write `mine" in outcome.err
