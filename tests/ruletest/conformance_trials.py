"""Conformance cases as trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from windshear.conformance.case import Case
from windshear.conformance.engine import context_of_case
from windshear.conformance.history import counted_history
from windshear.conformance.runner import compile_case
from windshear.ruletest.trial import Data, Trial


@contextmanager
def conformance_trials(cases: Sequence[Case]) -> Iterator[list[tuple[Case, Trial]]]:
    """Give the cases whose rule compiles, with its trial; each rule has a name of its own, so that they can mix."""
    with ExitStack() as opened:
        found = []
        for number, case in enumerate(cases):
            rule, _ = compile_case(case)
            if rule is None:
                continue
            context = replace(context_of_case(case), rollups=opened.enter_context(counted_history(rule, case)))
            data = Data(case.events, (), context)
            rules = (replace(rule, name=f"{rule.name}_{number}"),)
            now, seed = case.run_parameter("now"), case.run_parameter("seed")
            found.append((case, Trial(rules, data, now, seed, case.readings())))
        yield found
