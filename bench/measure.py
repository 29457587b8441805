"""One measurement is one process: what a worker did and what it cost, as the median of several runs."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.facts import Facts

_ROOT = Path(__file__).parent.parent


class BenchError(Exception):
    """A measurement that means nothing: it failed, measured no work, or two runs disagree."""


@dataclass(frozen=True, slots=True)
class Task:
    """A named measurement and the worker's arguments."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The median cost of a task over its runs (memory: the highest), and what every run reported alike."""

    task: Task
    cpu_seconds: float
    load_cpu_seconds: float
    peak_mebibytes: float
    facts: Facts

    @property
    def kind(self) -> str:
        """What the worker did: parse, normalise, sift, write or scan."""
        return self.task.arguments[0]


def measure(tasks: Sequence[Task], runs: int, note: Callable[[str], None]) -> list[Measured]:
    """Run all tasks `runs` times, interleaved so that a slow spell of the machine meets all of them."""
    reports: dict[Task, list[Facts]] = {task: [] for task in tasks}
    for run in range(1, runs + 1):
        for task in tasks:
            note(f"run {run} of {runs}: {task.name}")
            reports[task].append(run_worker(task.arguments))
    return [_median(task, found) for task, found in reports.items()]


def run_worker(arguments: Sequence[str]) -> Facts:
    """Run `python -m bench.worker …` and return its report."""
    command = [sys.executable, "-m", "bench.worker", *arguments]
    finished = subprocess.run(command, stdout=subprocess.PIPE, check=False, cwd=_ROOT)
    if finished.returncode:
        raise BenchError(f"worker `{arguments[0]}` failed with exit status {finished.returncode}")
    facts: Facts = orjson.loads(finished.stdout.splitlines()[-1])
    return facts


_COSTS = ("cpu_seconds", "load_cpu_seconds", "peak_mebibytes")


def _median(task: Task, reports: Sequence[Facts]) -> Measured:
    counts = [{key: value for key, value in report.items() if key not in _COSTS} for report in reports]
    if any(other != counts[0] for other in counts[1:]):
        raise BenchError(f"two runs of `{task.name}` gave different results")
    return Measured(
        task,
        statistics.median(report["cpu_seconds"] for report in reports),
        statistics.median(report["load_cpu_seconds"] for report in reports),
        max(report["peak_mebibytes"] for report in reports),
        reports[0],
    )
