"""The reader of `Expected:` blocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

from windshear.conformance.case import (
    ExpectedDetection,
    ExpectedDetections,
    ExpectedError,
    ExpectedMistake,
    ExpectedRows,
    ExpectedStop,
    JsonObject,
    JsonValue,
    Place,
)
from windshear.core.errors import InputError

_KEYS = {"match", "events", "outcomes", "start", "end", "detection_time", "risk_score"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_expectation(value: JsonValue, place: Place) -> ExpectedDetections | ExpectedError | ExpectedStop:
    """Read `{"detections": […]}`, `{"compile_error": "C…"}` or `{"stopped_by": "setting"}`.

    Beside `detections` may stand the tables that they write: `"tables": {"name": [["cell", …], …]}`.
    """
    tables = _tables(value, place)
    rest = {key: item for key, item in value.items() if key != "tables"} if isinstance(value, dict) else {}
    content = rest if len(rest) == 1 else {}
    reference, setting = content.get("compile_error"), content.get("stopped_by")
    detections = content.get("detections")
    if isinstance(reference, str):
        return ExpectedError(reference)
    if isinstance(setting, str):
        return ExpectedStop(setting)
    if isinstance(detections, list):
        return ExpectedDetections(tuple(_detection(item, place) for item in detections), tables)
    raise InputError(f"{place}: expected one of `detections`, `compile_error` and `stopped_by`")


def _tables(value: JsonValue, place: Place) -> dict[str, list[list[str]]] | None:
    tables = value.get("tables") if isinstance(value, dict) else None
    if tables is None:
        return None
    rows = tables.values() if isinstance(tables, dict) and "detections" in cast("JsonObject", value) else [None]
    if not all(isinstance(table, list) and all(_is_row(row) for row in table) for table in rows):
        raise InputError(f"{place}: `tables` stands beside `detections` and has lists of rows of text by name")
    return cast("dict[str, list[list[str]]]", tables)


def _is_row(row: JsonValue) -> bool:
    return isinstance(row, list) and all(isinstance(cell, str) for cell in row)


def read_rows(value: JsonValue, place: Place) -> ExpectedRows | ExpectedMistake:
    """Read `{"rows": […]}` or `{"query_error": "slug"}`."""
    content = value if isinstance(value, dict) and len(value) == 1 else {}
    slug, rows = content.get("query_error"), content.get("rows")
    if isinstance(slug, str):
        return ExpectedMistake(slug)
    if isinstance(rows, list):
        found = tuple(row for row in rows if isinstance(row, dict))
        if len(found) == len(rows):
            return ExpectedRows(found)
    raise InputError(f"{place}: expected `rows`, a list of objects, or `query_error`")


def _detection(value: JsonValue, place: Place) -> ExpectedDetection:
    if not isinstance(value, dict) or not value.keys() <= _KEYS:
        raise InputError(f"{place}: a detection is an object with keys among {', '.join(sorted(_KEYS))}")
    return ExpectedDetection(
        match=_object(value, "match", place),
        events=_object(value, "events", place),
        outcomes=_object(value, "outcomes", place),
        start=_time(value, "start", place),
        end=_time(value, "end", place),
        detection_time=_time(value, "detection_time", place),
        risk_score=_number(value, "risk_score", place),
    )


def _object(detection: JsonObject, key: str, place: Place) -> JsonObject | None:
    value = detection.get(key)
    if value is None or isinstance(value, dict):
        return value
    raise InputError(f"{place}: `{key}` is an object")


def _number(detection: JsonObject, key: str, place: Place) -> int | float | None:
    value = detection.get(key)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise InputError(f"{place}: `{key}` is a number")


def _time(detection: JsonObject, key: str, place: Place) -> int | None:
    value = detection.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
        return (moment - _EPOCH) // _MICROSECOND
    except (TypeError, ValueError) as error:
        raise InputError(f"{place}: `{key}` is an RFC 3339 time") from error
