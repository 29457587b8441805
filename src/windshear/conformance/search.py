"""The engine as the runner of queries sees it: a checked query and inline events in, rows out."""

from __future__ import annotations

from typing import cast

import orjson

from windshear.conformance.case import JsonObject, QueryCase
from windshear.conformance.engine import read_context, refuse
from windshear.conformance.queries import Rows
from windshear.core.readings.settings import Readings, read_settings
from windshear.engine.batch import EventBatch
from windshear.engine.context_feed import ContextFeed
from windshear.engine.inline import UDM
from windshear.engine.plan import lists_of
from windshear.engine.search.run import ARRAY_CAP, Search, SearchSettings
from windshear.engine.search.values import shown_value
from windshear.language.query import CheckedQuery
from windshear.logs.record import batch_of
from windshear.udm.proto_json import read_event
from windshear.udm.rows import to_table


def windshear_search(query: CheckedQuery, case: QueryCase) -> Rows:
    """Run a case through sift and the query's statements."""
    return run(query, case, SearchSettings())


def search_alone(query: CheckedQuery, case: QueryCase) -> Rows:
    """Run a case with every event as a candidate."""
    return run(query, case, SearchSettings(uses_sift=False))


def run(query: CheckedQuery, case: QueryCase, settings: SearchSettings) -> Rows:
    """Run a case with some settings."""
    context = read_context(case)
    readings = read_settings(case.settings, Readings(array_cap=ARRAY_CAP))
    with Search(query, lists_of(context), settings, readings) as search:
        feed = ContextFeed(context, search.plans, refuse)
        rows = [row for batch in feed.batches() for row in search.feed(batch)]
        events = [read_event(event)[0] for event in case.events]
        texts = [raw_text(event) for event in case.events]
        table = to_table(events, search.wanted.every)
        rows += [*search.feed(EventBatch(UDM, table, batch_of(texts, "inline"))), *search.finish()]
        header = search.header
    return Rows(
        tuple(
            cast(
                "JsonObject",
                {column.name: shown_value(column, value) for column, value in zip(header, row, strict=True)},
            )
            for row in rows
        )
    )


def raw_text(event: JsonObject) -> str:
    """Return the raw text of an event of a case: the event as JSON."""
    return orjson.dumps(event).decode()
