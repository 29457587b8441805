"""The checked rule: the one compiled form that every engine, mode and explanation starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from windshear.language.effects import GraphChange, TableWrite
from windshear.language.expressions import Expression
from windshear.language.source import Span
from windshear.language.types import Type

RecordSource = Literal["udm", "graph", "detection", "table", "stage"]  # `stage`: an earlier stage of a query


@dataclass(frozen=True, slots=True)
class Binding:
    """One definition `$placeholder = value`; `value` reads exactly one variable's fields."""

    variable: str
    value: Expression


@dataclass(frozen=True, slots=True)
class PlaceholderDefinition:
    """A placeholder with its top-level bindings: on a joined row all bindings have the same value.

    `alternatives`: bindings that occur only below `or` (each row may take any of them; the predicate that contains
    them, kept in `predicates`, then decides). Exactly one of the two tuples is non-empty.
    """

    name: str
    type: Type
    bindings: tuple[Binding, ...]
    alternatives: tuple[Binding, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MatchWindow:
    """The window of the match section; `pivot` is the event variable of a sliding window.

    `floating` is never written: hop windows that begin at an event, under the setting `merging=exact`.
    """

    kind: Literal["hop", "tumbling", "sliding_after", "sliding_before", "floating"]
    seconds: int
    pivot: str | None


@dataclass(frozen=True, slots=True)
class OutcomeDefinition:
    """`$name = value`."""

    name: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class EventVariable:
    """A variable; `source` says which records it ranges over: events, entities, detections, or the rows of a table.

    The variable of a table is named by `windshear.language.tables.row_variable`; the condition never asks for it.
    """

    name: str
    source: RecordSource
    span: Span


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule whose names and types are resolved and whose structure is valid.

    predicates: the top-level conjuncts of the events section, without those that became placeholder bindings.
    match_keys: placeholder names, in written order (empty without a match section).
    zero_filtered_keys: the match keys to which the automatic non-zero filter applies (the option
        `allow_zero_values` and keys bound to functions or `if` are already taken into account).
    condition: a boolean expression over VariableCount, OutcomeVariable, literals; `$e` is `count > 0`.
    bounded: the names of event variables that must be present (their count is at least 1 whenever the condition
        holds); the others are optional (absence, `or`).
    is_multi_event: the class that the service would give the rule (detection `ruleType`).
    branches: compat mode only: the independent event variables of a rule without match whose condition joins them by
        `or`; each gives its own single-event detections. Empty for every other rule.
    is_alternative: the condition joins event variables of a match rule by `or` (full outer join on the match keys).
    setup: what data tables change in the entities that the rule sees, in written order. export: the row that each
        detection writes.
    """

    name: str
    text: str
    meta: tuple[tuple[str, str], ...]
    variables: Mapping[str, EventVariable]
    placeholders: Mapping[str, PlaceholderDefinition]
    predicates: tuple[Expression, ...]
    match_keys: tuple[str, ...]
    zero_filtered_keys: tuple[str, ...]
    window: MatchWindow | None
    outcomes: tuple[OutcomeDefinition, ...]
    condition: Expression
    bounded: frozenset[str]
    options: Mapping[str, bool | int]
    branches: tuple[str, ...]
    is_alternative: bool
    is_multi_event: bool
    span: Span
    setup: tuple[GraphChange, ...] = ()
    export: TableWrite | None = None

    @property
    def shown_variables(self) -> tuple[str, ...]:
        """The variables whose records a detection lists: all but the rows of tables."""
        return tuple(name for name, variable in self.variables.items() if variable.source != "table")

    @property
    def row_expressions(self) -> tuple[Expression, ...]:
        """Every expression that is evaluated on rows: predicates, what placeholders are bound to, and outcomes."""
        bound = (b.value for p in self.placeholders.values() for b in (*p.bindings, *p.alternatives))
        return (*self.predicates, *bound, *(outcome.value for outcome in self.outcomes))

    @property
    def meta_values(self) -> dict[str, str]:
        """The meta entries as a dictionary (the first of duplicate keys wins)."""
        values: dict[str, str] = {}
        for key, value in self.meta:
            values.setdefault(key, value)
        return values
