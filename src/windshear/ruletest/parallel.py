"""The tests of a run in several processes: each takes a share of the suites."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path

from windshear.ruletest.results import RuleResult
from windshear.ruletest.running import Run, run_suites
from windshear.ruletest.suites import Suite, find_suites

Wanted = Callable[[str, str], bool]
Key = tuple[Path, str]  # the file of a rule and its name


@dataclass(frozen=True, slots=True)
class _Share:
    """What one process does: the suites that it runs, and the files that it has to know."""

    mine: frozenset[Key]
    files: tuple[Path, ...]
    wanted: Wanted


def run_in_parallel(suites: Sequence[Suite], jobs: int, wanted: Wanted) -> list[RuleResult]:
    """Run the tests of suites in up to `jobs` processes; `wanted` says which tests, and can be sent to a process."""
    shares = _shares(suites, jobs, wanted)
    if len(shares) < 2:
        return run_suites(suites, Run(wanted=wanted))
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        try:
            found = {(result.file, result.rule): result for some in _started(pool, shares) for result in some}
        except BaseException:
            for child in active_children():  # the pool would wait until they have done everything
                child.terminate()
            raise
    return [found[key] for key in map(_key, suites) if key in found]


def _started(pool: ProcessPoolExecutor, shares: Sequence[_Share]) -> Iterator[list[RuleResult]]:
    """Begin the shares in processes that do not hear Ctrl-C, which would make each of them complain."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return pool.map(_run, shares)
    finally:
        signal.signal(signal.SIGINT, before)


def _shares(suites: Sequence[Suite], jobs: int, wanted: Wanted) -> list[_Share]:
    """Divide suites so that each process has about as many tests."""
    mine: list[list[Suite]] = [[] for _ in range(jobs)]
    load = [0] * jobs
    for suite in sorted(suites, key=lambda suite: -len(suite.tests)):
        lightest = load.index(min(load))
        mine[lightest].append(suite)
        load[lightest] += 1 + len(suite.tests)
    # A test that asks which other rules fire needs all of them.
    needs_all = any(read.test.expect.only is not None for suite in suites for _, read in suite.tests)
    return [
        _Share(
            frozenset(map(_key, some)),
            tuple(dict.fromkeys(path for suite in (suites if needs_all else some) for path in _files(suite))),
            wanted,
        )
        for some in mine
        if some
    ]


def _files(suite: Suite) -> list[Path]:
    """Return what to name so that a suite is found again: its tests files, or its rule if it has none."""
    return [file.path for file, _ in suite.tests] or [suite.path]


def _key(suite: Suite) -> Key:
    return suite.path, suite.rule


def _run(share: _Share) -> list[RuleResult]:
    everything = find_suites(share.files).suites
    mine = [suite for suite in everything if _key(suite) in share.mine]
    return run_suites(mine, Run(wanted=share.wanted), everything)
