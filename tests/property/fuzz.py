"""Compare the engine with the reference evaluator for as long as wanted: `make fuzz SECONDS=600`.

Ends with the number of (rule, event set) pairs and detections compared, or at the first difference, shrunk to a
smallest rule and its events. Between the comparisons damaged rules are read, which must end in diagnostics.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.language.syntax.mutations import damaged, examine
from tests.property.agreement import Tally, assert_agreement
from tests.property.events import Json, awkward_events, event_sets
from tests.property.queries import queries
from tests.property.rules import RuleParts, plain_rules, rule_sets
from tests.property.search_agreement import assert_search_agrees
from tests.property.worlds import World, worlds

_EXAMPLES = 20  # per round; a round has a seed of its own
_SETS = 8  # of events in one scan
_DAMAGED = 100  # texts per round


def main() -> None:
    """Run rounds in every process until the time is over or something differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    end = time.time() + options.seconds
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(options.jobs, context) as pool:
        stop = manager.Event()
        started = [pool.submit(_work, options.seed + job, options.jobs, end, stop) for job in range(options.jobs)]
        done, _ = wait(started, return_when=FIRST_EXCEPTION)
        stop.set()
        for problem in filter(None, (work.exception() for work in done)):
            notes = "\n".join(getattr(problem, "__notes__", ()))
            sys.exit(f"{type(problem).__name__}: {problem}\n{notes}")
        tallies = [work.result() for work in started]
    pairs, detections = sum(tally.pairs for tally in tallies), sum(tally.detections for tally in tallies)
    sys.stdout.write(
        f"{pairs:,} pairs of a rule and a set of events, {detections:,} detections, no difference; "
        f"{sum(tally.queries for tally in tallies):,} queries with {sum(tally.rows for tally in tallies):,} rows, "
        "no difference; "
        f"{sum(tally.texts for tally in tallies):,} damaged rules, no crash "
        f"(seed {options.seed}, {options.jobs} processes)\n"
    )


def _work(first: int, step: int, end: float, stop: threading.Event) -> Tally:
    """Run every `step`-th round until the time is over or another process has found something."""
    tally = Tally()
    number = first
    while time.time() < end and not stop.is_set():
        compare(number, tally)
        random = Random(number)
        for _ in range(_DAMAGED):
            examine(damaged(random))
        tally.texts += _DAMAGED
        number += step
    return tally


def compare(number: int, tally: Tally) -> None:
    """Compare one round of examples."""

    @seed(number)
    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(rule_sets(least=6), worlds(least=_SETS, most=_SETS))
    def compare_examples(parts: list[RuleParts], world: World) -> None:
        assert_agreement(parts, world, tally)

    @seed(number)
    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(plain_rules(), min_size=1, max_size=25))
    def compare_predicates(parts: list[RuleParts]) -> None:
        assert_agreement(parts, World([awkward_events()]), tally)

    @seed(number)
    @settings(max_examples=_EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(queries, event_sets(), st.booleans())
    def compare_queries(query: str, events: list[Json], ignores_case: bool) -> None:
        tally.rows += assert_search_agrees(query, events, ignores_case=ignores_case)
        tally.queries += 1

    compare_examples()
    compare_predicates()
    compare_queries()


if __name__ == "__main__":
    main()
