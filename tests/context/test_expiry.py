"""Rows that end: what counts when, and what is said of dates that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from windshear.context.context import Context, context_of_json
from windshear.context.expiry import expired_rows, in_force
from windshear.context.tables import read_table
from windshear.core.errors import InputError

NOON = int(datetime(2026, 2, 3, 12, tzinfo=UTC).timestamp())
JSON = b"""{"tables": {"devs": {"columns": {"host": "string", "end": "until"},
  "rows": [["a", "2026-02-02"], ["b", "2026-02-03"], ["c", ""]]}, "other": {"columns": {"host": "string"}}}}"""


def hosts(context: Context) -> list[object]:
    """Return the hosts of the table."""
    return [row["host"] for row in context.tables["devs"].rows.to_pylist()]


def test_rows_come_and_go_with_the_time() -> None:
    """From the whole table, whatever counted before; a table without such a column is left alone."""
    context = context_of_json(JSON)
    now = in_force(context, NOON)
    assert (hosts(now), expired_rows(now.tables)) == (["b", "c"], {"devs": 1})
    assert now.tables["other"] is context.tables["other"]
    assert in_force(now, NOON) is now
    later = in_force(now, NOON + 12 * 3600)
    assert (hosts(later), expired_rows(later.tables)) == (["c"], {"devs": 2})
    assert hosts(in_force(later, 0)) == ["a", "b", "c"]


def test_dates_in_files(tmp_path: Path) -> None:
    """A date that is none is told with its line; comments count as lines."""
    path = tmp_path / "devs.csv"
    path.write_text("# who\nhost,end:until\na,2026-02-30\nb,tomorrow\nc,2026-02-03T12:00:00\nd, 2026-02-03 \ne,\n")
    table = read_table(path)
    reason = "is neither a date nor a time: write 2027-06-30, or 2027-06-30T12:00:00Z"
    assert table.problems == tuple(
        f"{path}:{line}, column `end`: `{text}` {reason}"
        for line, text in ((3, "2026-02-30"), (4, "tomorrow"), (5, "2026-02-03T12:00:00"))
    )
    assert table.rows.to_pylist() == [{"host": "d", "end": " 2026-02-03 "}, {"host": "e", "end": ""}]


def test_a_row_ends_once(tmp_path: Path) -> None:
    """A column of several ends is refused."""
    path = tmp_path / "devs.csv"
    path.write_text("host,end:until[]\n")
    with pytest.raises(InputError, match=r"line 1, column `end`: a row ends once: leave `\[\]` out"):
        read_table(path)
