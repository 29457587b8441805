"""The events section: which equalities define placeholders, what type these have, and what is left as predicates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check.choices import unify
from windshear.language.check.lowering import lower_test, lower_value, reads_field, refuse_quantifiers
from windshear.language.check.scope import Scope, unknown
from windshear.language.check.walk import conjuncts, ungrouped
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import Binding, PlaceholderDefinition
from windshear.language.syntax import tree
from windshear.language.types import FLOAT, UNKNOWN, Kind, Type


@dataclass(frozen=True, slots=True)
class Predicates:
    """What the events section means: placeholder definitions and everything else that must hold.

    definers: for each placeholder the event variables whose fields define it.
    """

    placeholders: Mapping[str, PlaceholderDefinition]
    items: tuple[ex.Expression, ...]
    definers: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Definition:
    """A written equality of a placeholder with something that reads a field."""

    name: str
    value: tree.Expression
    comparison: tree.Comparison


def check_events(section: tree.Events, scope: Scope) -> Predicates:
    """Return placeholders and predicates; `scope` learns the types of the placeholders."""
    scope.section = "events"
    definitions: list[_Definition] = []
    others: list[tree.Expression] = []
    for node in conjuncts(section.predicates):
        definition = _definition(node, scope)
        if definition is None:
            others.append(node)
        else:
            definitions.append(definition)
    bound = {definition.name for definition in definitions}
    below_or = [d for node in others for d in _below_or(node, scope) if d.name not in bound]
    bindings = _lower_definitions(definitions, scope)
    alternatives = _lower_definitions(below_or, scope)
    placeholders = {}
    for name, span in scope.names.placeholders.items():
        value_type = _common_type(name, [*bindings.get(name, ()), *alternatives.get(name, ())], scope)
        scope.placeholder_types[name] = value_type
        placeholders[name] = PlaceholderDefinition(
            name, value_type, tuple(bindings.get(name, ())), tuple(alternatives.get(name, ())), span
        )
    _report_unbound(placeholders, {d.name for d in (*definitions, *below_or)}, scope)
    items = tuple(lower_test(node, scope) for node in others)
    return Predicates(placeholders, items, {name: _definers(found) for name, found in placeholders.items()})


def _definers(definition: PlaceholderDefinition) -> frozenset[str]:
    return frozenset(binding.variable for binding in (*definition.bindings, *definition.alternatives))


def _definition(node: tree.Expression, scope: Scope) -> _Definition | None:
    """Return the placeholder definition that a comparison is, if it is one."""
    if not isinstance(node, tree.Comparison) or node.operator != "=":
        return None
    left, right = ungrouped(node.left), ungrouped(node.right)
    for variable, value in ((left, right), (right, left)):
        if isinstance(variable, tree.Variable) and variable.name in scope.names.placeholders and reads_field(value):
            return _Definition(variable.name, value, node)
    return None


def _below_or(node: tree.Expression, scope: Scope) -> Iterator[_Definition]:
    """Yield the definitions that stand below an `or`; a negated equality defines nothing."""
    stack = [node]
    while stack:
        current = ungrouped(stack.pop())
        if isinstance(current, tree.And | tree.Or):
            stack.extend(reversed(current.items))
        definition = _definition(current, scope)
        if definition is not None:
            yield definition


def _lower_definitions(definitions: list[_Definition], scope: Scope) -> dict[str, list[Binding]]:
    found: dict[str, list[Binding]] = {}
    for definition in definitions:
        binding = _lower_definition(definition, scope)
        if binding is not None:
            found.setdefault(definition.name, []).append(binding)
    return found


def _lower_definition(definition: _Definition, scope: Scope) -> Binding | None:
    if definition.comparison.is_nocase:
        scope.errors.add(
            Diagnostic(
                checks.NOCASE_WITHOUT_TEXT,
                f"`nocase` in the definition of `${definition.name}`",
                definition.comparison.span,
                help="define it by `strings.to_lower(…)` of the field",
            )
        )
    value = _defining_value(definition, scope)
    reads = (node for node in ex.walk(value) if isinstance(node, ex.Field | ex.EventIdentity))
    variables = list(dict.fromkeys(read.variable for read in reads))
    if len(variables) > 1:
        listed = " and ".join(f"`${name}`" for name in variables)
        is_drawn = any(isinstance(node, ex.EventIdentity) for node in ex.walk(value))
        reading = "draws a random number for each pair of" if is_drawn else "reads fields of"
        scope.errors.add(
            Diagnostic(
                checks.SEVERAL_EVENTS_IN_CALL,
                f"the definition of `${definition.name}` {reading} {listed}",
                value.span,
                label="one event variable per definition",
            )
        )
    return Binding(variables[0], value) if variables else None


def _defining_value(definition: _Definition, scope: Scope) -> ex.Expression:
    node = definition.value
    if isinstance(node, tree.Comparison | tree.And | tree.Or | tree.Not | tree.Membership | tree.IsNull):
        scope.errors.add(Diagnostic(checks.NOT_A_TEST, "a placeholder is defined by a value, not by a test", node.span))
        return unknown(node.span)
    value = lower_value(node, scope)
    if isinstance(node, tree.Arithmetic):
        scope.errors.add(
            Diagnostic(
                checks.ARITHMETIC_IN_JOIN,
                f"`${definition.name}` is defined by arithmetic",
                node.span,
                label="not allowed here",
            )
        )
    refuse_quantifiers(value, "the definition of a placeholder", scope)
    for inner in ex.walk(value):
        if isinstance(inner, ex.Placeholder):
            scope.errors.add(
                Diagnostic(
                    checks.MIXED_DEFINITION,
                    f"the definition of `${definition.name}` reads the placeholder `${inner.name}`",
                    inner.span,
                    help=f"read the field that defines `${inner.name}`",
                )
            )
    if value.type.is_list:
        scope.errors.add(
            Diagnostic(
                checks.TYPE_MISMATCH, f"`${definition.name}` is defined by a list, one value is expected", value.span
            )
        )
        return unknown(value.span) if not list(ex.fields(value)) else value
    return value


def _common_type(name: str, bindings: list[Binding], scope: Scope) -> Type:
    common: Type | None = None
    for binding in bindings:
        given = binding.value.type
        if given.kind is Kind.UNKNOWN or given.is_list:
            continue
        united = given if common is None else _unite(common, given)
        if united is None:
            scope.errors.add(
                Diagnostic(
                    checks.TYPE_MISMATCH,
                    f"`${name}` is a value of type {common} elsewhere, here it is of type {given}",
                    binding.value.span,
                )
            )
        else:
            common = united
    return common or UNKNOWN


def _unite(first: Type, second: Type) -> Type | None:
    if first.is_number and second.is_number and Kind.FLOAT in (first.kind, second.kind):
        return FLOAT
    return unify(first, second)


def _report_unbound(placeholders: dict[str, PlaceholderDefinition], written: set[str], scope: Scope) -> None:
    for name, definition in placeholders.items():
        if name in written:
            continue
        scope.errors.add(
            Diagnostic(
                checks.UNBOUND_PLACEHOLDER,
                f"`${name}` is never defined by an event field",
                definition.span,
                label="no field is equated with it",
                help=f"for instance `${name} = $e.principal.hostname`; an event variable is followed by a field",
            )
        )
