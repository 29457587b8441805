"""Merging of hop windows in a search: of the overlapping windows of one key that qualify, those stay that rules report.

One event lies in ten hop windows, so without this every burst would be ten rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.detections.merging import Candidate, merge
from windshear.engine.search.statement import START, TOTAL, key_columns
from windshear.engine.store import CandidateStore, Row, SettleError
from windshear.language.query import CheckedStage

_SECOND = 1_000_000
_ROW = "@row"


def kept_windows(stage: CheckedStage, rows: str, store: CandidateStore, readings: Readings) -> str:
    """Keep the rows of a stage in the store, and return a SELECT of those whose windows stay."""
    qualifying, chosen = sql.name(f"windows {stage.name}"), f"chosen {stage.name}"
    store.keep(f"windows {stage.name}", f"SELECT *, row_number() OVER () AS {sql.name(_ROW)} FROM ({rows})")
    keys = [key.text for key in key_columns(stage)]
    wanted = ", ".join([sql.name(_ROW).text, sql.name(START).text, sql.name(TOTAL).text, *keys])
    order = ", ".join([*keys, sql.name(START).text])
    assert stage.window is not None
    found = store.stream(f"SELECT {wanted} FROM {qualifying} ORDER BY {order}")
    numbers = list(_staying(found, stage.window.size * _SECOND, readings))
    store.add_table(chosen, pa.table({_ROW: pa.array(numbers, pa.int64())}))
    return f"SELECT * FROM {qualifying} SEMI JOIN {sql.name(chosen)} USING ({sql.name(_ROW)})"


def _staying(rows: Iterable[Row], size: int, readings: Readings) -> Iterator[int]:
    """Yield the numbers of the rows that stay, chain of overlapping windows by chain."""
    for chain in _chains(rows, size, readings.longest_chain):
        windows = [Candidate(start, total) for _, start, total in chain]
        yield from (chain[index][0] for index in merge(windows, size, readings.merging))


def _chains(rows: Iterable[Row], size: int, longest: int) -> Iterator[list[tuple[int, int, int]]]:
    chain: list[tuple[int, int, int]] = []
    last: tuple[object, ...] | None = None
    for number, start, total, *key in rows:
        assert isinstance(number, int)
        assert isinstance(start, int)
        assert isinstance(total, int)
        if chain and (tuple(key) != last or start - chain[-1][1] >= size):
            yield chain
            chain = []
        chain.append((number, start, total))
        last = tuple(key)
        if len(chain) > longest:
            raise SettleError(f"one key has more than {longest:,} overlapping windows in a row (`longest_chain`)")
    if chain:
        yield chain
