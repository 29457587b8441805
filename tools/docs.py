"""Write the reference pages from the places that the code itself reads.

    python -m tools.docs [--check]

Nothing but the code decides what the pages hold: no clock, no machine. With `--check` nothing is written; pages that
differ from what would be written, and generated pages that nothing writes any more, are named, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.pages import (
    behaviours,
    commands,
    compatibility,
    content,
    diagnostics,
    differences,
    functions,
    lints,
    log_types,
)
from tools.pages.markdown import NOTICE

DOCS = Path(__file__).parents[1] / "docs"

MAKERS: tuple[Callable[[], Mapping[str, str]], ...] = (
    commands.pages,
    diagnostics.pages,
    lints.pages,
    functions.pages,
    log_types.pages,
    content.pages,
    behaviours.pages,
    compatibility.pages,
    differences.pages,
)


def made_pages() -> dict[str, str]:
    """Return every generated page, by path below docs/."""
    return {path: text for maker in MAKERS for path, text in maker().items()}


def stale_pages(wanted: Mapping[str, str], folder: Path = DOCS) -> list[str]:
    """Return the generated pages that are missing or differ, or that nothing makes any more."""
    stale = [path for path, text in wanted.items() if _read(folder / path) != text]
    present = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.md")))
    return stale + [path for path in present if path not in wanted and NOTICE in _read(folder / path)]


def write_pages(wanted: Mapping[str, str], folder: Path = DOCS) -> list[str]:
    """Write the pages that are stale, remove what nothing makes any more, and return which."""
    stale = stale_pages(wanted, folder)
    for path in stale:
        if path in wanted:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            (folder / path).unlink()
    return stale


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description="Write the reference pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; name stale pages and exit with 1")
    is_check = parser.parse_args().check
    wanted = made_pages()
    if is_check:
        stale = stale_pages(wanted)
        for path in stale:
            print(f"docs/{path} is stale: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for path in write_pages(wanted):
        print(f"docs/{path}")
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
