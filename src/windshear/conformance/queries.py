"""Cases of queries: compiled, run by any engine, and compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson

from windshear.conformance.case import ExpectedMistake, JsonObject, QueryCase
from windshear.conformance.compare import is_same
from windshear.context.context import context_of_json
from windshear.language.check.queries.checker import QueryOptions
from windshear.language.check.scope import Mode
from windshear.language.query import CheckedQuery
from windshear.language.query_front import CompiledQuery, compile_query
from windshear.language.source import Source

_PLANNING = "E5"  # the codes of what the language has and this engine does not


@dataclass(frozen=True, slots=True)
class Rows:
    """An engine's answer: the rows as JSON has them, in order."""

    rows: tuple[JsonObject, ...]


class SearchEngine(Protocol):
    """Something that runs a checked query over the events and context of a case."""

    def __call__(self, query: CheckedQuery, case: QueryCase, /) -> Rows:
        """Return the rows of the result."""


def compile_case(case: QueryCase) -> CompiledQuery:
    """Return the checked query of a case and what is said about it."""
    tables = context_of_json(orjson.dumps({"tables": case.context.get("tables", {})})).schemas
    options = QueryOptions(Mode(case.mode), ignores_case=case.ignores_case, tables=tables)
    return compile_query(Source(str(case.place), case.query), options)


def judge_query(case: QueryCase, engine: SearchEngine) -> tuple[Literal["passed", "failed", "skipped"], Sequence[str]]:
    """Return the verdict on a case, and what is wrong or missing, one item per line."""
    compiled = compile_case(case)
    errors = [found for found in compiled.diagnostics if found.is_error]
    said = [f"{error.mistake.code} {error.mistake.slug}: {error.message}" for error in errors]
    if isinstance(case.expected, ExpectedMistake):
        is_it = bool(errors) and all(error.mistake.slug == case.expected.slug for error in errors)
        return ("passed", ()) if is_it else ("failed", [f"expected the mistake {case.expected.slug}", *said])
    if errors and all(error.mistake.code.startswith(_PLANNING) for error in errors):
        return "skipped", [f"not yet supported: {error.message}" for error in errors]
    if compiled.query is None:
        return "failed", said or ["the query does not compile"]
    found = list(engine(compiled.query, case).rows)
    wrong = _differences(case.expected.rows, found, is_ordered=bool(compiled.query.root.order))
    return ("failed", wrong) if wrong else ("passed", ())


def _differences(expected: Sequence[JsonObject], found: list[JsonObject], *, is_ordered: bool) -> list[str]:
    """Return what is wrong; rows without an order are paired with the first that fits."""
    if is_ordered and len(expected) == len(found):
        pairs = zip(expected, found, strict=True)
        return [f"expected {wanted}, found {have}" for wanted, have in pairs if not _fits(wanted, have)]
    left = list(found)
    missing = []
    for wanted in expected:
        position = next((i for i, have in enumerate(left) if _fits(wanted, have)), None)
        if position is None:
            missing.append(f"missing: {wanted}")
        else:
            del left[position]
    return [*missing, *(f"unexpected: {have}" for have in left)]


def _fits(wanted: JsonObject, have: JsonObject) -> bool:
    return all(key in have and is_same(value, have[key]) for key, value in wanted.items())
