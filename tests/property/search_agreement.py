"""Whether a search with and without sift, and the plain evaluator of queries, give the same rows in the same order."""

from __future__ import annotations

import math

from hypothesis import note

from tests.conformance.query_engines import reference_search
from tests.property.events import Json
from windshear.conformance.case import ExpectedRows, JsonObject, Place, QueryCase
from windshear.conformance.queries import compile_case
from windshear.conformance.search import search_alone, windshear_search


def assert_search_agrees(query: str, events: list[Json], *, ignores_case: bool) -> int:
    """Assert that all three agree on a query; return how many rows there were."""
    case = QueryCase("q", "", "", Place("q", 1), query, tuple(events), {}, "compat", ignores_case, ExpectedRows(()))
    compiled = compile_case(case)
    note(query)
    assert compiled.query is not None, [found.message for found in compiled.diagnostics]
    expected = reference_search(compiled.query, case).rows
    for engine in (windshear_search, search_alone):
        found = engine(compiled.query, case).rows
        assert len(found) == len(expected), (found, expected)
        for have, wanted in zip(found, expected, strict=True):
            assert _is_same(have, wanted), (found, expected)
    return len(expected)


def _is_same(have: JsonObject, wanted: JsonObject) -> bool:
    return have.keys() == wanted.keys() and all(_equal(value, wanted[name]) for name, value in have.items())


def _equal(have: object, wanted: object) -> bool:
    if isinstance(have, list) and isinstance(wanted, list):
        return len(have) == len(wanted) and all(map(_equal, have, wanted))
    if isinstance(have, float) and isinstance(wanted, float):
        return math.isclose(have, wanted, rel_tol=1e-9, abs_tol=1e-9)
    return type(have) is type(wanted) and have == wanted
