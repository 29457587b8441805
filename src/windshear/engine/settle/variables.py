"""What each predicate, placeholder and outcome of a rule reads: the assignment of work to event variables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.udm.schema import Root


@dataclass(frozen=True, slots=True)
class Layout:
    """Which predicates belong to one variable alone, and which need joined rows.

    own: predicates per variable (in written order). cross: those over several variables, with the variables that each
    reads. late: those that read a shared placeholder, which has its values only on fully joined rows.
    """

    own: dict[str, tuple[ex.Expression, ...]]
    cross: tuple[tuple[ex.Expression, frozenset[str]], ...]
    late: tuple[ex.Expression, ...]


def records_of(rule: CheckedRule, variable: str) -> Root:
    """Return what a variable's candidates are: events, entities or detections."""
    match rule.variables[variable].source:
        case "udm" | "graph" | "detection" as source:
            return source
        case _:
            raise AssertionError(f"the rows of `{variable}` are no candidates")


def layout(rule: CheckedRule) -> Layout:
    """Assign every predicate to the variables whose rows it needs."""
    own: dict[str, list[ex.Expression]] = {name: [] for name in rule.variables}
    cross: list[tuple[ex.Expression, frozenset[str]]] = []
    late: list[ex.Expression] = []
    for predicate in rule.predicates:
        homes = _homes(rule, predicate)
        if any(isinstance(node, ex.Placeholder) and is_shared(rule, node.name) for node in ex.walk(predicate)):
            late.append(predicate)
        elif homes:
            for name in homes:
                own[name].append(predicate)
        else:
            cross.append((predicate, variables_read(rule, predicate)))
    return Layout({name: tuple(items) for name, items in own.items()}, tuple(cross), tuple(late))


def is_shared(rule: CheckedRule, placeholder: str) -> bool:
    """Whether a placeholder takes its values from several variables' events, one below `or` from another."""
    return len({binding.variable for binding in rule.placeholders[placeholder].alternatives}) > 1


def holders(rule: CheckedRule, placeholder: str) -> tuple[str, ...]:
    """Return the variables on whose rows a placeholder has a value of its own, in declaration order.

    A shared placeholder has none: its values exist on joined rows only.
    """
    if is_shared(rule, placeholder):
        return ()
    definition = rule.placeholders[placeholder]
    bound = {binding.variable for binding in definition.bindings or definition.alternatives}
    return tuple(name for name in rule.variables if name in bound)


def owner(rule: CheckedRule, placeholder: str) -> str:
    """Return the variable whose value a placeholder takes on a joined row: the first bounded holder, events first."""
    names = holders(rule, placeholder)
    bounded = [name for name in names if name in rule.bounded]
    return next((name for name in bounded if is_timed(rule, name)), (bounded or names)[0])


def is_timed(rule: CheckedRule, variable: str) -> bool:
    """Whether a variable ranges over events or detections; entities and rows of tables have no place in a window."""
    return rule.variables[variable].source in ("udm", "detection")


def tied_events(rule: CheckedRule, entity: str) -> frozenset[str]:
    """Return the events in whose time an entity must be valid: those that it shares a placeholder or equality with.

    An entity that is tied to events only through others must be valid in the time of every event.
    """
    events = {name for name in rule.variables if is_timed(rule, name)}
    tied: set[str] = set()
    for placeholder in rule.placeholders:
        names = holders(rule, placeholder)
        tied |= events.intersection(names) if entity in names else set()
    for predicate in rule.predicates:
        for node in ex.walk(predicate):
            if isinstance(node, ex.Comparison) and node.operator == "=":
                read = _mentioned(rule, node)
                tied |= events & read if entity in read else set()
    return frozenset(tied or events)


def tables_of_optional(rule: CheckedRule, variable: str) -> list[str]:
    """Return the tables whose rows are joined to an event that may be absent, and to nothing that must be there."""
    tables = [n for n, v in rule.variables.items() if v.source == "table" and n not in rule.bounded]
    return [table for table in tables if optional_partner(rule, table) == variable]


def optional_partner(rule: CheckedRule, table: str) -> str | None:
    """Return the only variable that a table which need not be joined is equated with; None if there are several."""
    tied: set[str] = set()
    for predicate in rule.predicates:
        for node in ex.walk(predicate):
            if isinstance(node, ex.Comparison) and node.operator == "=":
                read = _mentioned(rule, node)
                tied |= read - {table} if table in read else set()
    return tied.pop() if len(tied) == 1 else None


def _mentioned(rule: CheckedRule, expression: ex.Expression) -> set[str]:
    """Return the variables that an expression reads, all holders of its placeholders among them."""
    found: set[str] = set()
    for node in ex.walk(expression):
        if isinstance(node, ex.Field):
            found.add(node.variable)
        elif isinstance(node, ex.Placeholder):
            found |= set(holders(rule, node.name))
    return found


def variables_read(rule: CheckedRule, expression: ex.Expression) -> frozenset[str]:
    """Return the variables that an expression needs, placeholders counted at their owner."""
    found = set()
    for node in ex.walk(expression):
        if isinstance(node, ex.Field | ex.EventIdentity | ex.Partition):
            found.add(node.variable)
        elif isinstance(node, ex.Placeholder) and not is_shared(rule, node.name):
            found.add(owner(rule, node.name))
    return frozenset(found)


def _homes(rule: CheckedRule, predicate: ex.Expression) -> list[str]:
    """Return the variables on whose own rows the predicate can be decided; empty if it needs a join."""
    read = ex.Field | ex.EventIdentity | ex.Partition
    direct = {node.variable for node in ex.walk(predicate) if isinstance(node, read)}
    if len(direct) > 1:
        return []
    candidates = list(direct) or list(rule.variables)
    names = {node.name for node in ex.walk(predicate) if isinstance(node, ex.Placeholder)}
    return [v for v in candidates if all(v in holders(rule, p) for p in names)]


def plain_fields(rule: CheckedRule, variable: str) -> Iterable[ex.Field]:
    """Yield the fields of one variable that make copies: plain reads anywhere in the rule."""
    for expression in all_expressions(rule):
        for field in ex.fields(expression):
            if field.variable == variable and field.quantifier is None and not field.is_whole_list:
                yield field


def all_expressions(rule: CheckedRule) -> Iterable[ex.Expression]:
    """Return every expression of a rule that is evaluated on rows."""
    return rule.row_expressions
