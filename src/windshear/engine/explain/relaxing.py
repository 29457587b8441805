"""A rule with one tie left out: what would fit together but for it.

Ties are what has to hold between the records of different variables: a placeholder that several bind, a predicate that
reads several, the time for which an entity is valid, and the match window. The changed rules run on settle's own joins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.settle import fields
from windshear.engine.settle.evidence import written
from windshear.engine.settle.variables import holders, is_timed, layout, owner
from windshear.language import expressions as ex
from windshear.language.rewrite import rewritten
from windshear.language.rule import CheckedRule, MatchWindow, OutcomeDefinition, PlaceholderDefinition

_EVER = MatchWindow("tumbling", 4_000_000_000_000, None)  # seconds; the first block of them holds every time
_LONG_AGO, _FAR_AHEAD = sql.integer(-(2**62)), sql.integer(2**62)
Kind = Literal["window", "validity", "predicate", "placeholder"]


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that ties variables together.

    variables: which. predicate, placeholder: what it is; of a placeholder `variable` is the one that is untied.
    """

    kind: Kind
    text: str
    variables: frozenset[str]
    predicate: ex.Expression | None = None
    placeholder: str = ""
    variable: str = ""

    @property
    def untied(self) -> str:
        """The name of the placeholder that the untied variable binds instead."""
        return f"{self.placeholder} of {self.variable}"


def reduced(rule: CheckedRule) -> CheckedRule:
    """Return a rule with nothing but the variables that must be there, and what ties them."""
    kept = rule.bounded
    placeholders = {}
    for name, definition in rule.placeholders.items():
        bindings = tuple(b for b in definition.bindings if b.variable in kept)
        alternatives = tuple(b for b in definition.alternatives if b.variable in kept)
        if bindings or alternatives:
            placeholders[name] = replace(definition, bindings=bindings, alternatives=alternatives)

    def is_kept(predicate: ex.Expression) -> bool:
        for node in ex.walk(predicate):
            if isinstance(node, ex.Field | ex.EventIdentity) and node.variable not in kept:
                return False
            if isinstance(node, ex.Placeholder) and node.name not in placeholders:
                return False
        return True

    return replace(
        rule,
        variables={name: variable for name, variable in rule.variables.items() if name in kept},
        placeholders=placeholders,
        predicates=tuple(predicate for predicate in rule.predicates if is_kept(predicate)),
        match_keys=(),
        zero_filtered_keys=tuple(key for key in rule.zero_filtered_keys if key in placeholders),
        outcomes=(),
    )


def ties_of(rule: CheckedRule) -> Iterator[Tie]:
    """Yield the ties of a reduced rule, but for the window."""
    plan = layout(rule)
    for name in rule.placeholders:
        names = holders(rule, name)
        if len(names) > 1:
            first = owner(rule, name)
            for other in (other for other in names if other != first):
                text = f"{_bound(rule, name, first)} = {_bound(rule, name, other)}"
                yield Tie("placeholder", text, frozenset((first, other)), placeholder=name, variable=other)
    for predicate, read in plan.cross:
        yield Tie("predicate", written(rule, predicate, wanted=True), read, predicate=predicate)
    for predicate in plan.late:
        names_read = {node.variable for node in ex.walk(predicate) if isinstance(node, ex.Field)}
        text = written(rule, predicate, wanted=True)
        yield Tie("predicate", text, frozenset(names_read) or rule.bounded, predicate=predicate)
    for name, variable in rule.variables.items():
        if variable.source == "graph":
            timed = frozenset(other for other in rule.variables if is_timed(rule, other))
            yield Tie("validity", f"${name} is valid at the time of its events", timed | {name}, variable=name)


def without(rule: CheckedRule, tie: Tie) -> CheckedRule:
    """Return a rule without a tie."""
    match tie.kind:
        case "predicate":
            assert tie.predicate is not None
            left = tuple(one for one in rule.predicates if one is not tie.predicate)
            # As an outcome it is not asked for, but rows are still copies of the repeated fields that it reads.
            return replace(rule, predicates=left, outcomes=(OutcomeDefinition("untied", tie.predicate, rule.span),))
        case "placeholder":
            return _untied(rule, tie)
        case _:
            return rule


def without_window(rule: CheckedRule) -> CheckedRule:
    """Return a rule whose window holds all times."""
    return replace(rule, window=_EVER)


def always_valid(candidates: Callable[[str], Sql], entity: str) -> Callable[[str], Sql]:
    """Return candidates of which one entity is valid at all times."""
    start = sql.aliased(_LONG_AGO, fields.VALID_FROM)
    end = sql.aliased(_FAR_AHEAD, fields.VALID_TO)

    def relation(name: str) -> Sql:
        found = candidates(name)
        return sql.raw(f"(SELECT * REPLACE ({start}, {end}) FROM {found})") if name == entity else found

    return relation


def _bound(rule: CheckedRule, placeholder: str, variable: str) -> str:
    definition = rule.placeholders[placeholder]
    values = [b.value for b in (*definition.bindings, *definition.alternatives) if b.variable == variable]
    return written(rule, values[0], wanted=True)


def _untied(rule: CheckedRule, tie: Tie) -> CheckedRule:
    """Let one variable bind a placeholder of its own; what it has to pass by itself stays."""
    whole = rule.placeholders[tie.placeholder]
    name, new = tie.variable, tie.untied

    def own(definition: PlaceholderDefinition, *, is_own: bool) -> PlaceholderDefinition:
        return replace(
            definition,
            bindings=tuple(b for b in definition.bindings if (b.variable == name) == is_own),
            alternatives=tuple(b for b in definition.alternatives if (b.variable == name) == is_own),
        )

    def renamed(node: ex.Expression) -> ex.Expression | None:
        is_it = isinstance(node, ex.Placeholder) and node.name == tie.placeholder
        return replace(node, name=new) if is_it and isinstance(node, ex.Placeholder) else None

    placeholders = {**rule.placeholders, tie.placeholder: own(whole, is_own=False)}
    placeholders[new] = replace(own(whole, is_own=True), name=new)
    tested = [one for one in layout(rule).own[name] if _reads(one, tie.placeholder)]
    is_filtered = tie.placeholder in rule.zero_filtered_keys
    return replace(
        rule,
        placeholders=placeholders,
        predicates=(*rule.predicates, *(rewritten(one, renamed) for one in tested)),
        zero_filtered_keys=(*rule.zero_filtered_keys, *((new,) if is_filtered else ())),
    )


def _reads(expression: ex.Expression, placeholder: str) -> bool:
    return any(isinstance(node, ex.Placeholder) and node.name == placeholder for node in ex.walk(expression))
