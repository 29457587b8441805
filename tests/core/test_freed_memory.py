"""Freed memory is used again, and not given back to be asked for anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ROUNDS, _TEXTS, _SIZE = 20, 10, 3_000_000
_PROGRAM = f"""
import resource, sys
from windshear.core.freed_memory import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
for round in range({_ROUNDS}):
    texts = [b"x" * {_SIZE} for _ in range({_TEXTS})]
    del texts
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def _page_faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep memory in their own way")
def test_memory_is_used_again() -> None:
    """Batches that take as much as those before them ask the system for far less new memory."""
    assert _page_faults("keep") < _page_faults("leave") / 2
