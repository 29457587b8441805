"""Sizes that the service refuses: errors in strict mode, warnings otherwise, for here they cost nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from windshear.language.check.scope import Mode
from windshear.language.check.walk import walk
from windshear.language.diagnostics import queries
from windshear.language.diagnostics.diagnostic import Diagnostic
from windshear.language.query import CheckedStage
from windshear.language.source import Span
from windshear.language.syntax import query_tree, tree

MOST_OPERATORS: Final = 169
MOST_STAGES: Final = 4
MOST_JOINS: Final = 4
MOST_EVENTS: Final = 2
MOST_ENTITIES: Final = 1
MOST_TABLES: Final = 2
MOST_RATIO: Final = 720


def written_limits(query: query_tree.Query, mode: Mode) -> Iterator[Diagnostic]:
    """Yield what is said about the size of a query as written."""
    bodies = [*(stage.body for stage in query.stages), query.root]
    operators = sum(_operators(body) for body in bodies)
    if operators > MOST_OPERATORS:
        yield _over(f"the query has {operators} logical operators", query.root.span, MOST_OPERATORS, mode)
    if len(query.stages) > MOST_STAGES:
        yield _over(f"the query has {len(query.stages)} stages", query.stages[MOST_STAGES].name_span, MOST_STAGES, mode)


def checked_limits(parts: Sequence[CheckedStage], mode: Mode) -> Iterator[Diagnostic]:
    """Yield what is said about the joins and windows of a query."""
    for part in parts:
        variables = [v for v in part.body.variables.values() if v.source != "table"]
        events = [variable for variable in variables if variable.source == "udm"]
        entities = [variable for variable in variables if variable.source == "graph"]
        tables = [variable for variable in part.body.variables.values() if variable.source == "table"]
        if len(variables) - 1 > MOST_JOINS:
            yield _over(f"{len(variables) - 1} joins", variables[MOST_JOINS + 1].span, MOST_JOINS, mode)
        elif len(events) > MOST_EVENTS:
            yield _over(f"{len(events)} event variables are joined", events[MOST_EVENTS].span, MOST_EVENTS, mode)
        elif len(entities) > MOST_ENTITIES:
            yield _over(f"{len(entities)} entities are joined", entities[MOST_ENTITIES].span, MOST_ENTITIES, mode)
        elif len(tables) > MOST_TABLES:
            yield _over(f"{len(tables)} data tables are joined", tables[MOST_TABLES].span, MOST_TABLES, mode)
    sizes = [
        (part.window.size * (30 * 86_400 if part.window.unit == "month" else 1), part.body.span)
        for part in parts
        if part.window is not None and part.window.kind == "tumbling"
    ]
    if sizes and max(sizes)[0] >= MOST_RATIO * min(sizes)[0]:
        ratio = max(sizes)[0] // min(sizes)[0]
        yield _over(f"one tumbling window is {ratio} times another", max(sizes)[1], MOST_RATIO, mode)


def _over(what: str, span: Span, most: int, mode: Mode) -> Diagnostic:
    mistake = queries.BEYOND_LIMIT if mode is Mode.STRICT else queries.OVER_SERVICE_LIMIT
    at_most = f"below {most}" if most == MOST_RATIO else f"at most {most}"
    return Diagnostic(mistake, f"{what}, the service takes {at_most}", span)


def _operators(body: query_tree.Body) -> int:
    """Count `and`, `or` and `not`, the conjunction of predicates that follow each other among them."""
    expressions: list[tree.Expression] = [*body.predicates, *(join.on for join in body.joins)]
    count = max(len(body.predicates) - 1, 0)
    expressions += [assignment.value for assignment in body.outcome.assignments] if body.outcome else []
    expressions += [body.condition.expression] if body.condition else []
    for expression in expressions:
        for node in walk(expression):
            if isinstance(node, tree.And | tree.Or):
                count += len(node.items) - 1
            elif isinstance(node, tree.Not):
                count += 1
    return count
