"""Which files an input stands for: itself, or everything below a folder in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def files_below(path: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, sorted, without hidden ones; a folder is entered once."""
    yield from _walk(path, set())


def _walk(folder: Path, entered: set[tuple[int, int]]) -> Iterator[Path]:
    status = folder.stat()
    identity = (status.st_dev, status.st_ino)  # a symbolic link may lead back to where we came from
    if identity in entered:
        return
    entered.add(identity)
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    for name in names:
        child = folder / name
        if child.is_dir():
            yield from _walk(child, entered)
        elif child.is_file():  # no pipes or devices: reading them may never end
            yield child
