"""Counting history: batches of events in, roll-ups out.

A measure is compiled into a rule: its metric's definition are the predicates, its dimensions the placeholders. So an
event counts exactly when that rule would match it, and a repeated field gives a value for each of its elements. An
event counts once for each combination of values; it does not count where a dimension is absent, but a namespace may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from windshear.context.metrics import (
    FILE_COLUMNS,
    OBSERVATIONS,
    Rollups,
    dimension_column,
    measures_of,
    write_rollups,
)
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.batch import EventBatch
from windshear.engine.demand import required_columns
from windshear.engine.identities import event_ids
from windshear.engine.pile import Numbers, schema_of
from windshear.engine.plan import Plan, build_plans
from windshear.engine.settle.fields import NUMBER, TIME, floor_div
from windshear.engine.settle.lower import NO_LISTS, lower
from windshear.engine.settle.metrics import rollup_relation
from windshear.engine.settle.rows import joined_rows
from windshear.engine.sift.compile import compile_sift
from windshear.engine.store import CandidateStore
from windshear.engine.working_database import lock, open_database
from windshear.language import expressions as ex
from windshear.language.front import compile_source
from windshear.language.metrics import METRICS, SECONDS, Measure, is_namespace
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.udm.columns import Columns

_BATCH = "batch"
_MICROSECONDS = 1_000_000
_LARGEST = 2**63 - 1
_ROWS_AT_A_TIME = 50_000
_MOST_LOOSE = 1_000_000  # rows added to a measure before they are summed up
_SUMS = ("sum(event_count)", "sum(value_sum)", "min(first)", "max(last)")


class RollupBuilder:
    """Counts events for some measures. Use as a context manager; it keeps what it counts below a directory."""

    def __init__(self, measures: Sequence[Measure], directory: Path, memory_limit: str = "160MB") -> None:
        """Prepare to count nothing yet; `directory` must stay until the context ends."""
        self.measures = tuple(measures)
        self.plans = build_plans([rule_of(measure, f"m{i}") for i, measure in enumerate(self.measures)])
        self.events = self.repeats = 0
        slots = [next(iter(plan.slots.values())) for plan in self.plans]
        self._of_slot = dict(zip(slots, range(len(slots)), strict=True))
        self._sift = compile_sift([(slot, plan.formulas["e"]) for slot, plan in zip(slots, self.plans, strict=True)])
        self._statements = [_counted(measure, plan) for measure, plan in zip(self.measures, self.plans, strict=True)]
        self._loose = [0] * len(self.measures)
        self._connection = open_database(directory, "history", memory_limit)
        lock(self._connection, directory)
        self._connection.execute("CREATE TABLE counted (id VARCHAR)")
        for number, measure in enumerate(self.measures):
            self._connection.execute(f"CREATE TABLE {_table(number)} ({_table_columns(measure)})")

    @property
    def columns(self) -> Columns:
        """What the batches must hold."""
        return required_columns(self.plans)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, batch: EventBatch) -> None:
        """Count the events of a batch; a record that was counted before is a repeat and does not count again."""
        hits = self._sift.apply(batch.table)
        if not hits:
            return
        is_new = self._new_rows(batch, np.unique(np.concatenate(list(hits.values()))))
        for slot, rows in hits.items():
            number = self._of_slot[slot]
            fresh = rows[is_new[rows]]
            if len(fresh):
                self._count(number, _selected(batch.table, fresh, schema_of(self.plans[number].columns["e"])))

    def finish(self, path: Path) -> Rollups:
        """Write what was counted."""
        return write_rollups(path, self.measures, self._rows())

    def _new_rows(self, batch: EventBatch, rows: Numbers) -> np.typing.NDArray[np.bool_]:
        """Return which rows of the batch are among those asked for and were never counted."""
        ids = event_ids(batch.log_type, batch.records.take(rows).texts)
        asked = pa.table({"row": pa.array(rows), "id": pa.array(ids, pa.string())})
        self._connection.register("asked", asked)
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE fresh AS SELECT id, min(row) AS row FROM asked ANTI JOIN counted USING (id) "
            "GROUP BY id"
        )
        self._connection.unregister("asked")
        self._connection.execute("INSERT INTO counted SELECT id FROM fresh")
        found = self._connection.execute("SELECT row FROM fresh").fetchnumpy()["row"]
        self.events += len(found)
        self.repeats += len(rows) - len(found)
        is_new = np.zeros(batch.table.num_rows, np.bool_)
        is_new[found] = True
        return is_new

    def _count(self, number: int, events: pa.Table) -> None:
        self._connection.register(_BATCH, events)
        added = self._connection.execute(f"INSERT INTO {_table(number)} {self._statements[number]}").fetchone()
        self._connection.unregister(_BATCH)
        self._loose[number] += int(added[0]) if added else 0
        if self._loose[number] > _MOST_LOOSE:
            self._connection.execute(f"CREATE OR REPLACE TABLE {_table(number)} AS {self._summed(number)}")
            self._loose[number] = 0

    def _summed(self, number: int) -> str:
        keys = ", ".join(_key_names(self.measures[number]))
        sums = ", ".join(f"{function} AS {name}" for function, (name, _) in zip(_SUMS, OBSERVATIONS[1:], strict=True))
        return f"SELECT {keys}, {sums} FROM {_table(number)} GROUP BY ALL"

    def _rows(self) -> Iterator[pa.RecordBatch]:
        for number, measure in enumerate(self.measures):
            values = sql.list_of(sql.name(dimension_column(i)) for i in range(len(measure.dimensions)))
            observed = ", ".join(f"least({name}, {_LARGEST})::BIGINT" for name, _ in OBSERVATIONS)
            found = self._connection.sql(
                f"SELECT {number}::INTEGER, {values}::VARCHAR[], {observed} FROM ({self._summed(number)}) ORDER BY ALL"
            )
            for batch in found.to_arrow_reader(_ROWS_AT_A_TIME):
                yield batch.rename_columns(FILE_COLUMNS.names)


def add_rollups(store: CandidateStore, plans: Iterable[Plan]) -> None:
    """Make visible to statements what the metrics of some plans read; the run must have it."""
    wanted = {measure: plan.lists.rollups for plan in plans for measure in measures_of([plan.rule])}
    for measure, rollups in wanted.items():
        if rollups is None:
            raise ValueError(f"no roll-ups for `{measure}`")
        store.add_stream(rollup_relation(measure), rollups.read(measure))


def rule_of(measure: Measure, name: str) -> CheckedRule:
    """Return the rule that matches the events which count, with a placeholder for each dimension."""
    metric = METRICS[measure.metric]
    bindings = "\n".join(f"$value{i} = $e.{path}" for i, path in enumerate(measure.dimensions))
    outcome = f"outcome:\n$sum = {metric.value}\n" if metric.value else ""
    events = f"{metric.events}\n{bindings}"
    text = f'rule {name} {{\nmeta:\nauthor = "windshear"\nevents:\n{events}\n{outcome}condition:\n$e\n}}'
    compiled = compile_source(Source(f"metrics.{measure.metric}", text))
    assert not compiled.is_broken, compiled.diagnostics
    return compiled.rules[0]


def _counted(measure: Measure, plan: Plan) -> str:
    """Select the roll-ups of the events of one batch."""
    rule = plan.rule
    rows = joined_rows(rule, lambda _: sql.name(_BATCH), NO_LISTS)
    values = {}
    where = [rows.where]
    for number, path in enumerate(measure.dimensions):
        definition = rule.placeholders[f"value{number}"]
        value = rows.leaf(ex.Placeholder(definition.name, definition.type, definition.span))
        values[dimension_column(number)] = sql.cast(value, "VARCHAR")
        if not is_namespace(path):
            where.append(sql.binary("<>", value, sql.literal(definition.type.zero)))
    carried = lower(rule.outcomes[0].value, rows.leaf, NO_LISTS) if rule.outcomes else sql.integer(0)
    once = [
        sql.column("e", NUMBER),
        sql.aliased(sql.coalesce(sql.column("e", TIME), sql.integer(0)), "time"),
        sql.aliased(carried, "carried"),
        *(sql.aliased(value, name) for name, value in values.items()),
    ]
    distinct = f"SELECT DISTINCT {_commas(once)} FROM {rows.source} WHERE {sql.all_of(where)}"
    size = SECONDS[measure.period] * _MICROSECONDS
    start = sql.binary("*", floor_div(sql.name("time"), size), sql.integer(size))
    keys = _commas([*(sql.name(name) for name in values), sql.aliased(start, "start")])
    return f"SELECT {keys}, count(*), sum(carried)::HUGEINT, min(time), max(time) FROM ({distinct}) GROUP BY ALL"


def _selected(events: pa.Table, rows: Numbers, schema: pa.Schema) -> pa.Table:
    """Return some rows with the columns that a measure reads, spelt as in statements; absent columns are NULL."""
    present = {**{name: events.column(name) for name in events.column_names}, TIME: events.column("ts_us")}
    taken = pa.array(rows)
    columns = [
        pa.array(rows)
        if field.name == NUMBER
        else present[field.name].take(taken)
        if field.name in present
        else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.table(columns, names=[sql.folded(name) for name in schema.names])


def _key_names(measure: Measure) -> list[str]:
    return [*(dimension_column(i) for i in range(len(measure.dimensions))), "start"]


def _table_columns(measure: Measure) -> str:
    values = [f"{dimension_column(i)} VARCHAR" for i in range(len(measure.dimensions))]
    return ", ".join(
        [*values, "start BIGINT", "event_count HUGEINT", "value_sum HUGEINT", "first BIGINT", "last BIGINT"]
    )


def _table(number: int) -> Sql:
    return sql.name(f"measure {number}")


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)
