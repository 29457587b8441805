"""Sliding windows whose events are only counted: a running sum over time instead of a join with every pivot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.factors import Factors, Spoke
from windshear.engine.settle.grouping import TOTAL, Grouping, counted_placeholders
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf
from windshear.engine.settle.participants import Participants
from windshear.engine.settle.windows import WINDOW, floor_multiple, windows_of
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, OutcomeDefinition

_SECOND = 1_000_000
_ALL, _SPOKES = "@all", "@spokes"


def is_counted(rule: CheckedRule, found: Factors, read: Iterable[OutcomeDefinition], *, needs_total: bool) -> bool:
    """Whether counts decide about the windows of a sliding rule, and time alone about who is in them.

    needs_total: the number of distinct events over all variables must be exact.
    """
    if rule.window is None or rule.window.pivot != found.hub or list(read) or counted_placeholders(rule):
        return False
    orders = [spoke.order for spoke in found.spokes if spoke.order is not None]
    if needs_total and orders:
        return False
    ties = any(spoke.placeholders or spoke.equal for spoke in found.spokes)
    return not ties and all(order.is_of_times for order in orders)


@dataclass(slots=True)
class OfPivots(Grouping):
    """The windows of a pivot's events, with the number of events of each variable inside."""

    participants: Participants

    def grouped(self) -> str:
        """Count the events of every variable per key and time, then sum over each pivot's window."""
        rule, rows = self.rule, self.participants
        assert rule.window is not None
        windows = windows_of(rule.window)
        hub = rows.factors.hub
        keys = [sql.name(placeholder_column(key)) for key in rule.match_keys]
        time = sql.name(fields.TIME)
        names = list(rule.variables)
        tables = [f"{sql.name('rows ' + name)} AS ({rows.own_rows(name)})" for name in names]
        marked = []
        for name in names:
            marks = [sql.aliased(sql.integer(int(name == other)), _events(other)) for other in names]
            columns = _commas([*keys, time, sql.name(fields.NUMBER), *marks])
            marked.append(f"SELECT {columns} FROM {sql.name('rows ' + name)}")
        events = [sql.aliased(sql.call("max", sql.name(_events(name))), _events(name)) for name in names]
        by_event = _grouped([*keys, time, sql.name(fields.NUMBER)], events, f"({' UNION ALL '.join(marked)})")
        is_other = sql.call("greatest", *(sql.name(_events(spoke.variable)) for spoke in rows.factors.spokes))
        counts = [sql.aliased(sql.call("sum", sql.name(_events(name))), _events(name)) for name in names]
        counts += [sql.aliased(sql.raw("count(*)"), _ALL), sql.aliased(sql.call("sum", is_other), _SPOKES)]
        times = _grouped([*keys, time], counts, f"({by_event})")
        start = time if windows.kind == "sliding_after" else sql.binary("-", time, sql.integer(windows.size))
        partition = f"PARTITION BY {_commas(keys)} ORDER BY {time}"
        inside = {hub: sql.cast(sql.name(_events(hub)), "BIGINT")}
        for spoke in rows.factors.spokes:
            inside[spoke.variable] = _sum(_events(spoke.variable), partition, self._frame(spoke))
        shown = [*keys, sql.aliased(start, WINDOW), *(sql.aliased(n, "#" + name) for name, n in inside.items())]
        shown.append(sql.aliased(self._total(inside, partition), TOTAL))
        counted = f"SELECT {_commas(shown)} FROM ({times})"
        return f"WITH {', '.join(tables)} SELECT * FROM ({counted}) WHERE {sql.name('#' + hub)} > 0"

    def _total(self, inside: Mapping[str, Sql], partition: str) -> Sql:
        """Count all events of a window; where windows do not merge it is only asked how many there are at most."""
        if not self.readings.merge_sliding:
            return sql.raw(f"({' + '.join(count.text for count in inside.values())})")
        alone = sql.binary("-", sql.name(_ALL), sql.name(_SPOKES))
        return sql.cast(sql.binary("+", alone, _sum(_SPOKES, partition, self._frame(None))), "BIGINT")

    def aggregate(self, node: ex.Aggregate) -> Sql:
        """Refuse: see `is_counted`."""
        raise AssertionError(f"{node.function} over a sliding window is computed from joined rows")

    def any_row(self, node: Leaf) -> Sql:
        """Refuse: see `is_counted`."""
        raise AssertionError(f"{type(node).__name__} is read from joined rows")

    def qualifies(self, condition: Sql) -> Sql:
        """Take the condition as it is."""
        return condition

    def _frame(self, spoke: Spoke | None) -> str:
        """Return the part of a pivot's window in which a spoke's events count, as distances from the pivot."""
        assert self.rule.window is not None
        windows = windows_of(self.rule.window)
        time = sql.name(fields.TIME)
        second = floor_multiple(time, _SECOND)
        last = sql.integer(windows.size - 1)
        operator = "" if spoke is None or spoke.order is None else spoke.order.operator
        none = ("1", "0")
        if windows.kind == "sliding_after":
            following = sql.binary("-", sql.binary("+", second, sql.integer(_SECOND)), time)
            near, far = {
                "<": (following.text, last.text),
                "!=": (following.text, last.text),
                ">=": ("0", sql.binary("-", following, sql.integer(1)).text),
                ">": none,
            }.get(operator, ("0", last.text))
            return f"RANGE BETWEEN {near} FOLLOWING AND {far} FOLLOWING"
        before = sql.binary("-", time, second)
        near, far = {
            ">": (sql.binary("+", before, sql.integer(1)).text, last.text),
            "!=": (sql.binary("+", before, sql.integer(1)).text, last.text),
            "<=": ("0", before.text),
            "<": none,
        }.get(operator, ("0", last.text))
        return f"RANGE BETWEEN {far} PRECEDING AND {near} PRECEDING"


def _grouped(keys: Sequence[Sql], columns: Sequence[Sql], source: str) -> str:
    return f"SELECT {_commas([*keys, *columns])} FROM {source} GROUP BY {_commas(keys)}"


def _sum(column: str, partition: str, frame: str) -> Sql:
    total = sql.raw(f"sum({sql.name(column)}) OVER ({partition} {frame})")
    return sql.cast(sql.coalesce(total, sql.integer(0)), "BIGINT")


def _events(name: str) -> str:
    return f"events {name}"


def _commas(items: Iterable[Sql]) -> str:
    return ", ".join(item.text for item in items)
