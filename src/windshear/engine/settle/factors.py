"""Whether the joined rows of a rule fall into factors: one variable in the middle, and what ties each other one to it.

The rows of a group are then known without making a joined row: a row of any variable is on one if the middle one has a
row that fits it, and for that the smallest and largest value per group suffice, where a pair is compared by order. A
key that has half of all events costs as much as its events, not as its pairs of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.engine.settle.lower import quantified_field
from windshear.engine.settle.variables import Layout, holders, is_shared, is_timed, variables_read
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.udm.requests import EVENT_SECONDS

Operator = Literal["!=", "<", "<=", ">", ">="]
SWAPPED: dict[Operator, Operator] = {"!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Equal:
    """A value of the hub and one of the spoke that are equal on every joined row."""

    hub: ex.Expression
    spoke: ex.Expression


@dataclass(frozen=True, slots=True)
class Order:
    """`hub operator spoke` holds on every joined row."""

    hub: ex.Expression
    operator: Operator
    spoke: ex.Expression
    is_nocase: bool

    @property
    def is_of_times(self) -> bool:
        """Whether both sides are the seconds of the events."""
        return all(isinstance(side, ex.Field) and side.path.text == EVENT_SECONDS for side in (self.hub, self.spoke))


@dataclass(frozen=True, slots=True)
class Spoke:
    """A variable that is tied to the hub only: by the match keys, by `placeholders` and `equal` values, by an order."""

    variable: str
    placeholders: tuple[str, ...]
    equal: tuple[Equal, ...]
    order: Order | None
    is_optional: bool

    @property
    def is_free(self) -> bool:
        """Whether all rows of a group fit each other."""
        return not (self.placeholders or self.equal or self.order)


@dataclass(frozen=True, slots=True)
class Factors:
    """The variable in the middle and the others. Where any may be absent, all of them are free."""

    hub: str
    spokes: tuple[Spoke, ...]


def factors(rule: CheckedRule, plan: Layout) -> Factors | None:
    """Return the factors of a rule, None where its joined rows must be made."""
    if rule.window is None or rule.window.kind == "floating" or len(rule.variables) < 2:
        return None
    if plan.late or not all(is_timed(rule, name) for name in rule.variables):
        return None
    if any(is_shared(rule, name) for name in rule.placeholders):
        return None
    if any(len(holders(rule, key)) < len(rule.variables) for key in rule.match_keys):
        return None
    for hub in _hubs(rule):
        spokes = [_spoke(rule, plan, hub, name) for name in rule.variables if name != hub]
        found = tuple(spoke for spoke in spokes if spoke is not None)
        if len(found) == len(spokes) and _is_complete(rule, plan, found):
            return Factors(hub, found)
    return None


def _hubs(rule: CheckedRule) -> Sequence[str]:
    if not rule.bounded:
        return list(rule.variables)[:1]
    if rule.window is not None and rule.window.pivot is not None:
        return [rule.window.pivot]
    return [name for name in rule.variables if name in rule.bounded]


def _is_complete(rule: CheckedRule, plan: Layout, spokes: Iterable[Spoke]) -> bool:
    """Whether the spokes account for every tie between variables."""
    if not rule.bounded:
        return all(spoke.is_free for spoke in spokes)
    orders = sum(len(spoke.equal) + (spoke.order is not None) for spoke in spokes)
    return orders == len(plan.cross)


def _spoke(rule: CheckedRule, plan: Layout, hub: str, name: str) -> Spoke | None:
    shared = []
    for placeholder in rule.placeholders:
        names = holders(rule, placeholder)
        if placeholder not in rule.match_keys and name in names and len(names) > 1:
            if hub not in names:
                return None
            shared.append(placeholder)
    equal: list[Equal] = []
    orders: list[Order] = []
    for predicate, read in plan.cross:
        if name in read:
            tie = _tie(rule, predicate, hub, name)
            if tie is None:
                return None
            if isinstance(tie, Equal):
                equal.append(tie)
            else:
                orders.append(tie)
    if len(orders) > 1:
        return None
    order = orders[0] if orders else None
    return Spoke(name, tuple(shared), tuple(equal), order, name not in rule.bounded)


def _tie(rule: CheckedRule, predicate: ex.Expression, hub: str, name: str) -> Equal | Order | None:
    """Read a predicate as a comparison of a value of the hub with a value of the spoke."""
    if not isinstance(predicate, ex.Comparison) or quantified_field(predicate) is not None:
        return None
    sides = [(variables_read(rule, side), side) for side in (predicate.left, predicate.right)]
    if {read for read, _ in sides} != {frozenset([hub]), frozenset([name])}:
        return None
    is_swapped = sides[0][0] != {hub}
    first, second = (predicate.right, predicate.left) if is_swapped else (predicate.left, predicate.right)
    if first.type.kind != second.type.kind:  # compared by conversion, which may make different values equal
        return None
    if predicate.operator == "=":
        return None if predicate.is_nocase else Equal(first, second)
    operator: Operator = SWAPPED[predicate.operator] if is_swapped else predicate.operator
    return Order(first, operator, second, predicate.is_nocase)
