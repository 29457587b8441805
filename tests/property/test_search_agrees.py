"""Search with and without sift, and the plain evaluator of queries, give the same rows in the same order."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.events import Json, event_sets
from tests.property.queries import queries
from tests.property.search_agreement import assert_search_agrees


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(queries, event_sets(), st.booleans())
def test_search_equals_reference(query: str, events: list[Json], ignores_case: bool) -> None:
    """The rows of the engine, of the engine without sift, and of the evaluator are equal."""
    assert_search_agrees(query, events, ignores_case=ignores_case)
