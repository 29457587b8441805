"""The plan of a rule: what every mode of running it shares.

`CheckedRule → Plan`: the sift formula per variable, the settle statements, the columns it reads, and its facts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from windshear.context.context import Context
from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.detections.detection import RuleFacts
from windshear.engine.apart import apart
from windshear.engine.as_read import as_read
from windshear.engine.branches import split
from windshear.engine.settle.fields import access_of
from windshear.engine.settle.graph_setup import changed, overridden_fields, setup_fields
from windshear.engine.settle.guards import key_guards
from windshear.engine.settle.lower import NO_LISTS, Lists, table_relation
from windshear.engine.settle.statement import Statements, statements
from windshear.engine.settle.variables import all_expressions
from windshear.engine.sift.keys import formulas
from windshear.engine.sift.nodes import Formula, relaxed
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.tables import joined_table
from windshear.udm.columns import Column, merge
from windshear.udm.requests import EVENT_NANOS, EVENT_SECONDS

_MOST_SIFTED = 200_000  # cells of a table's column that sift looks values up in


@dataclass(frozen=True)
class Plan:
    """One rule, or one branch of a compat rule, ready to run.

    slots: the number under which each variable's candidates are stored; the rows of tables are no candidates. columns:
    what each variable reads. lists: the reference lists and tables that the rule may read. readings: how
    open points of the language are read; what they change of the rule is in `rule` already.
    """

    rule: CheckedRule
    facts: RuleFacts
    branch: str
    slots: Mapping[str, int]
    columns: Mapping[str, Mapping[str, Column]]
    formulas: Mapping[str, Formula]
    lists: Lists
    readings: Readings

    @cached_property
    def statements(self) -> Statements:
        """The settle stage, compiled when the rule has candidates for the first time: most rules never have any."""
        return statements(self.rule, self.relation, self.lists, self.readings)

    @property
    def required_slots(self) -> tuple[int, ...]:
        """The slots without whose candidates the rule finds nothing."""
        return tuple(slot for name, slot in self.slots.items() if name in self.rule.bounded)

    @property
    def tables(self) -> tuple[str, ...]:
        """The data tables that the statements read."""
        tests = (node for expression in all_expressions(self.rule) for node in ex.walk(expression))
        looked_up = [node.list_name for node in tests if isinstance(node, ex.Membership) and node.column is not None]
        joined = [joined_table(name) for name, variable in self.rule.variables.items() if variable.source == "table"]
        joined += [change.table for change in self.rule.setup if change.condition is not None]
        return tuple(dict.fromkeys([*joined, *looked_up]))

    @property
    def identified(self) -> frozenset[str]:
        """The variables whose events' identities the statements read."""
        nodes = (node for expression in all_expressions(self.rule) for node in ex.walk(expression))
        return frozenset(node.variable for node in nodes if isinstance(node, ex.EventIdentity))

    def relation(self, variable: str) -> sql.Sql:
        """Return the relation of a variable's candidates: what waits in its slot, or the rows of a table."""
        if variable in self.slots:
            candidates = sql.name(slot_relation(self.slots[variable]))
            return changed(self.rule, variable, candidates, self.columns[variable])
        return sql.name(table_relation(joined_table(variable)))

    @property
    def settles_at_end(self) -> bool:
        """Whether the rule must see all events before it can settle."""
        return settles_at_end(self.rule)


def build_plans(
    rules: Sequence[CheckedRule],
    lists: Lists = NO_LISTS,
    readings: Readings | None = None,
    *,
    is_partitioned: bool = False,
) -> tuple[Plan, ...]:
    """Build the plans of a rule set; slot numbers are unique within it.

    is_partitioned: for a scan of several data sets that do not meet.
    """
    plans: list[Plan] = []
    slot = 0
    for rule in rules:
        facts = RuleFacts(rule.name, rule.text, rule.meta, rule.is_multi_event)
        for branch, part in split(as_read(rule, readings or Readings())):
            slots = {name: slot + i for i, name in enumerate(part.shown_variables)}
            slot += len(slots)
            whole = apart(part) if is_partitioned else part
            plans.append(_plan(whole, facts, branch, slots, lists, readings or Readings()))
    return tuple(plans)


def lists_of(context: Context) -> Lists:
    """Return the lists, tables and roll-ups of a context as the engine reads them."""
    entries = {name: found.entries for name, found in context.lists.items()}
    return Lists(entries, {name: table.rows for name, table in context.tables.items()}, context.rollups)


def _plan(
    rule: CheckedRule, facts: RuleFacts, branch: str, slots: Mapping[str, int], lists: Lists, readings: Readings
) -> Plan:
    return Plan(
        rule=rule,
        facts=facts,
        branch=branch,
        slots=slots,
        columns={name: columns_read(rule, name, readings) for name in slots},
        formulas=_formulas(rule, lists),
        lists=lists,
        readings=readings,
    )


def _formulas(rule: CheckedRule, lists: Lists) -> Mapping[str, Formula]:
    """Return the sift formulas; what a table may override is not known before settle."""
    found = formulas(rule, lambda name: lists.find(name, _MOST_SIFTED))
    return {name: _without(overridden_fields(rule, name), wanted) for name, wanted in found.items()}


def _without(columns: Collection[str], wanted: Formula) -> Formula:
    return relaxed(wanted, lambda leaf: leaf.column in columns)


def settles_at_end(rule: CheckedRule) -> bool:
    """Whether a rule correlates events (or suppresses by time), so that later input can change the answer."""
    return rule.window is not None or "suppression_window" in rule.options


def columns_read(rule: CheckedRule, variable: str, readings: Readings) -> dict[str, Column]:
    """Return the columns that a variable's events must have."""
    read = [field for expression in all_expressions(rule) for field in ex.fields(expression)]
    read += [guard.keys for guard in key_guards(rule, readings)]
    read += setup_fields(rule, variable)
    return merge(
        access_of(field.path).request
        for field in read
        if field.variable == variable and field.path.text not in (EVENT_SECONDS, EVENT_NANOS)
    )


def slot_relation(slot: int) -> str:
    """Name the relation in which statements see the candidates of a slot."""
    return f"slot {slot}"
