"""Where the command line talks: results to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from enum import IntEnum

from rich.console import Console

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    FINDINGS = 1
    BROKEN_RULE = 2
    BAD_INPUT = 3
    INTERRUPTED = 130


def write(text: str) -> None:
    """Write result text to standard output as it is, without markup."""
    sys.stdout.write(text)


def worst(*codes: Exit) -> Exit:
    """Return the code that wins when several apply: 3, then 2, then 1.

    >>> worst(Exit.FINDINGS, Exit.BROKEN_RULE).name
    'BROKEN_RULE'
    """
    return max(codes, default=Exit.OK)
