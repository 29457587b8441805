"""Files of roll-ups: written, read back, refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from windshear.context.context import load_context
from windshear.context.metrics import FILE_COLUMNS, Rollups, measures_of, metrics_problem, read_rollups, write_rollups
from windshear.core.errors import InputError
from windshear.language.front import compile_source
from windshear.language.metrics import Measure
from windshear.language.source import Source

BY_USER = Measure("auth_attempts_total", "1d", ("target.user.userid",))
BY_TWO = Measure("auth_attempts_total", "1h", ("target.application", "target.user.userid"))
OF_ALL = Measure("network_bytes_total", "1d", ())
RULE = """rule r {
  meta:
    author = "x"
  events:
    $e.target.user.userid = $user
  match:
    $user over 1h
  outcome:
    $days = max(metrics.auth_attempts_total(
      period: 1d, window: 30d, metric: event_count_sum, agg: num_metric_periods, target.user.userid: $user))
    $most = max(metrics.auth_attempts_total(
      period: 1d, window: 30d, metric: event_count_sum, agg: max, target.user.userid: $user, filter: first_seen > 7))
  condition:
    $e
}"""


def written(path: Path) -> Rollups:
    """Write three measures, one of them without rows."""
    rows = pa.record_batch(
        [[0, 0, 2], [["ann"], ["bob"], []], [0, 86_400_000_000, 0], [1, 2, 3], [0, 0, 9], [5, 6, 7], [5, 8, 9]],
        schema=FILE_COLUMNS,
    )
    return write_rollups(path, [BY_USER, BY_TWO, OF_ALL], [rows])


def test_rollups_come_back(tmp_path: Path) -> None:
    """A file says which measures it holds, and each is read by itself."""
    written(tmp_path / "metrics.parquet")
    rollups = load_context(tmp_path).rollups
    assert rollups is not None
    assert rollups.measures == (BY_USER, BY_TWO, OF_ALL)
    ann, bob = rollups.read(BY_USER).read_all().to_pylist()
    assert ann == {"value0": "ann", "start": 0, "event_count": 1, "value_sum": 0, "first": 5, "last": 5}
    assert bob["value0"] == "bob"
    assert rollups.read(OF_ALL).read_all().to_pylist()[0]["value_sum"] == 9
    nothing = rollups.read(BY_TWO).read_all()
    assert nothing.num_rows == 0
    assert nothing.column_names[:2] == ["value0", "value1"]


def test_what_is_no_file_of_rollups_is_refused(tmp_path: Path) -> None:
    """Other files, other tables and other versions are named with what is wrong."""
    path = tmp_path / "metrics.parquet"
    path.write_text("no parquet")
    with pytest.raises(InputError, match="cannot be read"):
        read_rollups(path)
    pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(InputError, match="no file of roll-ups"):
        read_rollups(path)
    for header, said in (('{"version": 9, "measures": []}', "version 9"), ('{"version": 1}', "Field required")):
        empty = FILE_COLUMNS.with_metadata({b"windshear.rollups": header.encode()}).empty_table()
        pq.write_table(empty, path)
        with pytest.raises(InputError, match=said):
            read_rollups(path)


def test_a_rule_needs_what_it_reads() -> None:
    """Several uses of one measure are one need; a rule cannot be evaluated without it."""
    (rule,) = compile_source(Source("r", RULE)).rules
    assert measures_of([rule, rule]) == (BY_USER,)
    assert metrics_problem(rule, (BY_TWO, BY_USER)) is None
    assert "has no history" in (metrics_problem(rule, None) or "")
    assert "hold no `metrics.auth_attempts_total per 1d" in (metrics_problem(rule, (BY_TWO,)) or "")
