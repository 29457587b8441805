"""Queries that ignore case: the same query with `nocase` at every comparison of texts."""

from __future__ import annotations

from dataclasses import replace

from windshear.language import expressions as ex
from windshear.language.query import CheckedQuery, CheckedStage
from windshear.language.rewrite import rewritten, rewritten_rule
from windshear.language.types import Kind


def without_case(query: CheckedQuery) -> CheckedQuery:
    """Return the query with `nocase` at every comparison of texts."""
    return CheckedQuery(tuple(map(_stage_without_case, query.stages)), _stage_without_case(query.root))


def _stage_without_case(stage: CheckedStage) -> CheckedStage:
    return replace(
        stage,
        body=replace(rewritten_rule(stage.body, _nocase), condition=rewritten(stage.body.condition, _nocase)),
        links=tuple(rewritten(link, _nocase) for link in stage.links),
        filters=tuple(rewritten(test, _nocase) for test in stage.filters),
    )


def _nocase(node: ex.Expression) -> ex.Expression | None:
    match node:
        case ex.Comparison(is_nocase=False, left=left, right=right) if _is_string(left) and _is_string(right):
            return rewritten(replace(node, is_nocase=True), _nocase)
        case ex.RegexMatch(is_nocase=False):
            return rewritten(replace(node, is_nocase=True), _nocase)
        case ex.Membership(is_nocase=False, kind="string" | "regex"):
            return rewritten(replace(node, is_nocase=True), _nocase)
        case _:
            return None


def _is_string(value: ex.Expression) -> bool:
    return value.type.kind is Kind.STRING and not value.type.is_list
