"""One measurement is one process: CPU seconds and peak memory as the operating system accounts for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """What one finished worker cost, and what it reported."""

    cpu_seconds: float
    wall_seconds: float
    peak_mebibytes: float
    report: dict[str, object]


class BenchError(Exception):
    """A measurement that means nothing: it failed, or measured no work."""


def run_worker(*arguments: str) -> Measured:
    """Run `python -m bench.worker …` and return its cost; CPU includes waited-for children."""
    command = [sys.executable, "-m", "bench.worker", *arguments]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchError(f"worker `{' '.join(arguments[:1])}` failed with exit status {process.returncode}")
    return Measured(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - started,
        peak_mebibytes=usage.ru_maxrss / 1024,
        report=json.loads(output.splitlines()[-1]),
    )
