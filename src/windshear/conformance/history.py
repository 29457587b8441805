"""The history of a case: events that were before those of the case, counted for the metrics of its rule."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from windshear.conformance.case import Case
from windshear.context.context import ROLLUPS
from windshear.context.metrics import Rollups, measures_of
from windshear.core.errors import InputError
from windshear.engine.inline import udm_batch
from windshear.engine.rollups import RollupBuilder
from windshear.language.rule import CheckedRule
from windshear.udm.proto_json import read_event


@contextmanager
def counted_history(rule: CheckedRule, case: Case) -> Iterator[Rollups | None]:
    """Give the roll-ups of a case's history, None if the rule reads none. A case that states no history has none."""
    measures = measures_of([rule])
    if not measures:
        yield None
        return
    history = case.context.get("history", [])
    if not isinstance(history, list):
        raise InputError(f"{case.place}: the history is a list of events")
    with tempfile.TemporaryDirectory(prefix="windshear-") as name:
        directory = Path(name)
        with RollupBuilder(measures, directory) as builder:
            if history:
                builder.add(udm_batch([read_event(event)[0] for event in history], builder.plans))
            yield builder.finish(directory / ROLLUPS)
