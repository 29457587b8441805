"""Runs the command on a pseudo terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.command import COMMAND, clean_environment

COLUMNS = 90


def on_terminal(
    *arguments: str | Path,
    cwd: Path,
    out: Path | None = None,
    keys: str = "",
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run the command with a terminal as standard error, and as standard output too unless `out` is a file.

    `keys` are typed. Return the exit code and what the terminal got.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    stdout = follower if out is None else os.open(out, os.O_WRONLY | os.O_CREAT)
    child = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        stdin=follower,
        stdout=stdout,
        stderr=follower,
        env=clean_environment({"TERM": "xterm-256color", **(environment or {})}),
    )
    os.close(follower)
    os.write(leader, keys.encode())
    if out is not None:
        os.close(stdout)
    shown = bytearray()
    while piece := _read(leader):
        shown += piece
    os.close(leader)
    return child.wait(), shown.decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 1 << 16)
    except OSError:  # how Linux says that nobody holds the other end any more
        return b""
