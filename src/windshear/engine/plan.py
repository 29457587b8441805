"""The plan of a rule: what every mode of running it shares.

`CheckedRule → Plan`: the sift formula per variable, the settle statements, the columns it reads, and its facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from windshear.core import sql
from windshear.detections.detection import RuleFacts
from windshear.engine.branches import split
from windshear.engine.settle.fields import access_of
from windshear.engine.settle.lower import NO_LISTS, Lists
from windshear.engine.settle.statement import Statements, statements
from windshear.engine.settle.variables import all_expressions
from windshear.engine.sift.keys import formulas
from windshear.engine.sift.nodes import Formula
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.udm.columns import Column, merge
from windshear.udm.requests import EVENT_NANOS, EVENT_SECONDS


@dataclass(frozen=True)
class Plan:
    """One rule, or one branch of a compat rule, ready to run.

    slots: the number under which each variable's candidates are stored. columns: what each variable reads. lists: the
    reference lists that the rule may read.
    """

    rule: CheckedRule
    facts: RuleFacts
    branch: str
    slots: Mapping[str, int]
    columns: Mapping[str, Mapping[str, Column]]
    formulas: Mapping[str, Formula]
    lists: Lists

    @cached_property
    def statements(self) -> Statements:
        """The settle stage, compiled when the rule has candidates for the first time: most rules never have any."""
        return statements(self.rule, lambda variable: sql.name(slot_relation(self.slots[variable])), self.lists)

    @property
    def settles_at_end(self) -> bool:
        """Whether the rule must see all events before it can settle."""
        return settles_at_end(self.rule)


def build_plans(rules: Sequence[CheckedRule], lists: Lists = NO_LISTS) -> tuple[Plan, ...]:
    """Build the plans of a rule set; slot numbers are unique within it."""
    plans: list[Plan] = []
    slot = 0
    for rule in rules:
        facts = RuleFacts(rule.name, rule.text, rule.meta, rule.is_multi_event)
        for branch, part in split(rule):
            slots = {name: slot + i for i, name in enumerate(part.variables)}
            slot += len(slots)
            plans.append(_plan(part, facts, branch, slots, lists))
    return tuple(plans)


def _plan(rule: CheckedRule, facts: RuleFacts, branch: str, slots: Mapping[str, int], lists: Lists) -> Plan:
    return Plan(
        rule=rule,
        facts=facts,
        branch=branch,
        slots=slots,
        columns={name: columns_read(rule, name) for name in rule.variables},
        formulas=formulas(rule, lists.entries.get),
        lists=lists,
    )


def settles_at_end(rule: CheckedRule) -> bool:
    """Whether a rule correlates events (or suppresses by time), so that later input can change the answer."""
    return rule.window is not None or "suppression_window" in rule.options


def columns_read(rule: CheckedRule, variable: str) -> dict[str, Column]:
    """Return the columns that a variable's events must have."""
    return merge(
        access_of(field.path).request
        for expression in all_expressions(rule)
        for field in ex.fields(expression)
        if field.variable == variable and field.path.text not in (EVENT_SECONDS, EVENT_NANOS)
    )


def slot_relation(slot: int) -> str:
    """Name the relation in which statements see the candidates of a slot."""
    return f"slot {slot}"
