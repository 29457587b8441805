"""Rows of a search in every format: nothing is lost, nothing steers a terminal, and columns stand below each other."""

from __future__ import annotations

import csv
import io
import json

import pytest

from windshear.cli.formats.names import SearchFormat
from windshear.cli.formats.rows import Row, row_writer
from windshear.language.query import ResultColumn
from windshear.language.types import INT, STRING

COLUMNS = (
    ResultColumn("time", INT, None, "time", "e"),
    ResultColumn("host", STRING, None),
    ResultColumn("n", INT, None),
    ResultColumn("ips", STRING.list_of, None),
)
FIRST: Row = (1_770_112_800_000_000, "ws1", 7, ["192.0.2.1", "a,b"])
SECOND: Row = (None, 'x\x1b[31m,"\n', None, [])


def written(form: SearchFormat, *rows: Row, width: int | None = None) -> str:
    """Return what a writer makes of some rows."""
    stream = io.BytesIO()
    writer = row_writer(form, COLUMNS, stream, width=width)
    for row in rows:
        writer.write(row)
    writer.close()
    return stream.getvalue().decode()


def test_json_keeps_types() -> None:
    """Numbers stay numbers, null is null, times are RFC 3339."""
    first = {"time": "2026-02-03T10:00:00Z", "host": "ws1", "n": 7, "ips": ["192.0.2.1", "a,b"]}
    lines = written(SearchFormat.JSONL, FIRST, SECOND).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(written(SearchFormat.JSON, FIRST, SECOND))
    assert json.loads(lines[0]) == first
    assert json.loads(lines[1]) == {"time": None, "host": 'x\x1b[31m,"\n', "n": None, "ips": []}


def test_huge_integers_are_text_in_json() -> None:
    """JSON readers would round them."""
    (row,) = json.loads(written(SearchFormat.JSON, (None, "", 2**70, [])))
    assert row["n"] == str(2**70)


@pytest.mark.parametrize(
    ("form", "expected"), [(SearchFormat.JSON, "[]\n"), (SearchFormat.JSONL, ""), (SearchFormat.TABLE, "")]
)
def test_no_rows(form: SearchFormat, expected: str) -> None:
    """An empty result is well formed."""
    assert written(form) == expected


def test_csv_is_read_back() -> None:
    """A reader gets every text; lists are JSON, null is empty; the header is there without rows, too."""
    header, first, second = csv.reader(io.StringIO(written(SearchFormat.CSV, FIRST, SECOND), newline=""))
    assert header == ["time", "host", "n", "ips"]
    assert first == ["2026-02-03T10:00:00Z", "ws1", "7", '["192.0.2.1","a,b"]']
    assert second == ["", 'x\x1b[31m,"\n', "", "[]"]
    assert written(SearchFormat.CSV) == "time,host,n,ips\n"


def test_table_is_aligned_and_safe() -> None:
    """Numbers stand to the right; what could steer a terminal is escaped."""
    header, line, first, second = written(SearchFormat.TABLE, FIRST, SECOND).splitlines()
    assert header == "time                  host              n  ips"
    assert set(line) == {"-", " "}
    assert first == "2026-02-03T10:00:00Z  ws1               7  192.0.2.1, a,b"
    assert second == 'null                  x\\x1b[31m,"\\n  null'
    assert "\x1b" not in second


def test_table_fits_on_a_terminal() -> None:
    """The widest columns give way; elsewhere nothing is cut."""
    row: Row = (1_770_112_800_000_000, "h" * 80, 7, ["192.0.2.1"])
    assert max(map(len, written(SearchFormat.TABLE, row, width=60).splitlines())) <= 60
    assert "h" * 80 in written(SearchFormat.TABLE, row)


def test_later_rows_do_not_move_the_columns() -> None:
    """Widths are chosen by the first rows; a long list of rows is not held back."""
    rows: list[Row] = [(None, f"ws{number}", number, []) for number in range(700)]
    lines = written(SearchFormat.TABLE, *rows).splitlines()
    assert len(lines) == 702
    assert {line.index("ws") for line in lines[2:]} == {6}
