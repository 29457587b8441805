"""The outcome section: values in written order, and where an aggregate is required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from windshear.language import expressions as ex
from windshear.language.check.lowering import lower_value, refuse_quantifiers
from windshear.language.check.scope import Mode, Scope
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.rule import OutcomeDefinition, PlaceholderDefinition
from windshear.language.syntax import tree

MOST_OUTCOMES = 20


def check_outcome(
    section: tree.Outcome | None,
    placeholders: Mapping[str, PlaceholderDefinition],
    match_keys: tuple[str, ...],
    scope: Scope,
    *,
    most: int = MOST_OUTCOMES,
) -> tuple[OutcomeDefinition, ...]:
    """Return the outcome variables; `scope` learns their types line by line, so that only later lines see them."""
    scope.section = "outcome"
    definitions = []
    assignments = section.assignments if section else ()
    for assignment in assignments:
        value = lower_value(assignment.value, scope)
        refuse_quantifiers(value, "an outcome variable", scope)
        value = _aggregated(value, placeholders, scope)
        for read in _outside_aggregates(value):
            _check_bare(read, placeholders, match_keys, scope)
        scope.outcome_types.setdefault(assignment.name, value.type)
        definitions.append(OutcomeDefinition(assignment.name, value, assignment.span))
    if len(assignments) > most:
        scope.errors.add(
            Diagnostic(
                checks.TOO_MANY_OUTCOMES,
                f"the rule has {len(assignments)} outcome variables, {most} are allowed",
                assignments[most].name_span,
                label="one too many",
            )
        )
    return tuple(definitions)


def _aggregated(value: ex.Expression, placeholders: Mapping[str, PlaceholderDefinition], scope: Scope) -> ex.Expression:
    """In compat mode a bare placeholder with several values per event gives all of them."""
    is_bare = isinstance(value, ex.Placeholder) and _is_repeated(value, placeholders)
    if not is_bare or scope.has_match or scope.mode is Mode.STRICT:
        return value
    scope.notices.add(
        Diagnostic(
            checks.BARE_REPEATED_PLACEHOLDER,
            "a placeholder of a repeated field stands without an aggregate",
            value.span,
            help="write `array_distinct(…)` around it",
        )
    )
    return ex.Aggregate("array_distinct", value, value.type.list_of, value.span)


def _outside_aggregates(value: ex.Expression) -> Iterator[ex.Field | ex.Placeholder | ex.Metric]:
    """Yield the fields, placeholders and metrics that are read row by row."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, ex.Field | ex.Placeholder | ex.Metric):
            yield node
        elif not isinstance(node, ex.Aggregate):
            stack.extend(reversed(ex.children(node)))


def _check_bare(
    read: ex.Field | ex.Placeholder | ex.Metric,
    placeholders: Mapping[str, PlaceholderDefinition],
    match_keys: tuple[str, ...],
    scope: Scope,
) -> None:
    shown, around = _shown(read)
    if scope.has_match:
        if isinstance(read, ex.Placeholder) and read.name in match_keys and scope.mode is Mode.COMPAT:
            scope.notices.add(
                Diagnostic(
                    checks.BARE_MATCH_KEY,
                    f"the match key `{shown}` stands without an aggregate",
                    read.span,
                    help=f"write `array_distinct({shown})`",
                )
            )
            return
        why = "the rule has a match section"
    elif _is_repeated(read, placeholders):
        why = "it is repeated"
    else:
        return
    scope.errors.add(
        Diagnostic(
            checks.MISSING_AGGREGATE,
            f"`{shown}` needs an aggregate: {why}",
            read.span,
            help=f"write an aggregate around it, for instance `{around}({shown})`",
        )
    )


def _shown(read: ex.Field | ex.Placeholder | ex.Metric) -> tuple[str, str]:
    """Return how a read is shown, and an aggregate that suits it."""
    match read:
        case ex.Placeholder(name=name):
            return f"${name}", "array_distinct"
        case ex.Field(variable=variable, path=path):
            return f"${variable}.{path.text}", "array_distinct"
        case ex.Metric(name=name):
            return f"metrics.{name}(…)", "max"


def _is_repeated(
    read: ex.Field | ex.Placeholder | ex.Metric, placeholders: Mapping[str, PlaceholderDefinition]
) -> bool:
    """Whether a read has one value per copy of the event instead of one per event."""
    if isinstance(read, ex.Metric):
        return any(isinstance(value, ex.Placeholder) and _is_repeated(value, placeholders) for value in read.values)
    if isinstance(read, ex.Field):
        return read.path.is_repeated and read.quantifier is None and not read.is_whole_list
    definition = placeholders[read.name]
    bindings = (*definition.bindings, *definition.alternatives)
    return any(_is_repeated(field, placeholders) for binding in bindings for field in ex.fields(binding.value))
