"""The `windshear` command as a process: whatever ends it, from its first moment on, ends it without a traceback."""

from __future__ import annotations

import sys

from windshear.cli import signals

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and end the process; the entry point of the installed script."""
    try:
        signals.listen()
        from windshear.cli.application import run_to_end  # takes a while, in which Ctrl-C is heard already

        code = run_to_end()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)
