"""What the command costs before it does anything: help and version need none of the engine."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("duckdb", "numpy", "pyarrow", "pydantic", "re2", "windshear.engine", "windshear.language")


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    """Modules of commands load what they work with when they run."""
    code = f"import sys, windshear.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
