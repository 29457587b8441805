"""Checked rules written by hand: the evaluator's own tests need no parser."""

from __future__ import annotations

from collections.abc import Mapping

from tests.reference.records import Record
from windshear.language import expressions as ex
from windshear.language.rule import (
    Binding,
    CheckedRule,
    EventVariable,
    MatchWindow,
    OutcomeDefinition,
    PlaceholderDefinition,
)
from windshear.language.source import Span
from windshear.language.types import BOOL, FLOAT, INT, STRING, Type

NOWHERE = Span(0, 0)


def path(text: str, value_type: Type = STRING) -> ex.FieldPath:
    """Return the path of dotted names; `[]` after a name marks it repeated, `[2]` or `["k"]` reads one value."""
    steps = []
    for piece in text.split("."):
        name, bracket, inner = piece.partition("[")
        inner = inner.rstrip("]")
        key = inner.strip('"') if inner.startswith('"') else None
        index = int(inner) if inner.isdigit() else None
        steps.append(ex.Step(name, bool(bracket), index, key))
    return ex.FieldPath("udm", tuple(steps), value_type)


def field(
    variable: str,
    text: str,
    value_type: Type = STRING,
    *,
    quantifier: ex.Quantifier | None = None,
    is_whole_list: bool = False,
) -> ex.Field:
    """Return a field of an event variable."""
    read = value_type.list_of if is_whole_list else value_type
    return ex.Field(variable, path(text, value_type), quantifier, is_whole_list, read, NOWHERE)


def constant(value: str | float) -> ex.Literal:
    """Return a literal of the type that the Python value has."""
    kinds: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, str: STRING}
    return ex.Literal(value, kinds[type(value)], NOWHERE)


def equal(left: ex.Expression, right: ex.Expression | str | float) -> ex.Comparison:
    """Return `left = right`."""
    other = constant(right) if isinstance(right, str | int | float) else right
    return ex.Comparison("=", left, other, is_nocase=False, span=NOWHERE)


def at_least(variable: str, count: int) -> ex.Comparison:
    """Return `#variable >= count`."""
    counted = ex.VariableCount(variable, "events", NOWHERE)
    return ex.Comparison(">=", counted, constant(count), is_nocase=False, span=NOWHERE)


def placeholder(name: str, *values: ex.Field, is_choice: bool = False) -> PlaceholderDefinition:
    """Return a placeholder bound to fields, all of them or (`is_choice`) any of them."""
    bindings = tuple(Binding(value.variable, value) for value in values)
    kind = values[0].type
    return PlaceholderDefinition(name, kind, () if is_choice else bindings, bindings if is_choice else (), NOWHERE)


def rule(  # noqa: PLR0913 # as many parts as a rule has sections
    *,
    variables: str = "e",
    placeholders: tuple[PlaceholderDefinition, ...] = (),
    predicates: tuple[ex.Expression, ...] = (),
    keys: str = "",
    window: MatchWindow | None = None,
    outcomes: Mapping[str, ex.Expression] | None = None,
    condition: ex.Expression | None = None,
    bounded: str | None = None,
    options: Mapping[str, bool | int] | None = None,
) -> CheckedRule:
    """Return a rule over one-letter variables; each must be present unless `bounded` says otherwise."""
    present = variables if bounded is None else bounded
    return CheckedRule(
        name="t",
        text="",
        meta=(),
        variables={name: EventVariable(name, "udm", NOWHERE) for name in variables},
        placeholders={definition.name: definition for definition in placeholders},
        predicates=predicates,
        match_keys=tuple(keys),
        zero_filtered_keys=tuple(keys),
        window=window,
        outcomes=tuple(OutcomeDefinition(name, value, NOWHERE) for name, value in (outcomes or {}).items()),
        condition=condition or ex.And(tuple(at_least(name, 1) for name in present), NOWHERE),
        bounded=frozenset(present),
        options=options or {},
        branches=(),
        is_alternative=not present,
        is_multi_event=len(variables) > 1,
        span=NOWHERE,
    )


def event(minutes: float = 0, **fields: object) -> Record:
    """Return an event some minutes after midnight of 2025-03-12; nested fields are given as dictionaries."""
    seconds = 1_741_737_600 + round(minutes * 60)
    return {"metadata": {"event_timestamp": {"seconds": seconds}}, **fields}
