"""The checker of queries: from a syntax tree to the checked query, or to all the mistakes in it.

Each stage is checked as a rule's sections are; what it gives is known to the stages behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windshear.language import expressions as ex
from windshear.language.check.bounds import find_bounds
from windshear.language.check.condition import check_condition
from windshear.language.check.events import Predicates, check_events
from windshear.language.check.lists import check_lists
from windshear.language.check.outcome import MOST_OUTCOMES, check_outcome
from windshear.language.check.queries import joins, limits, uses, windows
from windshear.language.check.queries.nocase import without_case
from windshear.language.check.queries.results import Results, Shape, fields_named
from windshear.language.check.queries.written import Written, as_written
from windshear.language.check.scope import Mode, Scope, check_names
from windshear.language.diagnostics import checks, queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.query import CheckedQuery, CheckedStage, QueryWindow
from windshear.language.rule import CheckedRule, OutcomeDefinition
from windshear.language.source import Source, Span
from windshear.language.syntax import query_tree, tree
from windshear.language.tables import TableSchemas
from windshear.language.types import BOOL, INT, Type


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """How a query is read.

    ignores_case: every comparison of texts, as if `nocase` stood behind it. most_outcomes: outcome variables that a
    stage may have; the service allows 20, or 50 where that is enabled.
    """

    mode: Mode = Mode.COMPAT
    ignores_case: bool = False
    most_outcomes: int = MOST_OUTCOMES
    tables: TableSchemas | None = None


@dataclass(frozen=True, slots=True)
class QueryCheck:
    """The checked query (None if there are errors) and everything that is said about it, in the order of the text."""

    query: CheckedQuery | None
    diagnostics: tuple[Diagnostic, ...]


def check_query(query: query_tree.Query, source: Source, options: QueryOptions | None = None) -> QueryCheck:
    """Return the meaning of a parsed query, or the mistakes in it; what the parser reported is not repeated."""
    run = _Check(source, options or QueryOptions())
    for stage in query.stages:
        run.check_stage_name(stage)
        checked = run.check(stage.name, stage.body)
        run.relations[stage.name] = _columns_of(checked)
        run.done.append(checked)
    root = run.check("", query.root)
    for found in (
        *limits.written_limits(query, run.options.mode),
        *limits.checked_limits((*run.done, root), run.options.mode),
    ):
        run.said.append(found)
    said = tuple(sorted(run.said, key=lambda found: (found.span, not found.is_error)))
    if any(found.is_error for found in said):
        return QueryCheck(None, said)
    checked_query = CheckedQuery(tuple(run.done), root)
    return QueryCheck(without_case(checked_query) if run.options.ignores_case else checked_query, said)


@dataclass(slots=True)
class _Check:
    """The state of checking a query: the stages so far, what each gives, and what was said."""

    source: Source
    options: QueryOptions
    relations: dict[str, Mapping[str, Type]] = field(default_factory=dict)
    done: list[CheckedStage] = field(default_factory=list)
    said: list[Diagnostic] = field(default_factory=list)

    def check_stage_name(self, stage: query_tree.Stage) -> None:
        if stage.name in self.relations:
            message = f"there is a stage `{stage.name}` already"
            self.said.append(Diagnostic(queries.STAGE_NAME, message, stage.name_span, help="choose another name"))

    def check(self, name: str, body: query_tree.Body) -> CheckedStage:
        """Check one stage; what is said about it is added, and what it gives is as good as can be told."""
        written = Written.of(body, self.relations)
        scope = Scope(
            written.names,
            self.options.mode,
            has_match=written.is_grouped,
            tables=self.options.tables,
            is_search=True,
            relations=self.relations,
        )
        stage = _Stage(self, name, body, written, scope).check()
        _report_unsupported(body, scope)
        said = [*written.errors.all(), *scope.errors.all(), *scope.notices.all()]
        self.said += [as_written(found, written.implicit) for found in said if written.is_sure(found)]
        return stage


@dataclass(frozen=True, slots=True)
class _Stage:
    run: _Check
    name: str
    body: query_tree.Body
    written: Written
    scope: Scope

    def check(self) -> CheckedStage:
        """Return the stage."""
        scope, written = self.scope, self.written
        self._check_variables()
        check_names(written.rule, scope)
        predicates = check_events(tree.Events(written.events, self.body.span), scope)
        outer = joins.check_outer_joins(written.joins, predicates, scope)
        keys = windows.check_keys(written.keys, written.match, scope)
        window = windows.check_window(written.match, tuple(outer.preserving), scope)
        outcomes = check_outcome(
            written.rule.outcome, predicates.placeholders, keys, scope, most=self.run.options.most_outcomes
        )
        condition = self._condition(keys)
        check_lists(written.rule, scope)
        ties = joins.check_ties(predicates, outer, self._single_rows(), scope)
        joins.check_keys_preserved(keys, predicates, outer, scope)
        rows = [*predicates.items, *outer.links, *(outcome.value for outcome in outcomes)]
        bounds = find_bounds(condition, predicates, ties, scope)
        either = uses.check_alternatives(
            bounds, keys, window, predicates, scope, has_outer_joins=bool(outer.preserving)
        )
        optional = either | outer.preserving.keys()
        joins.check_null_tests(rows, optional, predicates, scope)
        uses.check_groups(predicates, [*rows, condition], scope)
        uses.check_bounds_of_window(outcomes, condition, window, scope)
        uses.check_metrics(outcomes, scope)
        uses.check_choices(predicates, scope)
        uses.check_context(ties, written.is_grouped, outer.preserving, scope)
        uses.check_presence(condition, optional, scope)
        shape = self._shape(keys, outcomes, predicates, window)
        filters = tuple(item for item in predicates.items if _tests_null(item))
        return CheckedStage(
            name=self.name,
            body=self._rule(predicates, keys, outcomes, condition, optional),
            links=outer.links,
            filters=filters,
            window=window,
            is_grouped=written.is_grouped,
            columns=shape.columns,
            shown=shape.shown,
            dedup=shape.dedup,
            order=shape.order,
            limit=shape.limit,
        )

    def _check_variables(self) -> None:
        """Report fields without a variable among others with one, and variables named like a stage to come."""
        events = self.scope.names.events
        named = [
            variable for name, variable in events.items() if variable.source == "udm" and name != self.written.implicit
        ]
        if self.written.implicit in events and named:
            self.scope.errors.add(
                Diagnostic(
                    queries.MIXED_VARIABLES,
                    f"a field of `${named[0].name}` stands beside fields without a variable",
                    named[0].span,
                    help="give every field its variable, or none",
                )
            )

    def _single_rows(self) -> set[str]:
        """Return the stages that are read here and have one row at most."""
        return {stage.name for stage in self.run.done if stage.has_one_row and stage.name in self.scope.names.events}

    def _condition(self, keys: tuple[str, ...]) -> ex.Expression:
        section = self.body.condition
        if section is None:
            return ex.Literal(value=True, type=BOOL, span=self.body.span)
        if self.written.match is None:
            self.scope.errors.add(
                Diagnostic(
                    queries.CONDITION_WITHOUT_MATCH,
                    "a condition without a match section",
                    Span(section.span.start, section.span.start + len("condition")),
                    help="add `match:` with the keys to group by, or move the test to the predicates",
                )
            )
        return check_condition(section, keys, self.scope)

    def _shape(
        self,
        keys: tuple[str, ...],
        outcomes: tuple[OutcomeDefinition, ...],
        predicates: Predicates,
        window: QueryWindow | None,
    ) -> Shape:
        written = self.written
        values = [item.value for item in written.rule.outcome.assignments] if written.rule.outcome else []
        named = fields_named((*written.events, *(join.on for join in written.joins), *values))
        results = Results(
            self.scope,
            written.implicit,
            written.is_grouped,
            window is not None,
            keys,
            outcomes,
            predicates.placeholders,
            named,
        )
        return results.shape(written.shaping)

    def _rule(
        self,
        predicates: Predicates,
        keys: tuple[str, ...],
        outcomes: tuple[OutcomeDefinition, ...],
        condition: ex.Expression,
        optional: frozenset[str],
    ) -> CheckedRule:
        variables = self.scope.names.events
        return CheckedRule(
            name=self.name,
            text=self.run.source.text[self.body.span.start : self.body.span.end],
            meta=(),
            variables=variables,
            placeholders=predicates.placeholders,
            predicates=tuple(item for item in predicates.items if not _tests_null(item)),
            match_keys=keys,
            zero_filtered_keys=(),
            window=None,
            outcomes=outcomes,
            condition=condition,
            bounded=frozenset(variables) - optional,
            options={},
            branches=(),
            is_alternative=bool(variables) and optional >= variables.keys(),
            is_multi_event=len(variables) > 1,
            span=self.body.span,
        )


def _report_unsupported(body: query_tree.Body, scope: Scope) -> None:
    """Say what this version cannot run, unless the query has mistakes of its own."""
    if scope.errors.all():
        return
    if body.export is not None:
        scope.unsupported.append(("the export section of a query", body.export.span))
    for variable in scope.names.events.values():
        if variable.source == "detection":
            scope.unsupported.append(("a query over detections", variable.span))
    for feature, span in scope.unsupported:
        scope.errors.add(Diagnostic(checks.NOT_SUPPORTED_YET, f"{feature} cannot be run yet", span))


def _tests_null(expression: ex.Expression) -> bool:
    return any(isinstance(node, ex.IsNull) for node in ex.walk(expression))


def _columns_of(stage: CheckedStage) -> dict[str, Type]:
    """Return what later stages can read of a stage."""
    return {name: INT if stage.column(name).is_time else stage.column(name).type for name in stage.shown}
