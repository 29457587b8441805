"""The engines that the cases of queries run on, each as one function from query and case to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from tests.conformance.engines import records_of, reference_context
from tests.reference.search import search
from windshear.conformance.case import JsonObject, QueryCase
from windshear.conformance.queries import Rows, SearchEngine
from windshear.conformance.search import raw_text, search_alone, windshear_search
from windshear.core.readings.settings import Readings, read_settings
from windshear.engine.search.run import ARRAY_CAP
from windshear.engine.search.values import shown_value
from windshear.language.query import CheckedQuery


def reference_search(query: CheckedQuery, case: QueryCase) -> Rows:
    """Run a case on the plain evaluator of the tests."""
    context = replace(
        reference_context(case.context), readings=read_settings(case.settings, Readings(array_cap=ARRAY_CAP))
    )
    texts = [raw_text(event) for event in case.events]
    rows = search(query, records_of(case.events, "udm"), texts, context)
    columns = [query.root.column(name) for name in query.root.shown]
    return Rows(
        tuple(
            cast("JsonObject", {c.name: shown_value(c, value) for c, value in zip(columns, row, strict=True)})
            for row in rows
        )
    )


SEARCH_ENGINES: Mapping[str, SearchEngine] = {
    "reference": reference_search,
    "engine": windshear_search,
    "without sift": search_alone,
}
