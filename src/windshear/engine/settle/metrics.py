"""Metrics in settle: the answers that history gives are joined to the rows of a rule.

For each metric that a rule reads there is one relation of answers: the aggregate for every combination of dimension
values and every moment (the beginning of a day or an hour) that the window of a row may begin in. It is computed from
the roll-ups by equality and addition alone, each roll-up being part of the answers for the moments that follow it, so
that its size grows with the roll-ups and the days of the scan, and the join with the rows is a hash join.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from windshear.context.metrics import dimension_column
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle.fields import TIME, floor_div
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.rows import JoinedRows
from windshear.engine.settle.variables import is_shared, owner
from windshear.engine.settle.windows import windows_of
from windshear.language import expressions as ex
from windshear.language.metrics import DAYS, SECONDS, Measure, Observed
from windshear.language.rule import CheckedRule

_MICROSECONDS = 1_000_000
_DAY = 86_400 * _MICROSECONDS
_LARGEST = 2**63 - 1
_MOMENT, _VALUE = "@moment", "@value"


def rollup_relation(measure: Measure) -> str:
    """Name the relation in which statements see the roll-ups of a measure."""
    return str(measure)


@dataclass(slots=True)
class MetricJoins:
    """The metrics that the rows of a rule read; `source` is what has to follow the rows' own source.

    identities: the relation with the times of all candidates.
    """

    rule: CheckedRule
    rows: JoinedRows
    lists: Lists
    identities: str
    joins: list[Sql] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The joins of all metrics that were read."""
        return "".join(f" LEFT JOIN {join}" for join in self.joins)

    def leaf(self, node: Leaf) -> Sql:
        """Read a leaf on a row, metrics included."""
        return self._read(node) if isinstance(node, ex.Metric) else self.rows.leaf(node)

    def _read(self, node: ex.Metric) -> Sql:
        alias = f"@metric{len(self.joins)}"
        size = SECONDS[node.period] * _MICROSECONDS
        begin = self.rows.window or sql.column(next(iter(self.rule.variables)), TIME)
        same = [sql.binary("=", sql.column(alias, _MOMENT), _floor(begin, size))]
        for name, value in zip(_asked(node), node.values, strict=True):
            asked = sql.cast(lower(value, self.rows.leaf, self.lists), "VARCHAR")
            same.append(sql.binary("=", sql.column(alias, name), asked))
        self.joins.append(sql.raw(f"({self._answers(node)}) AS {sql.name(alias)} ON {sql.all_of(same)}"))
        return sql.coalesce(sql.column(alias, _VALUE), sql.literal(node.type.zero))

    def _answers(self, node: ex.Metric) -> str:
        """Select (dimension values that are asked for, moment, value) for the moments of the candidates."""
        size = SECONDS[node.period] * _MICROSECONDS
        asked = [sql.name(name) for name in _asked(node)]
        start, moment = sql.name("start"), sql.name(_MOMENT)
        until = sql.binary("+", start, sql.binary("*", sql.name("n"), sql.integer(size)))
        later = DAYS if node.period == "1d" else _DAY // size - 1
        periods = f"SELECT * FROM ({self._periods(node, asked)}) WHERE {self._is_asked(start, size, later)}"
        moments = (
            f"SELECT *, {sql.aliased(until, _MOMENT)} FROM ({periods}) CROSS JOIN range(1, {later + 1}) AS later(n)"
        )
        where = [self._is_asked(moment, size)]
        if node.period == "1h":
            where.append(sql.binary("=", _floor(start, _DAY), _floor(moment, _DAY)))
        keys = _commas([*asked, moment])
        value = sql.aliased(_aggregate(node, sql.name("x")), _VALUE)
        return f"SELECT {keys}, {value} FROM ({moments}) WHERE {sql.all_of(where)} GROUP BY {keys}"

    def _periods(self, node: ex.Metric, asked: list[Sql]) -> str:
        """Select (dimension values that are asked for, start, x), one row for each period that passes the filter."""
        relation = sql.name(rollup_relation(node.measure))
        passes = sql.TRUE if node.filter is None else lower(node.filter, _observation, self.lists)
        test = sql.all_of([*self._is_of_candidates(node), passes])
        keys = _commas([*asked, sql.name("start")])
        if node.metric == "num_unique_filter_values":
            return f"SELECT {keys}, count(*) AS x FROM {relation} WHERE {test} GROUP BY {keys}"
        return f"SELECT {keys}, {sql.aliased(_observed(node.metric), 'x')} FROM {relation} WHERE {test}"

    def _is_of_candidates(self, node: ex.Metric) -> Iterator[Sql]:
        """Yield that the values of a roll-up are among those of the candidates: history may know many more."""
        for column, value in zip(_asked(node), node.values, strict=True):
            if isinstance(value, ex.Placeholder) and not is_shared(self.rule, value.name):
                variable = owner(self.rule, value.name)
                if variable in self.rule.bounded:  # an absent event has the zero value
                    known = sql.cast(sql.name(placeholder_column(value.name)), "VARCHAR")
                    values = f"SELECT DISTINCT {known} FROM {self.rows.relations[variable]} AS {sql.name(variable)}"
                    yield sql.raw(f"({sql.name(column)} IN ({values}))")

    def _is_asked(self, time: Sql, size: int, later: int = 0) -> Sql:
        """Whether the window of some row may begin in the period after a time, or up to `later` periods after that."""
        span = windows_of(self.rule.window).size if self.rule.window is not None else 0
        first = sql.raw(f"((SELECT min(time) FROM {self.identities}) - {span + size + later * size})")
        last = sql.raw(f"(SELECT max(time) FROM {self.identities})")
        return sql.all_of([sql.binary(">=", time, first), sql.binary("<=", time, last)])


def _asked(node: ex.Metric) -> list[str]:
    """Name the columns of the dimensions whose values are given."""
    places = node.measure.dimensions
    return [dimension_column(places.index(path.text)) for path in node.dimensions]


def _aggregate(node: ex.Metric, value: Sql) -> Sql:
    """Return the aggregate over the periods of a window; where periods count, those with the value 0 do not."""
    has_value = f"FILTER (WHERE {value} <> 0)"
    number = sql.cast(value, "DOUBLE")
    match node.agg:
        case "max" | "min" | "sum":
            return _word(sql.call(node.agg, value))
        case "num_metric_periods":
            return sql.raw(f"(count(*) {has_value})")
        case "avg":
            return sql.coalesce(sql.raw(f"(favg({number}) {has_value})"), sql.literal(0.0))
        case "stddev":
            return sql.coalesce(sql.raw(f"(stddev_samp({number}) {has_value})"), sql.literal(0.0))


def _observation(node: Leaf) -> Sql:
    assert isinstance(node, ex.Observation), "the filter of a metric reads its periods only"
    return _observed(node.name)


def _observed(name: Observed) -> Sql:
    """Return what is known of a period."""
    match name:
        case "event_count_sum":
            return sql.name("event_count")
        case "value_sum":
            return sql.name("value_sum")
        case "first_seen":
            return floor_div(sql.name("first"), _MICROSECONDS)
        case "last_seen":
            return floor_div(sql.name("last"), _MICROSECONDS)


def _word(value: Sql) -> Sql:
    """Keep an integer within 64 bits, which is what an integer of a rule has."""
    inside = sql.call("least", sql.call("greatest", value, sql.integer(-_LARGEST - 1)), sql.integer(_LARGEST))
    return sql.cast(inside, "BIGINT")


def _floor(value: Sql, size: int) -> Sql:
    return sql.binary("*", floor_div(value, size), sql.integer(size))


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)
