"""How the variables of a rule are joined one after the other: by placeholders, predicates, and validity in time.

Events are joined first; entities and rows of tables, which have no place in a window, follow what they are tied to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.engine.settle.variables import Layout, holders, is_timed, tables_of_optional, tied_events
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule


def placeholder_column(name: str) -> str:
    """Name the column that carries a placeholder's value."""
    return "$" + name


def first_present(variables: Sequence[str], column: str) -> Sql:
    """Read a column from the first of several variables that is there."""
    columns = [sql.column(name, column) for name in variables]
    return columns[0] if len(columns) == 1 else sql.call("coalesce", *columns)


@dataclass(slots=True)
class Join:
    """The join of one rule while it grows; `joined` are the variables that are in it.

    relations: the rows of each variable. is_alternative: any of the events may be absent.
    """

    rule: CheckedRule
    plan: Layout
    relations: Mapping[str, Sql]
    leaf: Callable[[Leaf], Sql]
    lists: Lists
    joined: list[str]
    is_alternative: bool = False

    def add(self, name: str) -> list[Sql]:
        """Join one more variable; return on which conditions."""
        conditions = [*self._links(name), *self._validity(name)]
        self.joined.append(name)
        known = set(self.joined)
        return conditions + [self._test(test) for test, read in self.plan.cross if name in read and read <= known]

    def with_context(self) -> str:
        """Join the entities and table rows that must be there, each after something that it is equated with."""
        source = ""
        waiting = [name for name in self.rule.variables if name in self.rule.bounded and not is_timed(self.rule, name)]
        while waiting:
            name = next((name for name in waiting if self._is_linked(name)), waiting[0])
            waiting.remove(name)
            conditions = self.add(name)
            source += f" JOIN {self.relations[name]} AS {sql.name(name)} ON {sql.all_of(conditions)}"
        return source

    def with_tables(self, name: str) -> tuple[Sql, list[Sql]]:
        """Join an event that may be absent with the tables joined to it alone: without a row it counts as absent.

        Returns the relation, and conditions that also read what was joined before.
        """
        relation = sql.raw(f"{self.relations[name]} AS {sql.name(name)}")
        further: list[Sql] = []
        for table in tables_of_optional(self.rule, name):
            known = {*self.joined, table}
            tests = [(test, read) for test, read in self.plan.cross if table in read and read <= known]
            on = sql.all_of(self._test(test) for test, read in tests if read == {name, table})
            further += [self._test(test) for test, read in tests if read != {name, table}]
            relation = sql.raw(f"({relation} JOIN {self.relations[table]} AS {sql.name(table)} ON {on})")
            self.joined.append(table)
        return relation, further

    def _test(self, predicate: ex.Expression) -> Sql:
        return lower(predicate, self.leaf, self.lists)

    def _links(self, name: str) -> list[Sql]:
        """Equate the placeholders that a new variable shares with variables already joined."""
        conditions = []
        for placeholder in self.rule.placeholders:
            names = holders(self.rule, placeholder)
            partners = [other for other in self.joined if other in names]
            if name in names and partners:
                column = placeholder_column(placeholder)
                there = first_present(partners if self.is_alternative else partners[:1], column)
                conditions.append(sql.binary("=", there, sql.column(name, column)))
        return conditions

    def _validity(self, name: str) -> list[Sql]:
        """Require that entities are valid in the time of the events they are tied to, where one of the two is new."""
        rule = self.rule
        pairs = [*((name, other) for other in self.joined), *((other, name) for other in self.joined)]
        conditions = []
        for entity, event in pairs:
            if rule.variables[entity].source == "graph" and event in tied_events(rule, entity):
                time = sql.column(event, fields.TIME)
                start, end = sql.column(entity, fields.VALID_FROM), sql.column(entity, fields.VALID_TO)
                is_inside = sql.all_of([sql.binary("<=", start, time), sql.binary("<", time, end)])
                is_there = sql.raw(f"({time} IS NOT NULL AND {start} IS NOT NULL)")
                are_sure = {entity, event} <= rule.bounded
                conditions.append(is_inside if are_sure else sql.case(is_there, is_inside, sql.TRUE))
        return conditions

    def _is_linked(self, name: str) -> bool:
        known = set(self.joined)
        names = (set(holders(self.rule, placeholder)) for placeholder in self.rule.placeholders)
        if any(name in some and some & known for some in names):
            return True
        return any(
            name in read and read <= known | {name} and isinstance(test, ex.Comparison) and test.operator == "="
            for test, read in self.plan.cross
        )
