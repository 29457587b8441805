"""The checker: from one rule's syntax tree to its checked form, or to all the mistakes in it.

Each section has a module beside this one. The order here matters: placeholders need their types before the predicates
that test them, and what a condition requires to be present is known only when the joins are.
"""

from __future__ import annotations

from dataclasses import dataclass

from windshear.language import expressions as ex
from windshear.language.check import bounds as presence
from windshear.language.check import notices
from windshear.language.check.bounds import Bounds
from windshear.language.check.branches import check_variables_without_match, existing
from windshear.language.check.condition import check_condition
from windshear.language.check.events import Predicates, check_events
from windshear.language.check.export import check_export
from windshear.language.check.joins import Ties, find_ties, report_unjoined, ties_meant
from windshear.language.check.lists import check_lists
from windshear.language.check.match import Match, check_match, zero_filtered
from windshear.language.check.options import ALLOW_ZERO_VALUES, check_options, check_suppression
from windshear.language.check.outcome import check_outcome
from windshear.language.check.scope import Mode, Scope, check_names, collect_names, expressions_of, is_doubtful, unknown
from windshear.language.check.setup import check_setup
from windshear.language.diagnostics import checks
from windshear.language.diagnostics.collector import Collector
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.effects import GraphChange, TableWrite
from windshear.language.lists import ListTypes
from windshear.language.rule import CheckedRule, OutcomeDefinition
from windshear.language.source import Source
from windshear.language.syntax import tree
from windshear.language.tables import TableSchemas

__all__ = ["CheckResult", "Mode", "check"]


# What may be reported only because a definition stands in a part of the text that could not be read.
_FROM_MISSING_NAMES = frozenset(
    {
        checks.BAD_PIVOT,
        checks.FORWARD_REFERENCE,
        checks.MATCH_KEY,
        checks.NOT_IN_CONDITION,
        checks.UNBOUND_PLACEHOLDER,
        checks.UNJOINED_VARIABLE,
        checks.UNKNOWN_IN_CONDITION,
        checks.UNKNOWN_IN_OUTCOME,
    }
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The checked rule (None if there are errors) and everything there is to say about it, in the order of the text."""

    rule: CheckedRule | None
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Sections:
    """The sections of a rule as checked one by one."""

    predicates: Predicates
    match: Match
    outcomes: tuple[OutcomeDefinition, ...]
    condition: ex.Expression
    options: dict[str, bool | int]
    setup: tuple[GraphChange, ...]
    export: TableWrite | None


def check(
    rule: tree.Rule,
    source: Source,
    mode: Mode = Mode.COMPAT,
    tables: TableSchemas | None = None,
    lists: ListTypes | None = None,
) -> CheckResult:
    """Return the meaning of a parsed rule, or the mistakes in it; what the parser reported is not repeated.

    tables: the columns of the data tables that are known; lists: the types of the reference lists that are known.
    Others are taken as the tenant will give them.
    """
    scope = Scope(collect_names(rule), mode, has_match=rule.match is not None, tables=tables, lists=lists or {})
    check_names(rule, scope)
    sections = _check_sections(rule, scope)
    meant = ties_meant(expressions_of(rule, "events"), sections.predicates, scope)
    ties = find_ties(sections.predicates, scope, [*meant])
    branches: tuple[str, ...] = ()
    if rule.match is None:
        branches = check_variables_without_match(rule, sections.predicates, sections.condition, scope)
    else:
        report_unjoined(ties, scope)
    bounds = presence.find_bounds(sections.condition, sections.predicates, ties, scope)
    if rule.match is not None or len(scope.names.events) < 2:
        _check_presence(rule, sections, bounds, ties, scope)
    is_multi_event = _is_multi_event(sections, scope)
    check_suppression(rule.options, sections.options, sections.match.window, scope, is_multi_event=is_multi_event)
    _report_unsupported(scope)
    if scope.errors.all() or is_doubtful(rule):
        return CheckResult(None, _without_consequences(rule, _sorted(scope.errors, scope.notices)))
    _note(rule, sections, bounds, scope)
    checked = _checked_rule(rule, source, sections, bounds, branches, scope)
    return CheckResult(checked, _sorted(scope.errors, scope.notices))


def _check_sections(rule: tree.Rule, scope: Scope) -> _Sections:
    predicates = check_events(rule.events or tree.Events((), rule.span), scope)
    match = check_match(rule.match, scope)
    outcomes = check_outcome(rule.outcome, predicates.placeholders, match.keys, scope)
    condition: ex.Expression = unknown(rule.span)
    if rule.condition is not None:
        condition = check_condition(rule.condition, match.keys, scope)
    check_lists(rule, scope)
    options = check_options(rule.options, scope)
    setup, export = check_setup(rule.setup, scope), check_export(rule.export, match.keys, scope)
    return _Sections(predicates, match, outcomes, condition, options, setup, export)


def _check_presence(rule: tree.Rule, sections: _Sections, bounds: Bounds, ties: Ties, scope: Scope) -> None:
    """Check what the condition asks for; a mistake in the condition itself comes before its consequences."""
    predicates, window = sections.predicates, sections.match.window
    before = len(scope.errors.all())
    presence.check_alternatives(sections.condition, predicates, window, scope)
    _check_all_asked_for(rule, sections, scope)
    if len(scope.errors.all()) > before or _has_unknown(sections.condition):
        return
    presence.check_unbounded(bounds, predicates, ties, scope)
    if len(scope.errors.all()) > before:
        return
    presence.check_keys(sections.match.keys, bounds, predicates, scope)
    pivot = rule.match.window.pivot if rule.match and rule.match.window else None
    if pivot is not None and pivot.name in scope.names.events and pivot.name not in bounds.bounded:
        scope.errors.add(
            Diagnostic(checks.BAD_PIVOT, f"the pivot `${pivot.name}` is not required by the condition", pivot.span)
        )


def _check_all_asked_for(rule: tree.Rule, sections: _Sections, scope: Scope) -> None:
    """Report variables that the condition does not ask for, itself or by a placeholder."""
    if rule.condition is None or _has_unknown(sections.condition):
        return
    asked: set[str] = set()
    for node in ex.walk(sections.condition):
        if isinstance(node, ex.VariableCount) and node.counts == "events":
            asked.add(node.name)
        elif isinstance(node, ex.VariableCount):
            asked |= sections.predicates.definers[node.name]
    for name, variable in scope.names.events.items():
        if name not in asked and variable.source != "table":
            scope.errors.add(
                Diagnostic(
                    checks.NOT_IN_CONDITION,
                    f"the condition does not ask for `${name}`",
                    variable.span,
                    help=f"add `and ${name}` to the condition",
                )
            )


def _has_unknown(condition: ex.Expression) -> bool:
    return any(node.type == unknown(node.span).type for node in ex.walk(condition))


def _is_multi_event(sections: _Sections, scope: Scope) -> bool:
    """Give the class of a rule: with a match section, one event must be all that is asked for; metrics ask for more."""
    if any(isinstance(node, ex.Metric) for outcome in sections.outcomes for node in ex.walk(outcome.value)):
        return True
    if sections.match.window is None:
        return False
    is_plain = len(scope.names.events) == 1 and existing(sections.condition) is not None
    return not is_plain or any(v.source != "udm" for v in scope.names.events.values())


def _report_unsupported(scope: Scope) -> None:
    """Say what this version cannot run, unless the rule has mistakes of its own."""
    if scope.errors.all():
        return
    for feature, span in scope.unsupported:
        scope.errors.add(Diagnostic(checks.NOT_SUPPORTED_YET, f"{feature} cannot be run yet", span))


def _note(rule: tree.Rule, sections: _Sections, bounds: Bounds, scope: Scope) -> None:
    notices.note_meta(rule.meta, scope)
    notices.note_absence(bounds, sections.match.window, scope)
    if sections.match.window is not None:
        notices.note_self_pairs(sections.predicates, scope)


def _checked_rule(
    rule: tree.Rule,
    source: Source,
    sections: _Sections,
    bounds: Bounds,
    branches: tuple[str, ...],
    scope: Scope,
) -> CheckedRule:
    placeholders, match = sections.predicates.placeholders, sections.match
    allows_zero = bool(sections.options.get(ALLOW_ZERO_VALUES, False))
    return CheckedRule(
        name=rule.name,
        text=source.text[rule.span.start : rule.span.end],
        meta=tuple((entry.key, entry.value) for entry in rule.meta.entries) if rule.meta else (),
        variables=scope.names.events,
        placeholders=placeholders,
        predicates=sections.predicates.items,
        match_keys=match.keys,
        zero_filtered_keys=zero_filtered(match.keys, placeholders, allows_zero=allows_zero),
        window=match.window,
        outcomes=sections.outcomes,
        condition=sections.condition,
        bounded=bounds.bounded,
        options=sections.options,
        branches=branches,
        is_alternative=match.window is not None and bool(bounds.alternatives),
        is_multi_event=_is_multi_event(sections, scope),
        span=rule.span,
        setup=sections.setup,
        export=sections.export,
    )


def _without_consequences(rule: tree.Rule, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Where part of the text could not be read, or a variable is missing, leave out what may only follow from that."""
    if not is_doubtful(rule) and all(diagnostic.mistake is not checks.MISSING_VARIABLE for diagnostic in found):
        return found
    return tuple(diagnostic for diagnostic in found if diagnostic.mistake not in _FROM_MISSING_NAMES)


def _sorted(*collectors: Collector) -> tuple[Diagnostic, ...]:
    return tuple(sorted((d for c in collectors for d in c.all()), key=lambda d: (d.span, not d.is_error)))
