"""Signals that end a run: Ctrl-C, the polite request of a system that shuts down, and a terminal that is closed."""

from __future__ import annotations

import signal
import sys
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is not everywhere

_heard: list[int] = []


def listen() -> None:
    """Let signals end the run as errors do, so that temporary files go."""
    for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` sets it, and shells for what is in the background
            signal.signal(number, _stop)


def stop_if_heard() -> None:
    """End the run if a signal asked for it, and what it raised was lost."""
    if _heard:
        _raise(_heard[-1])


def _stop(number: int, _frame: FrameType | None) -> None:
    _heard.append(number)
    _raise(number)


def _raise(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
