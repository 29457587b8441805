"""Running what a page shows: the files that it tells to save, and its commands with the output that it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_STEP = re.compile(
    r"Save this as `(?P<name>[^`]+)`:\n\n```\w+\n(?P<text>.*?)^```$|^```console\n(?P<console>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that a page tells to save."""

    name: str
    text: str

    def put(self, folder: Path) -> None:
        """Save it."""
        target = folder / self.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page and the lines that the page shows for it."""

    text: str
    output: tuple[str, ...]

    def run(self, folder: Path, environment: dict[str, str]) -> list[str]:
        """Run it, and return the lines that it prints, standard error behind standard output."""
        run = subprocess.run(
            ["sh", "-c", self.text], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        return [line.rstrip() for line in (run.stdout + "\n" + run.stderr).splitlines() if line.strip()]


def steps(page: Path) -> Iterator[Saved | Command]:
    """Yield what a page tells to do, from top to bottom."""
    for step in _STEP.finditer(page.read_text(encoding="utf-8")):
        if step["name"]:
            yield Saved(step["name"], step["text"])
            continue
        for entry in re.split(r"^\$ ", step["console"], flags=re.MULTILINE)[1:]:
            command, *shown = entry.splitlines()
            yield Command(command, tuple(line.rstrip() for line in shown if line.strip()))


def prepared(folder: Path) -> dict[str, str]:
    """Make a folder in which pages can run, with the project's command and samples; return the environment."""
    (folder / "src").symlink_to(ROOT / "src")
    script = folder / "bin" / "windshear"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m windshear "$@"\n')
    script.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR")}
    return environment | {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src")}


def run_page(page: Path, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Go through a page; yield a text for each command that prints something else than the page shows."""
    for step in steps(page):
        if isinstance(step, Saved):
            step.put(folder)
            continue
        found = step.run(folder, environment)
        if not follows(step.output, found):
            yield "\n".join([f"$ {step.text}", *found])


def follows(expected: Sequence[str], found: Sequence[str]) -> bool:
    """Tell whether lines are as shown: `...` stands for any lines, and a line may be cut at its end.

    >>> follows(["a", "...", "z"], ["a b", "c", "z"]), follows(["a"], ["a", "b"])
    (True, False)
    """
    if not expected:
        return not found
    if expected[0] == "...":
        return any(follows(expected[1:], found[start:]) for start in range(len(found) + 1))
    return bool(found) and found[0].startswith(expected[0]) and follows(expected[1:], found[1:])
