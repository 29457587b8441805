"""Draw what the tutorial's commands print on a terminal, for the pages that show it.

    python -m tools.captures

It follows the tutorial, and at some places runs a command on a terminal of 80 columns, as a reader would see it. The
pictures go to docs/images/. Durations in them differ from run to run, so nothing compares them.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools.pages.running import ROOT, Command, Saved, prepared, steps

COLUMNS = 80
RULE = "my-rules/rules/ec2_passwords_read.yaral"
LOGS = "src/windshear/content/demo/real"


@dataclass(frozen=True, slots=True)
class Picture:
    """A command that is drawn once the tutorial has run a command that begins with `after`, for the `nth` time."""

    name: str
    after: str
    command: str
    nth: int = 1


PICTURES = (
    Picture("explain-miss", f"windshear explain {RULE}", f"windshear explain {RULE} --input {LOGS} --limit 1"),
    Picture("explain-match", "windshear diff", f"windshear explain {RULE} --input {LOGS} --limit 1"),
    Picture("test-failure", "windshear test my-rules", "windshear test my-rules", nth=2),
    Picture("test-mutants", f"windshear test {RULE} --mutate", f"windshear test {RULE} --mutate"),
    Picture("lint", f"windshear lint {RULE}", f"windshear lint {RULE}"),
)


def main() -> int:
    """Run the script."""
    images = ROOT / "docs" / "images"
    images.mkdir(exist_ok=True)
    drawn: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="windshear-") as name:
        folder = Path(name)
        environment = prepared(folder)
        counts: dict[str, int] = {}
        for step in steps(ROOT / "docs" / "tutorial" / "first-rule.md"):
            if isinstance(step, Saved):
                step.put(folder)
                continue
            step.run(folder, environment)
            for picture in _due(step, counts):
                text = _on_terminal(picture.command, folder, environment)
                (images / f"{picture.name}.svg").write_text(_drawn(picture, text), encoding="utf-8", newline="\n")
                drawn.add(picture.name)
                print(f"docs/images/{picture.name}.svg")
    missing = [picture.name for picture in PICTURES if picture.name not in drawn]
    for name in missing:
        print(f"{name}: the tutorial has no such command", file=sys.stderr)
    return 1 if missing else 0


def _due(step: Command, counts: dict[str, int]) -> list[Picture]:
    due = []
    for picture in PICTURES:
        if step.text.startswith(picture.after):
            counts[picture.name] = counts.get(picture.name, 0) + 1
            if counts[picture.name] == picture.nth:
                due.append(picture)
    return due


def _on_terminal(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    settings = {**environment, "COLUMNS": str(COLUMNS), "LINES": "50", "TERM": "xterm-256color"}
    with subprocess.Popen(
        ["sh", "-c", command], cwd=folder, env=settings, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        found = bytearray()
        while piece := _read(ours):
            found += piece
        process.wait()
    os.close(ours)
    return "\n".join(_screen(found.decode(errors="replace"))).strip("\n")


def _screen(text: str) -> list[str]:
    """Return the lines that stay on a terminal: a progress bar goes up, erases itself and is written over."""
    lines, row, starts_over = [""], 0, False
    for piece in re.split(r"(\r\n|\r|\n|\x1b\[\??\d*[AKhl])", text):
        if piece in ("\r\n", "\n"):
            row, starts_over = row + 1, False
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\r":
            starts_over = True
        elif piece.startswith("\x1b[") and piece.endswith("A"):
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece.startswith("\x1b[") and piece.endswith("K"):
            lines[row] = ""
        elif piece and not re.fullmatch(r"\x1b\[\?\d+[hl]", piece):
            lines[row] = piece if starts_over else lines[row] + piece
            starts_over = False
    return lines


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the last writer is gone
        return b""


def _drawn(picture: Picture, text: str) -> str:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble(("$ ", "bold green"), (picture.command, "bold")), soft_wrap=False)
    console.print(Text.from_ansi(text), soft_wrap=False)
    drawn = console.export_svg(title=f"windshear: {picture.name.replace('-', ' ')}", unique_id=picture.name)
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)  # no fonts from elsewhere


if __name__ == "__main__":
    sys.exit(main())
