"""Events as one Parquet file: flat columns to ask questions of, and the whole event as it is.

The columns are those of the contract in `windshear.udm.columns` that any of the events fills, whatever its log type.
The column `udm` holds the event as proto-JSON: it is what is read back, so nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, BinaryIO, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from windshear.udm.columns import Columns, arrow_type, merge
from windshear.udm.filled import columns_of
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.rows import TIME, to_table

EVENT_COLUMN = "udm"
_GROUP = 5_000  # events in a row group


class ParquetEvents:
    """Takes events and writes them when it is closed: only then is it known which columns they fill.

    Until then they wait in a nameless file, so memory does not depend on their number.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Write to a stream that the caller closes."""
        self._stream = stream
        self._waiting: IO[bytes] = TemporaryFile()  # noqa: SIM115 (closed on exit)
        self._columns: Columns = {}

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file unless something went wrong."""
        with self._waiting:
            if kind is None:
                self._write()

    def add(self, events: Sequence[Mapping[str, object]]) -> None:
        """Add events in canonical form."""
        self._columns = merge([self._columns, *(columns_of(event) for event in events)])
        for event in events:
            self._waiting.write(orjson.dumps(write_event(event)) + b"\n")

    def _write(self) -> None:
        columns = dict(sorted(self._columns.items()))
        schema = pa.schema(
            [
                (TIME, pa.int64()),
                (EVENT_COLUMN, pa.string()),
                *((name, arrow_type(column)) for name, column in columns.items()),
            ]
        )
        self._waiting.seek(0)
        with pq.ParquetWriter(self._stream, schema, compression="zstd") as writer:
            for lines in _groups(self._waiting):
                events = [read_event(orjson.loads(line))[0] for line in lines]
                table = to_table(events, columns)
                texts = pa.array([line.rstrip(b"\n").decode() for line in lines], pa.string())
                table = table.append_column(EVENT_COLUMN, texts)
                writer.write_table(
                    pa.table(
                        [
                            table.column(field.name)
                            if field.name in table.column_names
                            else pa.nulls(len(lines), field.type)
                            for field in schema
                        ],
                        schema=schema,
                    )
                )


def _groups(stream: IO[bytes]) -> Iterator[list[bytes]]:
    while group := list(islice(stream, _GROUP)):
        yield group
