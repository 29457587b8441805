"""Which way each statement of a rule goes: over joined rows, or over each variable's own rows where those suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.core.sql import Sql
from windshear.engine.settle.evidence import Clause
from windshear.engine.settle.factored import OfParticipants, is_factored
from windshear.engine.settle.factors import Factors, factors
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.grouping import Grouping, OfJoinedRows
from windshear.engine.settle.guards import key_guards
from windshear.engine.settle.lower import Lists
from windshear.engine.settle.own_rows import variable_rows
from windshear.engine.settle.pairs import pairs
from windshear.engine.settle.participants import EVENT, Participants, own_leaf
from windshear.engine.settle.rows import CHOSEN, GROUP, JoinedRows, joined_rows
from windshear.engine.settle.sliding import OfPivots, is_counted
from windshear.engine.settle.variables import holders, layout
from windshear.engine.settle.windows import windows_of
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule, OutcomeDefinition

CLAUSES = "@clauses"
SAMPLED = "sampled"  # relation of the (group, event number) pairs that are shown in full


@dataclass(frozen=True)
class Ways:
    """The rows and groups that the statements of one rule read."""

    rule: CheckedRule
    candidates: Callable[[str], Sql]
    lists: Lists
    readings: Readings

    def groups(self, read: Sequence[OutcomeDefinition]) -> Grouping:
        """Return the groups of every window; `read` are the outcomes that decide about them."""
        rule, found = self.rule, self._factors
        if found is not None and rule.window is not None:
            if rule.window.pivot is None:
                if is_factored(rule, found, (outcome.value for outcome in read)):
                    return self._of_participants(found, of_chosen=False)
            elif is_counted(rule, found, read, needs_total=self.readings.merge_sliding):
                return OfPivots(rule, self.lists, self.readings, self._participants(found, of_chosen=False))
        return OfJoinedRows(rule, self.lists, self.readings, joined_rows(rule, self.candidates, self.lists))

    def pairs(self) -> str | None:
        """Select how many combinations of events the joined rows of all windows are looked for among."""
        rule, plan = self.rule, layout(self.rule)
        if rule.window is None:
            return None
        relations = {
            name: variable_rows(rule, name, plan, self.candidates(name), self.lists) for name in rule.variables
        }
        return pairs(rule, plan, windows_of(rule.window), relations, self.lists)

    def chosen_groups(self) -> Grouping:
        """Return the chosen groups with all their outcomes."""
        found = self._factors
        if found is not None and is_factored(self.rule, found, (outcome.value for outcome in self.rule.outcomes)):
            return self._of_participants(found, of_chosen=True)
        return OfJoinedRows(self.rule, self.lists, self.readings, self._chosen_rows, of_chosen=True)

    def events(self, variable: str) -> str:
        """Select (group, event) of the chosen groups."""
        if self.rule.window is None:  # the group is the event
            return f"SELECT {sql.name(GROUP)}, {sql.aliased(sql.name(NUMBER), EVENT)} FROM {sql.name(CHOSEN)}"
        if self._factors is not None:
            return self._participants(self._factors, of_chosen=True).rows_of(variable)
        return _of_joined(self._chosen_rows, variable, [])

    def evidence(self, variable: str, clauses: Sequence[Clause]) -> str:
        """Select (group, event, marks of the clauses) of the sampled events of the chosen groups."""

        def candidates(name: str) -> Sql:
            return _sampled(self.candidates(name)) if name == variable else self.candidates(name)

        found = self._factors
        if found is not None and all(_reads_only(self.rule, clause.atom, variable) for clause in clauses):
            rows = self._participants(found, of_chosen=True, candidates=candidates)
            marks = _packed(clause.mark(own_leaf(variable), self.lists) for clause in clauses)
            rows.arguments[variable] = [(CLAUSES, marks)]
            asked = rows.rows_of(variable)
        else:
            joined = joined_rows(self.rule, candidates, self.lists, of_chosen=True)
            marks = _packed(clause.mark(joined.leaf, self.lists) for clause in clauses)
            asked = _of_joined(joined, variable, [sql.aliased(marks, CLAUSES)])
        pair = f"({sql.name(GROUP)}, {sql.name(EVENT)})"
        shown = f"(SELECT {sql.name(GROUP)}, {sql.name(NUMBER)} FROM {SAMPLED})"
        return f"SELECT * FROM ({asked}) WHERE {pair} IN {shown}"

    @cached_property
    def _factors(self) -> Factors | None:
        if key_guards(self.rule, self.readings):  # these look at the events of joined rows
            return None
        return factors(self.rule, layout(self.rule))

    @cached_property
    def _chosen_rows(self) -> JoinedRows:
        return joined_rows(self.rule, self.candidates, self.lists, of_chosen=True)

    def _of_participants(self, found: Factors, *, of_chosen: bool) -> Grouping:
        return OfParticipants(self.rule, self.lists, self.readings, self._participants(found, of_chosen=of_chosen))

    def _participants(
        self, found: Factors, *, of_chosen: bool, candidates: Callable[[str], Sql] | None = None
    ) -> Participants:
        rule, source = self.rule, candidates or self.candidates
        plan = layout(rule)
        relations = {name: variable_rows(rule, name, plan, source(name), self.lists) for name in rule.variables}
        return Participants(rule, found, relations, self.lists, of_chosen)


def _of_joined(rows: JoinedRows, variable: str, values: Sequence[Sql]) -> str:
    selected = [
        sql.aliased(sql.column(CHOSEN, GROUP), GROUP),
        sql.aliased(sql.column(variable, NUMBER), EVENT),
        *values,
    ]
    listed = ", ".join(item.text for item in selected)
    return f"SELECT {listed} FROM {rows.source} WHERE {rows.where}"


def _packed(marks: Iterable[Sql]) -> Sql:
    found = list(marks)
    return sql.list_of(found) if found else sql.raw("[]")


def _reads_only(rule: CheckedRule, expression: ex.Expression, variable: str) -> bool:
    """Whether an expression can be read from one variable's own rows."""
    for node in ex.walk(expression):
        if isinstance(node, ex.Field | ex.EventIdentity | ex.Partition) and node.variable != variable:
            return False
        if isinstance(node, ex.Placeholder) and variable not in holders(rule, node.name):
            return False
    return True


def _sampled(candidates: Sql) -> Sql:
    """Restrict candidates to the events that are shown in full."""
    number = sql.name(NUMBER)
    return sql.raw(f"(SELECT * FROM {candidates} WHERE {number} IN (SELECT {number} FROM {SAMPLED}))")
