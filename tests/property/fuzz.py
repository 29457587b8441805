"""Compare the engine with the reference evaluator for as long as wanted: `make fuzz SECONDS=600`.

Ends with the number of (rule, event set) pairs and detections compared, or at the first difference, shrunk to a
smallest rule and its events.
"""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.property.agreement import Tally, assert_agreement
from tests.property.events import Json, awkward_events, event_sets
from tests.property.rules import RuleParts, plain_rules, rule_sets

_EXAMPLES = 20  # per round; a round has a seed of its own


def main() -> None:
    """Run rounds until the time is over or something differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    options = parser.parse_args()
    tally = Tally()
    end = time.monotonic() + options.seconds
    number = options.seed
    while time.monotonic() < end:
        try:
            compare(number, tally)
        except AssertionError as error:
            notes = "\n".join(getattr(error, "__notes__", ()))
            sys.exit(f"a difference in round {number}, after {tally.pairs} pairs:\n{error}\n{notes}")
        number += 1
    last = number - 1
    sys.stdout.write(
        f"rounds {options.seed} to {last}: {tally.pairs} pairs of a rule and a set of events, "
        f"{tally.detections} detections, no difference\n"
    )


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
    @given(rule_sets(least=1), event_sets())
    def compare_examples(parts: list[RuleParts], events: list[Json]) -> None:
        assert_agreement(parts, events, tally)

    @seed(number)
    @settings(max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(plain_rules(), min_size=1, max_size=25))
    def compare_predicates(parts: list[RuleParts]) -> None:
        assert_agreement(parts, awkward_events(), tally)

    compare_examples()
    compare_predicates()


if __name__ == "__main__":
    main()
