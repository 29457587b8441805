"""The rows of each variable that are on a joined row, found without joining rows: see `factors`.

For the hub and every spoke, `rows` has what a statement asks of a variable's own rows, once per row. Each row is put
into its windows (or into the chosen groups that it belongs to). Per group, `reach` says what the rows of a spoke offer,
the hub keeps its rows that find what they need, and `back` says what those offer to the spoke in turn.

An event may have several rows, and be bound to several variables. Those that have only one can be counted without
remembering which they are; `@again` marks the others.

A row stands for as many joined rows as it has combinations of partners. That number, `@times`, is only computed where
an aggregate needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.factors import SWAPPED, Factors, Spoke
from windshear.engine.settle.grouping import TOTAL
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.offers import Offer
from windshear.engine.settle.rows import CHOSEN, GROUP
from windshear.engine.settle.windows import (
    BUCKET,
    WINDOW,
    Windows,
    floor_multiple,
    in_windows,
    inside_window,
    windows_of,
)
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule

TIMES = "@times"
EVENT = "@event"
AGAIN = "@again"
_NONE, _ONE = sql.raw("0::HUGEINT"), sql.raw("1::HUGEINT")


@dataclass(slots=True)
class Participants:
    """Builds the common table expressions of one statement.

    relations: the rows of each variable. of_chosen: only chosen groups, which `@group` then names; else every window.
    """

    rule: CheckedRule
    factors: Factors
    relations: Mapping[str, Sql]
    lists: Lists
    of_chosen: bool
    is_weighted: bool = False
    is_counted: bool = False
    arguments: dict[str, list[tuple[str, Sql]]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)  # optional variables whose absence on a joined row must be seen

    @property
    def windows(self) -> Windows:
        """The match window."""
        assert self.rule.window is not None
        return windows_of(self.rule.window)

    @property
    def group(self) -> list[str]:
        """The columns that name a group."""
        if self.of_chosen:
            return [GROUP]
        return [*(placeholder_column(key) for key in self.rule.match_keys), WINDOW]

    def ask(self, variable: str, value: Sql) -> str:
        """Have a value computed on every row of a variable, once; return the name of its column."""
        known = next((column for column, one in self.arguments.get(variable, []) if one == value), None)
        if known is not None:
            return known
        name = f"x{sum(map(len, self.arguments.values()))}"
        self.arguments.setdefault(variable, []).append((name, value))
        return name

    def all_rows(self) -> str:
        """Select all participants: group, `#variable` and `@total` (to be summed), arguments, `@times`."""
        self.is_counted = True
        stars = [self.factors] if self.rule.bounded else self._turns()
        parts = []
        for star in stars:
            parts.append(self._shown(star.hub))
            for spoke in star.spokes:
                if self.rule.bounded:
                    parts.append(self._shown(spoke.variable))
                if spoke.variable in self.absent:
                    parts.append(self._lonely(star, spoke))
        return self._with_tables(" UNION ALL ".join([*parts, self._told_apart()]))

    def rows_of(self, variable: str) -> str:
        """Select the participants of one variable: group, `@event`, arguments."""
        arguments = [sql.name(column) for column, _ in self.arguments.get(variable, [])]
        selected = [*map(sql.name, self.group), sql.aliased(sql.name(fields.NUMBER), EVENT), *arguments]
        return self._with_tables(f"SELECT {_commas(selected)} FROM {_on(variable)}")

    def _with_tables(self, query: str) -> str:
        """Define the tables that a query needs, directly or through others."""
        needed: list[str] = []
        text = query
        for name, materialized, definition in reversed(self._tables()):
            if name.text in text:
                needed.append(f"{name} AS {materialized} ({definition})")
                text += definition
        return f"WITH {', '.join(reversed(needed))} {query}"

    def _tables(self) -> list[tuple[Sql, str, str]]:
        """List all tables, each after those that it reads. Rows are filtered once, and put into windows while read."""
        names = self.rule.variables
        tables = [(_rows(name), "MATERIALIZED", self.own_rows(name)) for name in names]
        tables.append((_AGAIN_NUMBERS, "MATERIALIZED", self._again()))
        tables += [(_placed(name), "NOT MATERIALIZED", self._placed(name)) for name in names]
        stars = [self.factors] if self.rule.bounded else self._turns()
        for spoke in {spoke.variable: spoke for star in stars for spoke in star.spokes}.values():
            one = sql.integer(1)
            tables += self._reach(spoke).tables(_placed(spoke.variable), one, counts=self.is_weighted)
        tables += [(_on(star.hub), "NOT MATERIALIZED", self._hub(star)) for star in stars]
        for spoke in self.factors.spokes if self.rule.bounded else ():
            others = self._others(spoke) if self.is_weighted else sql.integer(1)
            tables += self._back(spoke).tables(_on(self.factors.hub), others, counts=self.is_weighted)
            tables.append((_on(spoke.variable), "NOT MATERIALIZED", self._spoke(spoke)))
        return tables

    def _turns(self) -> list[Factors]:
        """Where any variable may be absent, each is the hub once, with the others as its optional spokes."""
        names = list(self.rule.variables)
        return [
            Factors(hub, tuple(Spoke(name, (), (), None, is_optional=True) for name in names if name != hub))
            for hub in names
        ]

    def _is_tested(self, spoke: Spoke) -> bool:
        """Whether the hub's rows must look for partners."""
        if self.is_weighted or spoke.variable in self.absent:
            return True
        return not spoke.is_free and not spoke.is_optional

    def own_rows(self, name: str) -> str:
        """Select what is asked of a variable's own rows."""
        keys = [sql.column(name, placeholder_column(key)) for key in self.rule.match_keys]
        selected = [*keys, sql.column(name, fields.NUMBER), sql.column(name, fields.TIME), *self._ties(name)]
        selected += [sql.aliased(value, column) for column, value in self.arguments.get(name, [])]
        return f"SELECT {_commas(selected)} FROM {self.relations[name]} AS {sql.name(name)}"

    def _ties(self, name: str) -> list[Sql]:
        """Return the values that a variable's rows offer to their partners."""
        leaf = own_leaf(name)
        found = []
        for spoke in self.factors.spokes:
            if name in (self.factors.hub, spoke.variable):
                is_hub = name == self.factors.hub
                values = [sql.column(name, placeholder_column(p)) for p in spoke.placeholders]
                values += [lower(e.hub if is_hub else e.spoke, leaf, self.lists) for e in spoke.equal]
                found += [sql.aliased(v, column) for v, column in zip(values, _equal(spoke), strict=True)]
                if spoke.order is not None:
                    value = lower(spoke.order.hub if is_hub else spoke.order.spoke, leaf, self.lists)
                    value = sql.call("lower", value) if spoke.order.is_nocase else value
                    found.append(sql.aliased(value, _ordered(spoke)))
        return found

    def _again(self) -> str:
        """Select the events that have more than one row, for one variable or several."""
        numbers = " UNION ALL ".join(
            f"SELECT {sql.name(fields.NUMBER)} FROM {_rows(name)}" for name in self.rule.variables
        )
        return (
            f"SELECT {sql.name(fields.NUMBER)} FROM ({numbers}) GROUP BY {sql.name(fields.NUMBER)} HAVING count(*) > 1"
        )

    def _placed(self, name: str) -> str:
        """Put a variable's rows into windows, or into the chosen groups."""
        row = sql.name(name)
        source = f"{_rows(name)} AS {row}"
        if self.is_counted:
            number = sql.name(fields.NUMBER)
            is_again = sql.raw(f"({number} IN (SELECT {number} FROM {_AGAIN_NUMBERS}))")
            is_again = sql.TRUE if self.of_chosen else is_again  # these are few; finding the others costs more
            source = f"(SELECT *, {sql.aliased(is_again, AGAIN)} FROM {_rows(name)}) AS {row}"
        if not self.of_chosen:
            hops, start, conditions = in_windows(self.windows, [name])
            return f"SELECT {row}.*, {sql.aliased(start, WINDOW)} FROM {source}{hops} WHERE {sql.all_of(conditions)}"
        start, time = sql.column(CHOSEN, WINDOW), sql.column(name, fields.TIME)
        conditions = [
            sql.binary("=", sql.column(name, placeholder_column(key)), sql.column(CHOSEN, placeholder_column(key)))
            for key in self.rule.match_keys
        ]
        if name == self.windows.pivot:
            chosen = sql.name(CHOSEN).text
            size = sql.integer(self.windows.size if self.windows.kind == "sliding_before" else 0)
            conditions.append(sql.binary("=", time, sql.binary("+", start, size)))
        else:
            chosen = f"{self._chosen_buckets()} AS {sql.name(CHOSEN)}"
            conditions.append(sql.binary("=", floor_multiple(time, self.windows.size), sql.column(CHOSEN, BUCKET)))
            conditions.append(inside_window(self.windows, start, name))
        return f"SELECT {row}.*, {sql.column(CHOSEN, GROUP)} FROM {source} JOIN {chosen} ON {sql.all_of(conditions)}"

    def _chosen_buckets(self) -> str:
        """Give each chosen group once for every coarse block of time that its window reaches into."""
        size = self.windows.size
        first = floor_multiple(sql.name(WINDOW), size)
        bucket = sql.binary("+", first, sql.binary("*", sql.raw("block.n"), sql.integer(size)))
        chosen = f"{sql.name(CHOSEN)} AS one CROSS JOIN range(2) AS block(n)"
        return f"(SELECT one.*, {sql.aliased(bucket, BUCKET)} FROM {chosen})"

    def _reach(self, spoke: Spoke) -> Offer:
        """Return what a spoke's rows offer to the hub's."""
        order = spoke.order
        return Offer(
            f"reach {spoke.variable}",
            [*self.group, *_equal(spoke)],
            _ordered(spoke) if order is not None else None,
            order.operator if order is not None else None,
        )

    def _back(self, spoke: Spoke) -> Offer:
        """Return what those of the hub's rows that stay offer to a spoke's."""
        reach = self._reach(spoke)
        swapped = SWAPPED[reach.operator] if reach.operator is not None else None
        return replace(reach, name=f"back {spoke.variable}", operator=swapped)

    def _hub(self, star: Factors) -> str:
        """Keep the hub's rows that have a partner in every spoke that must be there."""
        source = f"{_placed(star.hub)} AS {sql.name(star.hub)}"
        selected = [sql.raw(f"{sql.name(star.hub)}.*")]
        numbers = []
        where = []
        for spoke in star.spokes:
            if self._is_tested(spoke):
                joins, count = self._reach(spoke).asked(
                    star.hub, counts=self.is_weighted, is_optional=spoke.is_optional
                )
                source += joins
                is_missing = sql.binary("=", count, sql.integer(0))
                if not spoke.is_optional:
                    where.append(sql.not_(is_missing))
                numbers.append(sql.call("greatest", count, _ONE))
                selected.append(sql.aliased(is_missing, _missing(spoke)))
                selected.append(sql.aliased(numbers[-1], _partners(spoke)))
        if self.is_weighted:
            selected.append(sql.aliased(_product(numbers), TIMES))
        return f"SELECT {_commas(selected)} FROM {source} WHERE {sql.all_of(where)}"

    def _others(self, spoke: Spoke) -> Sql:
        """Count the combinations of a row of the hub with the spokes other than this one."""
        return sql.binary("//", sql.name(TIMES), sql.name(_partners(spoke)))

    def _spoke(self, spoke: Spoke) -> str:
        """Keep a spoke's rows that have a partner in the hub."""
        row, name = sql.name(spoke.variable), spoke.variable
        if spoke.is_free and not self.is_weighted:
            return f"SELECT * FROM {_placed(name)}"
        joins, count = self._back(spoke).asked(name, counts=self.is_weighted, is_optional=False)
        times = f", {sql.aliased(count, TIMES)}" if self.is_weighted else ""
        return f"SELECT {row}.*{times} FROM {_placed(name)} AS {row}{joins} WHERE {count} > 0"

    def _shown(self, name: str) -> str:
        """Select a variable's participants; those that `_told_apart` counts do not count here."""
        own = {column for column, _ in self.arguments.get(name, [])}
        once = sql.case(sql.name(AGAIN), sql.integer(0), sql.integer(1))
        values = {column: sql.name(column) for column in own}
        return self._part(_on(name), {count_of(name): once, TOTAL: once, **values}, sql.name(TIMES))

    def _told_apart(self) -> str:
        """Count the events with several rows, each once per group."""
        keys = _commas([sql.name(column) for column in (*self.group, fields.NUMBER)])
        names = list(self.rule.variables)
        parts = []
        for name in names:
            marks = [sql.aliased(sql.integer(int(name == other)), count_of(other)) for other in names]
            parts.append(f"SELECT {keys}, {_commas(marks)} FROM {_on(name)} WHERE {sql.name(AGAIN)}")
        marks = [sql.aliased(sql.call("max", sql.name(count_of(name))), count_of(name)) for name in names]
        counted = f"(SELECT {keys}, {_commas(marks)} FROM ({' UNION ALL '.join(parts)}) GROUP BY {keys})"
        counts = {count_of(name): sql.name(count_of(name)) for name in names}
        return self._part(sql.raw(counted), {**counts, TOTAL: sql.integer(1)}, _NONE)

    def _lonely(self, star: Factors, spoke: Spoke) -> str:
        """Give each group in which some row of the hub has no partner a row on which the spoke is absent."""
        name = spoke.variable
        own = self.arguments.get(name, [])
        zeros = [sql.aliased(value, column) for column, value in own]
        nothing = f"(SELECT * FROM {self.relations[name]} WHERE false)"
        zero = f"(SELECT {_commas(zeros)} FROM (SELECT 1) LEFT JOIN {nothing} AS {sql.name(name)} ON true)"
        keys = [sql.name(column) for column in self.group]
        others = f", sum({self._others(spoke)})::HUGEINT AS {sql.name(TIMES)}" if self.is_weighted else ""
        groups = (
            f"(SELECT {_commas(keys)}{others} FROM {_on(star.hub)} WHERE {sql.name(_missing(spoke))} "
            f"GROUP BY {_commas(keys)})"
        )
        values = {column: sql.name(column) for column, _ in own}
        return self._part(sql.raw(f"{groups} CROSS JOIN {zero}"), values, sql.name(TIMES))

    def _part(self, source: Sql, values: Mapping[str, Sql], times: Sql) -> str:
        """Select the columns of `all_rows`; counts that are not given are 0, arguments NULL."""
        selected = [sql.name(column) for column in self.group]
        counts = (*map(count_of, self.rule.variables), TOTAL)
        selected += [sql.aliased(values.get(column, sql.integer(0)), column) for column in counts]
        for some in self.arguments.values():
            selected += [sql.aliased(values.get(column, sql.NULL), column) for column, _ in some]
        selected += [sql.aliased(times, TIMES)] if self.is_weighted else []
        return f"SELECT {_commas(selected)} FROM {source}"


def count_of(name: str) -> str:
    """Name the column that counts a variable's events."""
    return "#" + name


def own_leaf(variable: str) -> Callable[[Leaf], Sql]:
    """Read fields and placeholders of one variable; on a row where it is absent they are zero."""

    def read(node: Leaf) -> Sql:
        match node:
            case ex.Field():
                return fields.read(node, variable)
            case ex.Placeholder(name=name, type=value_type):
                return sql.coalesce(sql.column(variable, placeholder_column(name)), sql.literal(value_type.zero))
            case ex.EventIdentity():
                return sql.coalesce(sql.column(variable, fields.IDENTITY), sql.text(""))
            case ex.Partition():
                return sql.coalesce(fields.partition(sql.column(variable, fields.NUMBER)), sql.integer(0))
            case _:
                raise AssertionError(f"{type(node).__name__} has no value on a row")

    return read


def _product(factors: Sequence[Sql]) -> Sql:
    product = factors[0]
    for other in factors[1:]:
        product = sql.binary("*", product, other)
    return product


def _commas(items: Sequence[Sql]) -> str:
    return ", ".join(item.text for item in items)


def _equal(spoke: Spoke) -> list[str]:
    return [f"={spoke.variable}{n}" for n in range(len(spoke.placeholders) + len(spoke.equal))]


def _ordered(spoke: Spoke) -> str:
    return f"<{spoke.variable}"


def _missing(spoke: Spoke) -> str:
    return f"missing {spoke.variable}"


def _partners(spoke: Spoke) -> str:
    return f"partners {spoke.variable}"


_AGAIN_NUMBERS = sql.name("again")


def _rows(name: str) -> Sql:
    return sql.name(f"rows {name}")


def _placed(name: str) -> Sql:
    return sql.name(f"placed {name}")


def _on(name: str) -> Sql:
    return sql.name(f"on {name}")
