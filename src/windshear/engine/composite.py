"""Composite rules: which rules read the detections of which others, and the order of settling that follows.

A rule reads another if its filters cannot rule out the other's detections by what is known beforehand: the name of the
rule, its id and its meta section. It reads it *by name* if the filters on the name alone leave no other choice. Rules
that read each other by name wait for each other for ever and cannot be evaluated. Where rules only might read each
other, none of them sees the others; a rule never sees what it finds itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter

from windshear.detections.detection import RuleFacts
from windshear.detections.rendering import rule_part
from windshear.engine.cycles import knots
from windshear.engine.demand import demand, slots_over
from windshear.engine.plan import Plan
from windshear.engine.sift.compile import compile_sift
from windshear.engine.sift.nodes import Formula, Leaf, relaxed
from windshear.udm.columns import Columns
from windshear.udm.paths import parse_path
from windshear.udm.proto_json import read_event
from windshear.udm.requests import Member
from windshear.udm.rows import to_table

_NAME = frozenset({"rule_name"})
_KNOWN = _NAME | {"rule_id", "rule_type", "rule_labels", "description", "severity", "summary"}
# A rule that no filter means: who takes its detections does not choose by name.
_STRANGER = RuleFacts("some_rule_that_nobody_wrote", "", (), is_multi_event=False)

Edges = Mapping[str, Mapping[str, bool]]  # reader -> rules that it reads -> whether by name


@dataclass(frozen=True)
class Composition:
    """Who reads whom.

    edges: of each composite rule, the rules that it may read, and whether by name. unfed: the composite rules that need
    a detection which no rule of the set makes. feeders: per slot over detections, the rules whose it may see.
    """

    plans: Sequence[Plan]
    edges: Edges
    unfed: tuple[str, ...] = ()
    feeders: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def readers(self) -> Mapping[str, frozenset[str]]:
        """The rules that see the detections of a rule; without those of which none sees the other."""
        readers: dict[str, set[str]] = {}
        for reader, names in self._inputs.items():
            for name in names:
                readers.setdefault(name, set()).add(reader)
        return {name: frozenset(found) for name, found in readers.items()}

    @cached_property
    def order(self) -> Sequence[Plan]:
        """The plans, each after those whose detections it reads; `ValueError` if some wait for each other."""
        if self.cycles:
            raise ValueError(f"rules wait for each other: {', '.join(self.cycles.values())}")
        inner = {reader: [name for name in names if name in self.edges] for reader, names in self._inputs.items()}
        place = {name: number for number, name in enumerate(TopologicalSorter(inner).static_order(), start=1)}
        return sorted(self.plans, key=lambda plan: place.get(plan.facts.name, 0))

    @cached_property
    def cycles(self) -> Mapping[str, str]:
        """The rules that wait for each other, each with the way from it back to itself: `a -> b -> a`."""
        inputs = self._inputs
        found: dict[str, str] = {}
        for knot in knots({reader: [n for n in names if n in self.edges] for reader, names in inputs.items()}):
            if len(knot) > 1:
                found |= {name: " -> ".join(_way_back(name, inputs, knot)) for name in knot}
        return {name: found[name] for name in self.edges if name in found}

    @cached_property
    def _inputs(self) -> Mapping[str, Sequence[str]]:
        """Per composite rule the rules that it waits for."""
        inner = {reader: [name for name in names if name in self.edges] for reader, names in self.edges.items()}
        knot_of = {name: number for number, knot in enumerate(knots(inner)) for name in knot}
        return {
            reader: [name for name, by_name in names.items() if by_name or knot_of.get(name, -1) != knot_of[reader]]
            for reader, names in self.edges.items()
        }


def compose(plans: Sequence[Plan]) -> Composition:
    """Find out which rules may read the detections of which others."""
    composites = {plan.facts.name: slots_over(plan, "detection") for plan in plans}
    composites = {name: slots for name, slots in composites.items() if slots}
    if not composites:
        return Composition(plans, {})
    wanted = demand(plans, "detection")
    facts = list({plan.facts.name: plan.facts for plan in plans}.values())
    columns, formulas = wanted.every, {number: slot.formula for number, slot in wanted.slots.items()}
    accepted = _accepted(facts, columns, formulas, _KNOWN)
    named = _accepted([*facts, _STRANGER], columns, formulas, _NAME)
    edges: dict[str, dict[str, bool]] = {}
    for reader, slots in composites.items():
        edges[reader] = {}
        for slot in slots.values():
            chosen = named[slot] if _STRANGER.name not in named[slot] else frozenset()
            for name in (fact.name for fact in facts if fact.name in accepted[slot] and fact.name != reader):
                edges[reader][name] = edges[reader].get(name, False) or name in chosen
    unfed = [
        plan.facts.name
        for plan in plans
        if any(slot in accepted and accepted[slot] <= {plan.facts.name} for slot in plan.required_slots)
    ]
    return Composition(plans, edges, tuple(unfed), accepted)


def detection_slots(plans: Iterable[Plan], names: frozenset[str]) -> frozenset[int]:
    """Return the slots over detections of the rules of some names."""
    return frozenset(s for plan in plans if plan.facts.name in names for s in slots_over(plan, "detection").values())


def _accepted(
    facts: Sequence[RuleFacts], columns: Columns, formulas: Mapping[int, Formula], known: frozenset[str]
) -> dict[int, frozenset[str]]:
    """Return, per slot, the rules whose detections may pass as far as the known fields of a detection tell."""
    records = [read_event({"detection": [rule_part(fact)]}, "detection")[0] for fact in facts]
    sift = compile_sift(
        [(slot, relaxed(found, lambda leaf: _field(leaf) not in known)) for slot, found in formulas.items()]
    )
    hits = sift.apply(to_table(records, columns, "detection"))
    return {slot: frozenset(facts[row].name for row in hits.get(slot, ())) for slot in formulas}


def _field(leaf: Leaf) -> str:
    """Return the field of the `detection` message that a leaf lies in; empty for other parts of a detection."""
    first, *rest = parse_path(leaf.column)
    if first.name != "detection":
        return ""
    members = [hop.name for hop in leaf.hops if isinstance(hop, Member)]
    return rest[0].name if rest else members[0].partition(".")[0]


def _way_back(start: str, inputs: Mapping[str, Iterable[str]], knot: Iterable[str]) -> list[str]:
    """Return a shortest way from a rule through what it reads back to it."""
    inside = set(knot)
    before: dict[str, str] = {}
    ahead = deque([start])
    while start not in before:
        here = ahead.popleft()
        for name in inputs[here]:
            if name in inside and name not in before:
                before[name] = here
                ahead.append(name)
    way = [start]
    while len(way) == 1 or way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
