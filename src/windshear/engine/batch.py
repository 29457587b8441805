"""Batches: what a scan takes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from windshear.engine.pile import Numbers
from windshear.logs.known import NOTHING_KNOWN, Known
from windshear.logs.record import RecordBatch
from windshear.udm.schema import Root

Late = Callable[[Numbers], pa.Table]


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Records of one log type: flat columns with `ts_us` first, and the raw record of each row.

    late: gives, for some rows, a table with the late columns of the demand, too; None where `table` has them all.
    known: what is known of them before they are read, by which their columns were chosen.
    source: what the rows are. Entities also have the columns of their interval, and `ts_us` may be NULL.
    partitions: which data set each row belongs to, in a scan that keeps several apart.
    """

    log_type: str
    table: pa.Table
    records: RecordBatch
    late: Late | None = None
    source: Root = "udm"
    partitions: Numbers | None = None
    known: Known = NOTHING_KNOWN
