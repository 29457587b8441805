"""What the names of a rule stand for, and what is known about them while the rule is being checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from windshear.language import expressions as ex
from windshear.language.check.walk import row_columns, walk
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.lists import ListTypes
from windshear.language.rule import EventVariable
from windshear.language.source import Span
from windshear.language.syntax import tree
from windshear.language.tables import TableSchemas, row_variable
from windshear.language.types import UNKNOWN, Type

Section = Literal["events", "outcome", "condition", "filter"]  # the last: inside the filter of a metric

# `events` and `rule` are missing: as names of variables they are in use and do no harm.
_KEYWORDS = frozenset(
    {"after", "all", "and", "any", "before", "by", "cidr", "condition", "every", "export", "false", "if", "in", "is"}
    | {"match", "meta", "nocase", "not", "null", "of", "options", "or", "outcome", "over", "regex", "setup", "true"}
    | {"window_end", "window_start"}
)


class Mode(Enum):
    """How strictly a rule is read."""

    COMPAT = "compat"  # also takes rules whose meaning is clear although the service refuses them
    STRICT = "strict"  # what the service accepts


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a rule defines, by role, each with the place where it first occurs.

    events: event, entity and detection variables, and the joined rows of data tables.
    placeholders: the bare variables of the events section that have no fields, whether bound or not.
    """

    events: Mapping[str, EventVariable]
    placeholders: Mapping[str, Span]
    outcomes: Mapping[str, Span]


@dataclass(slots=True)
class Scope:
    """The state of one check: names, the types found so far, and the diagnostics.

    errors and notices are kept apart, so that a warning never hides an error at the same place. unsupported: features
    that this version cannot run, reported only for rules that are otherwise right. tables: what is known of data
    tables; None, or a table that is missing there, is taken as the tenant will give it. lists: the types of the
    reference lists that are known. is_search: the text is a query,
    which may also call what only searches have. draws: the calls for random numbers, numbered.
    relations: the earlier stages of a query, with the types of what each gives.
    """

    names: Names
    mode: Mode
    has_match: bool
    tables: TableSchemas | None = None
    lists: ListTypes = field(default_factory=dict)
    is_search: bool = False
    draws: dict[Span, int] = field(default_factory=dict)
    relations: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    section: Section = "events"
    placeholder_types: dict[str, Type] = field(default_factory=dict)
    outcome_types: dict[str, Type] = field(default_factory=dict)
    errors: Collector = field(default_factory=Collector)
    notices: Collector = field(default_factory=Collector)
    unsupported: list[tuple[str, Span]] = field(default_factory=list)


def unknown(span: Span) -> ex.Literal:
    """Stand in for an expression about which a mistake has been reported; its type silences consequences."""
    return ex.Literal("", UNKNOWN, span)


def expressions_of(rule: tree.Rule, section: Literal["events", "outcome"]) -> tuple[tree.Expression, ...]:
    """Return the expressions of one section, in written order."""
    if section == "events":
        return rule.events.predicates if rule.events else ()
    return tuple(a.value for a in rule.outcome.assignments) if rule.outcome else ()


def collect_names(rule: tree.Rule) -> Names:
    """Return the names that the events and outcome sections define."""
    events: dict[str, EventVariable] = {}
    bare: dict[str, Span] = {}
    for predicate in expressions_of(rule, "events"):
        for node in walk(predicate):
            if isinstance(node, tree.Path) and node.variable is not None:
                events.setdefault(node.variable, EventVariable(node.variable, source_of(node), node.variable_span))
            elif isinstance(node, tree.Variable):
                bare.setdefault(node.name, node.span)
        for column in row_columns(predicate):
            row = row_variable(column.table)
            events.setdefault(row, EventVariable(row, "table", column.span))
    placeholders = {name: span for name, span in bare.items() if name not in events}
    outcomes: dict[str, Span] = {}
    for assignment in rule.outcome.assignments if rule.outcome else ():
        outcomes.setdefault(assignment.name, assignment.name_span)
    return Names(events, placeholders, outcomes)


def is_doubtful(rule: tree.Rule) -> bool:
    """Whether part of the rule could not be read, so that names may be missing which the text does define."""
    if rule.events is None:
        return True
    roots = (*expressions_of(rule, "events"), *expressions_of(rule, "outcome"))
    return any(isinstance(node, tree.Malformed) for root in roots for node in walk(root))


def source_of(path: tree.Path) -> Literal["udm", "graph", "detection"]:
    """Return which kind of record a path reads, by its first word."""
    first = path.segments[0].name if path.segments else ""
    return "graph" if first == "graph" else "detection" if first == "detection" else "udm"


def check_names(rule: tree.Rule, scope: Scope) -> None:
    """Report reserved names and names with two roles."""
    names = scope.names
    spans = {name: variable.span for name, variable in names.events.items()}
    spans.update(names.placeholders)
    for name, span in (*spans.items(), *names.outcomes.items()):
        if name.lower() in _KEYWORDS:
            scope.errors.add(
                Diagnostic(
                    checks.RESERVED_NAME, f"`${name}` is named like a keyword", span, help=f"for instance `${name}_1`"
                )
            )
    seen: set[str] = set()
    for assignment in rule.outcome.assignments if rule.outcome else ():
        name = assignment.name
        if name in names.events or name in seen or name in names.placeholders:
            what = "an event variable" if name in names.events else "already defined"
            scope.errors.add(
                Diagnostic(
                    checks.NAME_TAKEN,
                    f"the outcome variable `${name}` is {what}",
                    assignment.name_span,
                    label="choose another name",
                )
            )
        seen.add(name)
