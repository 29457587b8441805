"""What ties variables together: shared placeholders and equalities."""

from __future__ import annotations

from collections.abc import Iterator

from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule


def tied_events(rule: CheckedRule, entity: str) -> frozenset[str]:
    """Return the events in whose time an entity must be valid: those it is tied to, all events if it is tied to none.

    What ties is a placeholder that both define, or an equality that reads both.
    """
    events = {name for name, variable in rule.variables.items() if variable.source in ("udm", "detection")}
    together = [_holders(rule, name) for name in rule.placeholders]
    together += [_read(rule, equality) for equality in _equalities(rule)]
    tied = {event for names in together if entity in names for event in names & events}
    return frozenset(tied or events)


def host(rule: CheckedRule, table: str) -> str | None:
    """Return the optional variable with which a row of a table comes, None for what is no such table."""
    if rule.variables[table].source != "table" or table in rule.bounded:
        return None
    together = [names for equality in _equalities(rule) if table in (names := _read(rule, equality))]
    [partner] = set[str]().union(*together) - {table}
    return partner


def _equalities(rule: CheckedRule) -> Iterator[ex.Comparison]:
    for predicate in rule.predicates:
        for node in ex.walk(predicate):
            if isinstance(node, ex.Comparison) and node.operator == "=":
                yield node


def _read(rule: CheckedRule, expression: ex.Expression) -> set[str]:
    """Return the variables that an expression reads, directly or by a placeholder."""
    found: set[str] = set()
    for node in ex.walk(expression):
        if isinstance(node, ex.Field):
            found.add(node.variable)
        elif isinstance(node, ex.Placeholder):
            found |= _holders(rule, node.name)
    return found


def _holders(rule: CheckedRule, placeholder: str) -> set[str]:
    definition = rule.placeholders[placeholder]
    return {binding.variable for binding in (*definition.bindings, *definition.alternatives)}
