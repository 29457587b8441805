"""Rules that are stopped while they run."""

from __future__ import annotations


class StoppedError(Exception):
    """The rule is stopped; the message is the setting by which."""
