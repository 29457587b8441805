"""The house itself: what the files at the top of the repository promise."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each pattern holds a character class or an escape, so that it does not find itself.
INDEX_ADDRESS = re.compile(
    r"https?://\S+/sim[p]le\b"  # where pip looks packages up
    r"|files\.pythonh[o]sted\."  # where it fetches them
    r"|--(?:extra-)?index-ur[l]\b"
    r"|--find-link[s]\b"
)
# Other folders of a home, such as `.aws`, are left alone: log samples and rules speak of them.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/wor[k]/"
    r"|/tmp/bash_job[s]"
    r"|/roo[t]/\.(?:cache|local|pyenv|venv)"
    r"|/pyen[v]/versions"
)
UNTRACKED = {".git", ".venv", "__pycache__", "dist", "build"}


def tracked_files() -> list[Path]:
    """Return the files that git knows, or, in a copy without git, all that are not build results."""
    try:
        command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not UNTRACKED.intersection(path.relative_to(ROOT).parts)]
    else:
        found = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in found if path.is_file()]


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    """Return `file:line: text` for every line of a tracked text file that the pattern finds."""
    hits = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        lines = content.decode("utf-8", errors="replace").split("\n")
        hits += [
            f"{path.relative_to(ROOT)}:{number}: {line[:200]}"
            for number, line in enumerate(lines, start=1)
            if pattern.search(line)
        ]
    return hits


def requirements(lock: Path) -> list[str]:
    """Return the entries of a lock, continuation lines joined and comments left out."""
    text = "".join(line for line in lock.read_text().splitlines(keepends=True) if not line.lstrip().startswith("#"))
    return [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]


def make(*arguments: str) -> str:
    """Run make as from a shell, even when make started these tests, and return what it printed."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=ROOT, env=outside, check=True, capture_output=True, text=True).stdout


def project() -> dict[str, object]:
    """Return the `[project]` table."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert isinstance(table, dict)
    return table


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        pytest.param(INDEX_ADDRESS, "https://index.example/" + "simple/", id="index-address"),
        pytest.param(INDEX_ADDRESS, "pip install --extra-index" + "-url x", id="index-option"),
        pytest.param(MACHINE_PATH, "see /" + "work/notes.md", id="work-folder"),
        pytest.param(MACHINE_PATH, "at /" + "root/.cache/pip", id="home-cache"),
    ],
)
def test_patterns_find_what_they_are_for(pattern: re.Pattern[str], example: str) -> None:
    """The search below can fail."""
    assert pattern.search(example)


@pytest.mark.parametrize(
    "harmless", ["cat /" + "root/.aws/credentials", "/home/runner/work/app", "--no-emit-index" + "-url"]
)
def test_patterns_leave_ordinary_text_alone(harmless: str) -> None:
    """Paths that logs and rules speak of are no finding."""
    assert not INDEX_ADDRESS.search(harmless)
    assert not MACHINE_PATH.search(harmless)


@pytest.mark.parametrize(
    "pattern", [pytest.param(INDEX_ADDRESS, id="index-address"), pytest.param(MACHINE_PATH, id="machine-path")]
)
def test_no_file_names_the_machine_it_was_made_on(pattern: re.Pattern[str]) -> None:
    """Files hold no package index and no path of somebody's machine."""
    assert lines_matching(pattern) == []


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda lock: lock.name)
def test_lock_pins_and_hashes_every_requirement(lock: Path) -> None:
    """Every entry of a lock is one exact version with at least one hash."""
    entries = requirements(lock)
    assert entries
    exact = re.compile(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}")
    assert [entry for entry in entries if not exact.match(entry)] == []


def test_lock_covers_what_the_project_declares() -> None:
    """Dependencies, extras, development tools and the build backend are all in the lock."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [
        pyproject["build-system"]["requires"],
        pyproject["project"]["dependencies"],
        *pyproject["project"].get("optional-dependencies", {}).values(),
        *pyproject["dependency-groups"].values(),
    ]
    declared = {re.split(r"[<>=\[;! ]", entry, maxsplit=1)[0] for group in groups for entry in group}
    locked = {entry.split("==")[0] for entry in requirements(ROOT / "requirements" / "dev.lock")}
    assert declared - locked == set()


def test_help_lists_targets_that_exist() -> None:
    """`make help` names the promised targets, and make knows how to run each of them."""
    targets = [line.split()[0] for line in make("help").splitlines()]
    promised = {"setup", "demo", "test", "check", "bench", "wheel", "golden", "lock", "clean", "help"}
    assert promised <= set(targets)
    assert make("--dry-run", *targets)


def test_licence_is_apache() -> None:
    """The metadata, the licence file and the notice agree."""
    assert project()["license"] == "Apache-2.0"
    assert project()["license-files"] == ["LICENSE", "NOTICE"]
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "Apache License, Version 2.0" in (ROOT / "NOTICE").read_text()
