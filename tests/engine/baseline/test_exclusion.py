"""Who must not teach a baseline: events are left out from a moment on, whichever field names them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest

from windshear.engine.baseline.exclusion import Exclusion
from windshear.engine.batch import EventBatch
from windshear.logs.record import batch_of


def batch(**columns: Sequence[str | None]) -> EventBatch:
    """Return a batch of events at the moments 0, 1, 2 and so on."""
    count = len(next(iter(columns.values())))
    table = pa.table(
        {"ts_us": list(range(count)), **{name: pa.array(some, pa.string()) for name, some in columns.items()}}
    )
    return EventBatch("OKTA", table, batch_of([str(number) for number in range(count)]))


@pytest.mark.parametrize(
    "column",
    [
        "principal.user.userid",
        "target.user.userid",
        "principal.hostname",
        'principal.user.attribute.labels["person_id"]',
        'target.user.attribute.labels["person_id"]',
    ],
)
def test_from_a_moment_on(column: str) -> None:
    """Without regard to case; what was before stays, and so do others and those without a name."""
    exclusion = Exclusion({"ann": 2, "zoe": 0})
    assert column in exclusion.columns
    left = exclusion.without(batch(**{column: ["ann", "Zoe", "ANN", None, "bob", "ann"]}))
    assert left.records.texts.to_pylist() == ["0", "3", "4"]
    assert left.table.column("ts_us").to_pylist() == [0, 3, 4]
    assert exclusion.events == 3


def test_the_earliest_of_all_names_counts() -> None:
    """An event is of its person and of its host."""
    exclusion = Exclusion({"ann": 2, "ws-1": 1})
    both = batch(**{"principal.user.userid": ["ann"] * 3, "principal.hostname": ["ws-1", "ws-1", "ws-2"]})
    assert exclusion.without(both).records.texts.to_pylist() == ["0"]


def test_nobody() -> None:
    """Without names nothing is asked for, and batches stay as they are."""
    given = batch(other=["ann"])
    assert Exclusion().columns == {}
    assert Exclusion().without(given) is given
    assert Exclusion({"ann": 0}).without(given) is given
