"""What every part of an explanation works on: one plan, the store with all its records, and who the records are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import EventReference
from windshear.engine.plan import Plan
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import IDENTITIES
from windshear.engine.settle.groups import integer
from windshear.engine.settle.variables import Layout, layout
from windshear.engine.store import CandidateStore
from windshear.language.rule import CheckedRule

ASKED = "asked"  # relation of the numbers of records that a statement looks at
TABLE = "DATA_TABLE"


@dataclass(frozen=True)
class Scope:
    """One plan over one store.

    limit: how many of a kind are shown. known: who records are, as far as it was asked. kept: relations of candidates.
    """

    plan: Plan
    store: CandidateStore
    limit: int
    known: dict[int, EventReference] = field(default_factory=dict)
    kept: dict[str, Sql] = field(default_factory=dict)

    @property
    def rule(self) -> CheckedRule:
        """The rule of the plan."""
        return self.plan.rule

    @cached_property
    def layout(self) -> Layout:
        """Which predicates belong to which variables."""
        return layout(self.rule)

    def records(self, variable: str) -> Sql:
        """Return the relation of all records of a variable, which have numbers; a table's rows have their places."""
        relation = self.plan.relation(variable)
        if self.rule.variables[variable].source != "table":
            return relation
        return sql.raw(f"(SELECT *, {sql.aliased(sql.raw('rowid + 1'), NUMBER)} FROM {relation})")

    def candidates(self, variable: str) -> Sql:
        """Return the relation of the records that pass what a variable's clauses ask, once these were kept."""
        return self.kept[variable] if variable in self.kept else self.records(variable)

    def some(self, variable: str) -> Sql:
        """Return the relation of those records that `asked` names."""
        number = sql.name(NUMBER)
        return sql.raw(f"(SELECT * FROM {self.records(variable)} WHERE {number} IN (SELECT {number} FROM {ASKED}))")

    def references(self, variable: str, numbers: Iterable[int]) -> Mapping[int, EventReference]:
        """Return who some records of a variable are."""
        wanted = list(dict.fromkeys(numbers))
        if self.rule.variables[variable].source == "table":
            name = f"data table {variable}"
            return {number: EventReference("", None, TABLE, "", f"{name}:{number}") for number in wanted}
        missing = [number for number in wanted if number not in self.known]
        if missing:
            rows = self.store.rows(
                f"SELECT i.{sql.name(NUMBER)}, i.id, i.time, i.log_type, i.product_log_id, i.source "
                f"FROM {IDENTITIES} AS i SEMI JOIN {ASKED} USING ({sql.name(NUMBER)})",
                **{ASKED: asked(missing)},
            )
            for number, identity, time, log_type, product_log_id, source in rows:
                when = None if time is None else integer(time)
                self.known[integer(number)] = EventReference(
                    str(identity), when, str(log_type), str(product_log_id or ""), str(source)
                )
        return {number: self.known[number] for number in wanted}


def asked(numbers: Sequence[int]) -> pa.Table:
    """Return numbers of records as a table that statements can join."""
    return pa.table({NUMBER: pa.array(numbers, pa.int64())})
