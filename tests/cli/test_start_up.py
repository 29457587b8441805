"""What the command costs before it does anything: help and version need none of the engine, checking no database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("duckdb", "numpy", "pyarrow", "pydantic", "re2", "windshear.engine", "windshear.language")


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    """Modules of commands load what they work with when they run."""
    code = f"import sys, windshear.cli.application; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--help"], [*HEAVY, "windshear.cli.scan", "windshear.cli.baseline"]),
        (["scan", "--help"], ["duckdb", "numpy", "pyarrow", "windshear.cli.check", "windshear.engine"]),
        (["check", "rule.yaral"], ["duckdb", "windshear.cli.scan", "windshear.logs.catalogue"]),
    ],
    ids=["help", "help of a command", "check"],
)
def test_a_command_loads_what_it_works_with(arguments: list[str], unneeded: list[str], tmp_path: Path) -> None:
    """What only other commands need stays where it is."""
    rule = 'rule one { meta: author = "me" events: $e.metadata.event_type = "USER_LOGIN" condition: $e }'
    (tmp_path / "rule.yaral").write_text(rule, encoding="utf-8")
    code = (
        "import sys\nfrom windshear.cli.application import run\n"
        f"code = run({arguments!r})\nprint(code, [name for name in {unneeded!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("0 []\n"), done.stdout
