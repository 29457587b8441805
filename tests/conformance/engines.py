"""The engines that the conformance cases run on, each as one function from rule and case to detections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, cast

import orjson
import pyarrow as pa

from tests.reference import ReferenceContext, ReferenceDetection, evaluate
from tests.reference.context import Table
from tests.reference.exports import written_tables
from tests.reference.records import Record
from tests.reference.setup import appended_names
from tests.reference.stop import StoppedError
from windshear.conformance.case import Case, JsonObject, JsonValue
from windshear.conformance.compare import FoundDetection
from windshear.conformance.engine import settle_alone, windshear_engine
from windshear.conformance.runner import Detections, Engine, Stopped
from windshear.engine.identities import event_ids
from windshear.engine.inline import UDM
from windshear.language.rule import CheckedRule
from windshear.udm.proto_json import read_event, write_event
from windshear.udm.schema import Root

Content = TypeVar("Content")


def reference_evaluator(rule: CheckedRule, case: Case) -> Detections | Stopped:
    """Run a case on the plain evaluator of the tests."""
    events = records_of(case.events, "udm")
    context = replace(
        reference_context(case.context),
        readings=case.readings(),
        now_seconds=case.run_parameter("now"),
        seed=case.run_parameter("seed"),
        identities=event_ids(UDM, pa.array(orjson.dumps(write_event(event)).decode() for event in events)),
    )
    names = {
        "udm": [_handle(event) for event in events],
        "graph": [*(str(position) for position in range(len(context.entities))), *appended_names(rule, context)],
        "detection": [str(detection.get("id", "")) for detection in context.detections],
    }
    handles = {name: names[variable.source] for name, variable in rule.variables.items() if variable.source != "table"}
    try:
        found = evaluate(rule, events, context)
    except StoppedError as stop:
        return Stopped(str(stop))
    written = written_tables(rule, found, context)
    return Detections(tuple(_found(detection, handles) for detection in found), written)


# What the engine cannot run yet, by case; a case that starts to run must leave this list.
GAPS: Mapping[str, str] = {}

ENGINES: Mapping[str, Engine] = {
    "reference": reference_evaluator,
    "engine": windshear_engine,
    "settle alone": settle_alone,
}


def records_of(values: Sequence[JsonValue], root: Root) -> list[Record]:
    """Return proto-JSON objects as canonical records."""
    records: list[Record] = []
    for value in values:
        record, problems = read_event(value, root)
        assert not problems, problems
        records.append(record)
    return records


def _handle(event: Record) -> str:
    metadata = event.get("metadata")
    return str(metadata.get("product_log_id", "")) if isinstance(metadata, dict) else ""


def reference_context(given: JsonObject) -> ReferenceContext:
    """Return the context of a case as the evaluator reads it."""
    return ReferenceContext(
        lists=_each(given, "lists", lambda content: [str(line) for line in _items(content, "lines")]),
        tables=_each(given, "tables", _table),
        entities=records_of(_items(given, "entities"), "graph"),
        detections=records_of(_items(given, "detections"), "detection"),
        history=records_of(_items(given, "history"), "udm"),
    )


def _table(content: JsonObject) -> Table:
    rows = [[str(cell) for cell in cast("list[JsonValue]", row)] for row in _items(content, "rows")]
    return Table({name: str(kind) for name, kind in _object(content, "columns").items()}, rows)


def _each(given: JsonObject, key: str, make: Callable[[JsonObject], Content]) -> dict[str, Content]:
    named = _object(given, key)
    return {name: make(_object(named, name)) for name in named}


def _object(given: JsonObject, key: str) -> JsonObject:
    value = given.get(key, {})
    assert isinstance(value, dict), key
    return value


def _items(given: JsonObject, key: str) -> list[JsonValue]:
    value = given.get(key, [])
    assert isinstance(value, list), key
    return value


def _found(detection: ReferenceDetection, handles: Mapping[str, Sequence[str]]) -> FoundDetection:
    return FoundDetection(
        match=detection.match,
        events={
            name: [handles[name][position] for position in positions] for name, positions in detection.events.items()
        },
        outcomes=detection.outcomes,
        start=detection.start,
        end=detection.end,
        detection_time=detection.detection_time,
        risk_score=detection.risk_score,
    )
