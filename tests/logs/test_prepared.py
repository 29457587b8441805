"""Prepared statements: every record once and in order, and large records a few at a time."""

from __future__ import annotations

import gc
import weakref

import pyarrow as pa
import pytest

from windshear.core import sql
from windshear.logs.label_texts import LabelFunction
from windshear.logs.normalise import ingest_connection
from windshear.logs.prepared import RECORDS, ROW_COLUMN, TEXT_COLUMN, Prepared, set_aside

_COLUMNS = [sql.raw(ROW_COLUMN), sql.raw(TEXT_COLUMN)]


@pytest.mark.parametrize(("count", "size"), [(0, 10), (1, 10), (5_000, 10), (2_100, 2_000), (300, 100_000)])
def test_every_record_once(count: int, size: int) -> None:
    """The rows of a statement are the records in their order, whatever their number and size."""
    texts = pa.array([f"{number:0{size}}" for number in range(count)], pa.string())
    table = Prepared(ingest_connection()).run(sql.select(_COLUMNS, RECORDS).text, texts)
    assert table.column(ROW_COLUMN).to_pylist() == list(range(count))
    assert table.column(TEXT_COLUMN).combine_chunks() == texts


def test_large_records_are_worked_on_a_few_at_a_time() -> None:
    """What is worked on together is bounded by its size."""
    sizes: list[int] = []

    def measured(texts: pa.ChunkedArray) -> pa.Array:
        sizes.append(texts.nbytes)
        return pa.nulls(len(texts), pa.string())

    prepared = Prepared(ingest_connection())
    prepared.learn([LabelFunction("measured", measured)])
    texts = pa.array(["x" * 20_000] * 1_000, pa.string())
    prepared.run(sql.select([sql.call('"measured"', sql.raw(TEXT_COLUMN))], RECORDS).text, texts)
    assert sum(sizes) >= 20_000_000
    assert max(sizes) < 3_000_000


def test_a_text_set_aside_is_the_last_column() -> None:
    """A text that passes the result of a statement by is in the table all the same, also of no records."""
    statement = sql.select([sql.raw(ROW_COLUMN), sql.aliased(set_aside(sql.raw(TEXT_COLUMN)), "aside")], RECORDS).text
    prepared = Prepared(ingest_connection())
    for texts in ([str(number) for number in range(5_000)], [], ["a"]):
        table = prepared.run(statement, pa.array(texts, pa.string()))
        assert table.column("aside").to_pylist() == texts
        assert table.column(ROW_COLUMN).to_pylist() == list(range(len(texts)))


def test_a_connection_is_let_go() -> None:
    """What a connection holds is freed with it: nothing that it knows holds the connection."""

    def empty(texts: pa.ChunkedArray) -> pa.Array:
        return pa.nulls(len(texts), pa.string())

    prepared = Prepared(ingest_connection())
    prepared.learn([LabelFunction("empty", empty)])
    prepared.run(sql.select([sql.call('"empty"', sql.raw(TEXT_COLUMN))], RECORDS).text, pa.array(["a"]))
    held = weakref.ref(empty)
    del empty, prepared
    gc.collect()
    assert held() is None
