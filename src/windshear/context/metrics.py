"""Roll-ups of history: what metrics read, per measure and period, and the file in which they are kept.

A roll-up is one row: of one measure, for one combination of values of its dimensions and one period, how many events
there were, the bytes that they carried, and when the first and the last of them were. Rows are in a Parquet file, so
that history is read once and then used by many runs. The file also names the measures, for history may hold nothing
about one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from windshear.core.errors import InputError
from windshear.language import expressions as ex
from windshear.language.metrics import Measure, Period
from windshear.language.rule import CheckedRule

_VERSION = 1
_METADATA = b"windshear.rollups"
_MEASURE, _VALUES = "measure", "dimension_values"
_ROWS_AT_A_TIME = 50_000

# Of one measure. Times are microseconds; a period begins at `start`; sums stay at the largest 64-bit integer.
OBSERVATIONS: tuple[tuple[str, pa.DataType], ...] = (
    ("start", pa.int64()),
    ("event_count", pa.int64()),
    ("value_sum", pa.int64()),
    ("first", pa.int64()),
    ("last", pa.int64()),
)
# `measure` is a place among the measures of the file, `dimension_values` go with the measure's dimensions.
FILE_COLUMNS = pa.schema([(_MEASURE, pa.int32()), (_VALUES, pa.list_(pa.string())), *OBSERVATIONS])


@dataclass(frozen=True, slots=True)
class Rollups:
    """The roll-ups of some measures, in a file. A measure that is not among them is not known to have no events."""

    path: Path
    measures: tuple[Measure, ...]

    def read(self, measure: Measure) -> pa.RecordBatchReader:
        """Return the rows of one measure: a text column for each dimension, named by `dimension_column`."""
        number, schema = self.measures.index(measure), schema_of(measure)

        def batches() -> Iterator[pa.RecordBatch]:
            file = pq.ParquetFile(self.path)
            groups = [i for i in range(file.num_row_groups) if _may_hold(file.metadata.row_group(i), number)]
            for batch in file.iter_batches(_ROWS_AT_A_TIME, row_groups=groups):
                rows = batch.filter(pc.equal(batch.column(_MEASURE), number))
                values = [pc.list_element(rows.column(_VALUES), i) for i in range(len(measure.dimensions))]
                yield pa.record_batch([*values, *(rows.column(name) for name, _ in OBSERVATIONS)], schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())


def _may_hold(group: pq.RowGroupMetaData, number: int) -> bool:
    """Whether a part of the file may have rows of a measure; its rows stand together."""
    known = group.column(0).statistics
    return known is None or not known.has_min_max or known.min <= number <= known.max


class _MeasureModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    metric: str
    period: Period
    dimensions: list[str]


class _HeaderModel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    measures: list[_MeasureModel]


def dimension_column(number: int) -> str:
    """Name the column that holds the values of a measure's dimension, counted from 0."""
    return f"value{number}"


def schema_of(measure: Measure) -> pa.Schema:
    """Return the columns of one measure's rows."""
    return pa.schema([*((dimension_column(i), pa.string()) for i in range(len(measure.dimensions))), *OBSERVATIONS])


def write_rollups(path: Path, measures: Sequence[Measure], rows: Iterable[pa.RecordBatch]) -> Rollups:
    """Write a file of roll-ups; `rows` have the columns of `FILE_COLUMNS`."""
    listed = [_MeasureModel(metric=m.metric, period=m.period, dimensions=list(m.dimensions)) for m in measures]
    header = _HeaderModel(version=_VERSION, measures=listed)
    schema = FILE_COLUMNS.with_metadata({_METADATA: header.model_dump_json().encode()})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch.cast(schema))
    return Rollups(path, tuple(measures))


def read_rollups(path: Path) -> Rollups:
    """Read which measures a file of roll-ups holds; its rows are read when a run asks for them."""
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"roll-ups `{path}` cannot be read: {str(error).splitlines()[0]}") from error
    if _METADATA not in (schema.metadata or {}) or not schema.equals(FILE_COLUMNS):
        raise InputError(f"`{path}` is no file of roll-ups; `windshear history` writes one")
    try:
        header = _HeaderModel.model_validate_json(schema.metadata[_METADATA])
    except ValidationError as error:
        raise InputError(f"roll-ups `{path}`: {error.errors()[0]['msg']}") from error
    if header.version != _VERSION:
        raise InputError(f"roll-ups `{path}` are of version {header.version}, expected {_VERSION}; write them anew")
    return Rollups(path, tuple(Measure(m.metric, m.period, tuple(m.dimensions)) for m in header.measures))


def measures_of(rules: Iterable[CheckedRule]) -> tuple[Measure, ...]:
    """Return what rules need to be kept of history, in a fixed order."""
    values = (outcome.value for rule in rules for outcome in rule.outcomes)
    return tuple(sorted({node.measure for value in values for node in ex.walk(value) if isinstance(node, ex.Metric)}))


def metrics_problem(rule: CheckedRule, known: Collection[Measure] | None) -> str | None:
    """Return why a rule cannot be evaluated with the history of a run (None: it has none), or None."""
    for measure in measures_of([rule]):
        if known is None:
            return (
                f"it reads `{measure}`, and the run has no history: give `--history LOGS`, or roll-ups in the context"
            )
        if measure not in known:
            return f"the roll-ups of the context hold no `{measure}`: write them with this rule (`windshear history`)"
    return None
