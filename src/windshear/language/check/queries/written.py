"""A stage as the sections of a rule: every field has its variable, every match key a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from windshear.language.check.aggregates import AGGREGATES
from windshear.language.check.queries import windows
from windshear.language.check.queries.implicit import Implicit, implicit_name
from windshear.language.check.queries.results import fields_named
from windshear.language.check.scope import Names, collect_names
from windshear.language.check.walk import walk
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import EventVariable
from windshear.language.source import Span
from windshear.language.syntax import query_tree, tree
from windshear.language.types import Type

# What may be reported only because a definition stands in a part of the text that could not be read.
_FROM_MISSING_NAMES = frozenset(
    {
        checks.MATCH_KEY,
        checks.UNBOUND_PLACEHOLDER,
        checks.UNJOINED_VARIABLE,
        checks.UNKNOWN_IN_CONDITION,
        checks.UNKNOWN_IN_OUTCOME,
        queries.MIXED_VARIABLES,
        queries.UNKNOWN_RESULT_COLUMN,
        queries.UNKNOWN_STAGE_FIELD,
    }
)


@dataclass(frozen=True, slots=True)
class Written:
    """A stage with variables in all places, as the sections of a rule."""

    rule: tree.Rule
    joins: tuple[query_tree.OuterJoin, ...]
    match: query_tree.Match | None
    keys: windows.Keys
    names: Names
    implicit: str
    is_grouped: bool
    shaping: query_tree.Body
    errors: Collector

    @classmethod
    def of(cls, body: query_tree.Body, relations: Mapping[str, Mapping[str, Type]]) -> Written:
        """Give every field its variable, and every key of the match section a name."""
        errors = Collector()
        implicit = implicit_name(_variables(body))
        reader = Implicit(implicit, errors)
        match = body.match
        if match is not None:
            match = replace(match, keys=tuple(reader.value(key) for key in match.keys))
        keys = windows.read_keys(match, implicit)
        predicates = tuple(reader.predicate(node) for node in body.predicates)
        outer = tuple(replace(join, on=reader.value(join.on)) for join in body.joins)
        outcome = body.outcome
        if outcome is not None:
            assigned = (replace(item, value=reader.value(item.value)) for item in outcome.assignments)
            outcome = replace(outcome, assignments=tuple(assigned))
        rule = tree.Rule(
            name="",
            name_span=body.span,
            meta=None,
            setup=None,
            events=tree.Events((*predicates, *keys.definitions), body.span),
            match=None,
            outcome=outcome,
            condition=body.condition,
            options=None,
            export=None,
            unsupported=(),
            span=body.span,
        )
        names = _names(rule, outer, implicit, relations)
        values = [item.value for item in outcome.assignments] if outcome else []
        is_grouped = match is not None or any(_aggregates(value) for value in values)
        return cls(rule, outer, match, keys, names, implicit, is_grouped, _shaping(body, reader), errors)

    def is_sure(self, found: Diagnostic) -> bool:
        """Whether a mistake does not just follow from text that could not be read."""
        values = [item.value for item in self.rule.outcome.assignments] if self.rule.outcome else []
        roots = (*self.events, *(join.on for join in self.joins), *values, *(self.match.keys if self.match else ()))
        is_doubtful = any(isinstance(node, tree.Malformed) for root in roots for node in walk(root))
        return not is_doubtful or found.mistake not in _FROM_MISSING_NAMES

    @property
    def events(self) -> tuple[tree.Expression, ...]:
        """The predicates, the definitions of keys among them."""
        return self.rule.events.predicates if self.rule.events else ()


def as_written(found: Diagnostic, implicit: str) -> Diagnostic:
    """Leave out the variable that fields got here and that the text does not have."""

    def cleared(text: str) -> str:
        return text.replace(f"${implicit}.", "").replace("the rule has", "the query has")

    return replace(found, message=cleared(found.message), label=cleared(found.label), help=cleared(found.help))


def _names(
    rule: tree.Rule,
    outer: tuple[query_tree.OuterJoin, ...],
    implicit: str,
    relations: Mapping[str, Mapping[str, Type]],
) -> Names:
    """Return what the stage's names stand for: earlier stages are variables of their own kind."""
    predicates = rule.events.predicates if rule.events else ()
    everywhere = replace(rule, events=tree.Events((*predicates, *(join.on for join in outer)), rule.span))
    found = collect_names(everywhere)
    events = dict(found.events)
    values = [item.value for item in rule.outcome.assignments] if rule.outcome else []
    for path in fields_named(values):  # fields without a variable need not occur among the predicates, nor do stages
        if path.variable in (implicit, *relations) and path.variable not in events:
            events[path.variable] = EventVariable(path.variable, "udm", path.variable_span)
    if not events:
        events[implicit] = EventVariable(implicit, "udm", Span(rule.span.start, rule.span.start))
    for name in events.keys() & relations.keys():
        events[name] = replace(events[name], source="stage")
    placeholders = {name: span for name, span in found.placeholders.items() if name not in events}
    return Names(events, placeholders, found.outcomes)


def _shaping(body: query_tree.Body, reader: Implicit) -> query_tree.Body:
    """Return the body with variables in its result sections."""

    def columns(section: query_tree.Columns | None) -> query_tree.Columns | None:
        return section and replace(section, items=tuple(reader.value(item) for item in section.items))

    order = body.order and replace(
        body.order, items=tuple(replace(item, column=reader.value(item.column)) for item in body.order.items)
    )
    return replace(
        body, dedup=columns(body.dedup), order=order, select=columns(body.select), unselect=columns(body.unselect)
    )


def _variables(body: query_tree.Body) -> set[str]:
    """Return all names behind `$` in a stage."""
    roots: list[tree.Expression] = [*body.predicates, *(join.on for join in body.joins)]
    roots += body.match.keys if body.match else ()
    roots += [item.value for item in body.outcome.assignments] if body.outcome else []
    names = {item.name for item in body.outcome.assignments} if body.outcome else set()
    for root in roots:
        for node in walk(root):
            if isinstance(node, tree.Variable):
                names.add(node.name)
            elif isinstance(node, tree.Path) and node.variable is not None:
                names.add(node.variable)
    return names


def _aggregates(value: tree.Expression) -> bool:
    return any(isinstance(node, tree.Call) and node.function in AGGREGATES for node in walk(value))
