"""The `windshear` command as a process: whatever ends it, from its first moment on, ends it without a traceback."""

from __future__ import annotations

import os
import sys

from windshear.cli import signals

_INTERRUPTED = 130
# How to open what takes the place of a closed stream: in the wrong direction, so that who needs it gets an error.
_CLOSED = {"stdin": os.O_WRONLY, "stdout": os.O_RDONLY, "stderr": os.O_WRONLY}


def main() -> None:
    """Run the command line and end the process; the entry point of the installed script."""
    try:
        signals.listen()
        _fill_closed_streams()
        from windshear.cli.application import run_to_end  # takes a while, in which Ctrl-C is heard already

        code = run_to_end()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


def _fill_closed_streams() -> None:
    """Put something in the place of streams that are closed: the next file that is opened would get their number."""
    for name, direction in _CLOSED.items():
        if getattr(sys, name) is None:
            number = os.open(os.devnull, direction)
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False))
