"""Which files an input stands for: itself, or everything below a folder in a fixed order."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path


def files_below(path: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, sorted, without hidden ones; a folder is entered once.

    What cannot be looked at (a link to nowhere, a folder without permission) is yielded too: opening it says why.
    """
    entered: set[tuple[int, int]] = set()  # a symbolic link may lead back to where we came from
    waiting = [path]
    while waiting:
        place = waiting.pop()
        try:
            status = place.stat()
            if not stat.S_ISDIR(status.st_mode):
                if stat.S_ISREG(status.st_mode):  # no pipes or devices: reading them may never end
                    yield place
                continue
            identity = (status.st_dev, status.st_ino)
            if identity not in entered:
                entered.add(identity)
                names = sorted(child.name for child in place.iterdir() if not child.name.startswith("."))
                waiting += [place / name for name in reversed(names)]
        except OSError:
            yield place
