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
from dataclasses import dataclass, field

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.factors import Factors, Spoke
from windshear.engine.settle.grouping import TOTAL
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.rows import (
    BUCKET,
    CHOSEN,
    GROUP,
    IDENTITY,
    NUMBER,
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
_SMALLEST, _LARGEST, _COUNT = "@smallest", "@largest", "@count"


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
        """Have a value computed on every row of a variable; return the name of its column."""
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
        selected = [*map(sql.name, self.group), sql.aliased(sql.name(NUMBER), EVENT), *arguments]
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
        if not self.rule.bounded:
            stars = self._turns()
            spokes = {spoke.variable: spoke for star in stars for spoke in star.spokes}
            tables += [(_reach(spoke), "MATERIALIZED", self._reach(spoke)) for spoke in spokes.values()]
            return tables + [(_on(star.hub), "NOT MATERIALIZED", self._hub(star)) for star in stars]
        star = self.factors
        tables += [(_reach(spoke), "MATERIALIZED", self._reach(spoke)) for spoke in star.spokes]
        tables.append((_on(star.hub), "NOT MATERIALIZED", self._hub(star)))
        for spoke in star.spokes:
            is_free = spoke.is_free and not self.is_weighted
            tables.append((_back(spoke), "MATERIALIZED", self._back(star, spoke)))
            rows = f"SELECT * FROM {_placed(spoke.variable)}" if is_free else self._spoke(spoke)
            tables.append((_on(spoke.variable), "NOT MATERIALIZED", rows))
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
        selected = [*keys, sql.column(name, NUMBER), sql.column(name, fields.TIME), *self._ties(name)]
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
        numbers = " UNION ALL ".join(f"SELECT {sql.name(NUMBER)} FROM {_rows(name)}" for name in self.rule.variables)
        return f"SELECT {sql.name(NUMBER)} FROM ({numbers}) GROUP BY {sql.name(NUMBER)} HAVING count(*) > 1"

    def _placed(self, name: str) -> str:
        """Put a variable's rows into windows, or into the chosen groups."""
        row = sql.name(name)
        source = f"{_rows(name)} AS {row}"
        if self.is_counted:
            number = sql.name(NUMBER)
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

    def _reach(self, spoke: Spoke) -> str:
        return f"{self._offer(spoke, [sql.raw('count(*)')], _placed(spoke.variable))}"

    def _offer(self, spoke: Spoke, counts: Sequence[Sql], source: Sql, where: str = "") -> str:
        """Summarise the rows of one side per group and equal values."""
        keys = [sql.name(column) for column in (*self.group, *_equal(spoke))]
        selected = [*keys, *(sql.aliased(count, _COUNT) for count in counts)]
        if spoke.order is not None:
            value = sql.name(_ordered(spoke))
            selected.append(sql.aliased(sql.call("min", value), _SMALLEST))
            selected.append(sql.aliased(sql.call("max", value), _LARGEST))
        return f"SELECT {_commas(selected)} FROM {source}{where} GROUP BY {_commas(keys)}"

    def _hub(self, star: Factors) -> str:
        """Keep the hub's rows that have a partner in every spoke that must be there."""
        hub = sql.name(star.hub)
        source = f"{_placed(star.hub)} AS {hub}"
        selected = [sql.raw(f"{hub}.*")]
        factors = []
        for spoke in star.spokes:
            if not self._is_tested(spoke):
                continue
            kind = "LEFT JOIN" if spoke.is_optional else "JOIN"
            partner = _reach(spoke)
            on = [_same(star.hub, partner, column) for column in (*self.group, *_equal(spoke))]
            if spoke.order is not None:
                on.append(_finds(spoke.order.operator, sql.column(star.hub, _ordered(spoke)), partner))
            source += f" {kind} {partner} ON {sql.all_of(on)}"
            count = sql.raw(f"{partner}.{sql.name(_COUNT)}")
            selected.append(sql.aliased(sql.raw(f"({count} IS NULL)"), _missing(spoke)))
            selected.append(sql.aliased(_wide(sql.coalesce(count, sql.integer(1))), _partners(spoke)))
            factors.append(_wide(sql.coalesce(count, sql.integer(1))))
        if self.is_weighted:
            selected.append(sql.aliased(_product(factors), TIMES))
        return f"SELECT {_commas(selected)} FROM {source}"

    def _back(self, star: Factors, spoke: Spoke) -> str:
        """Summarise, for one spoke, the hub's rows that stay."""
        return self._offer(spoke, [self._others(spoke)], _on(star.hub), "")

    def _others(self, spoke: Spoke) -> Sql:
        """Count the combinations of the hub's rows with the spokes other than this one."""
        if not self.is_weighted:
            return sql.raw("count(*)")
        return sql.call("sum", sql.binary("//", sql.name(TIMES), sql.name(_partners(spoke))))

    def _spoke(self, spoke: Spoke) -> str:
        """Keep a spoke's rows that have a partner in the hub."""
        row, partner = sql.name(spoke.variable), _back(spoke)
        on = [_same(spoke.variable, partner, column) for column in (*self.group, *_equal(spoke))]
        if spoke.order is not None:
            operator = _SWAPPED[spoke.order.operator]
            on.append(_finds(operator, sql.column(spoke.variable, _ordered(spoke)), partner))
        times = f", {partner}.{sql.name(_COUNT)} AS {sql.name(TIMES)}" if self.is_weighted else ""
        return f"SELECT {row}.*{times} FROM {_placed(spoke.variable)} AS {row} JOIN {partner} ON {sql.all_of(on)}"

    def _shown(self, name: str) -> str:
        """Select a variable's participants; those that `_told_apart` counts do not count here."""
        own = {column for column, _ in self.arguments.get(name, [])}
        once = sql.case(sql.name(AGAIN), sql.integer(0), sql.integer(1))
        values = {column: sql.name(column) for column in own}
        return self._part(_on(name), {count_of(name): once, TOTAL: once, **values}, sql.name(TIMES))

    def _told_apart(self) -> str:
        """Count the events with several rows, each once per group."""
        keys = _commas([sql.name(column) for column in (*self.group, NUMBER)])
        names = list(self.rule.variables)
        parts = []
        for name in names:
            marks = [sql.aliased(sql.integer(int(name == other)), count_of(other)) for other in names]
            parts.append(f"SELECT {keys}, {_commas(marks)} FROM {_on(name)} WHERE {sql.name(AGAIN)}")
        marks = [sql.aliased(sql.call("max", sql.name(count_of(name))), count_of(name)) for name in names]
        counted = f"(SELECT {keys}, {_commas(marks)} FROM ({' UNION ALL '.join(parts)}) GROUP BY {keys})"
        counts = {count_of(name): sql.name(count_of(name)) for name in names}
        return self._part(sql.raw(counted), {**counts, TOTAL: sql.integer(1)}, _wide(sql.integer(0)))

    def _lonely(self, star: Factors, spoke: Spoke) -> str:
        """Give each group in which some row of the hub has no partner a row on which the spoke is absent."""
        name = spoke.variable
        own = self.arguments.get(name, [])
        zeros = [sql.aliased(value, column) for column, value in own]
        nothing = f"(SELECT * FROM {self.relations[name]} WHERE false)"
        zero = f"(SELECT {_commas(zeros)} FROM (SELECT 1) LEFT JOIN {nothing} AS {sql.name(name)} ON true)"
        keys = [sql.name(column) for column in self.group]
        others = f", {self._others(spoke)} AS {sql.name(TIMES)}" if self.is_weighted else ""
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
                return sql.coalesce(sql.column(variable, IDENTITY), sql.text(""))
            case _:
                raise AssertionError(f"{type(node).__name__} has no value on a row")

    return read


_SWAPPED = {"!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _finds(operator: str, value: Sql, partner: Sql) -> Sql:
    """Whether some value between smallest and largest of a partner's, both of which it has, satisfies the order."""
    smallest, largest = (sql.raw(f"{partner}.{sql.name(end)}") for end in (_SMALLEST, _LARGEST))
    match operator:
        case "!=":
            return sql.any_of([sql.binary("<>", value, smallest), sql.binary("<>", value, largest)])
        case "<" | "<=":
            return sql.binary(operator, value, largest)
        case _:
            return sql.binary(operator, value, smallest)


def _same(table: str, partner: Sql, column: str) -> Sql:
    return sql.binary("=", sql.column(table, column), sql.raw(f"{partner}.{sql.name(column)}"))


def _product(factors: Sequence[Sql]) -> Sql:
    product = factors[0]
    for other in factors[1:]:
        product = sql.binary("*", product, other)
    return product


def _wide(value: Sql) -> Sql:
    return sql.cast(value, "HUGEINT")


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


def _reach(spoke: Spoke) -> Sql:
    return sql.name(f"reach {spoke.variable}")


def _back(spoke: Spoke) -> Sql:
    return sql.name(f"back {spoke.variable}")
