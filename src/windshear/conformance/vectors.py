"""Function vectors as cases: a compiled rule whose only outcome is the call, over an event that holds its lists.

A list literal, which the language lacks, becomes a repeated field of the event that the rule reads. An aggregate over
rows (`window.median over rows 2, 4, 9`) becomes a rule with a match window over one event for each row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import orjson

from windshear.conformance.case import Case, ExpectedDetection, ExpectedDetections, JsonObject, JsonValue, Place, Vector
from windshear.core.errors import InputError

# The two moments that vectors name: 2025-01-01 00:00:00 and 2025-03-12 13:30:00 UTC.
_MOMENTS = {"T": "1735689600", "U": "1741786200"}
_TEXT = r'"(?:\\.|[^"\\])*"'
_PIECES = re.compile(rf'{_TEXT}|`[^`]*`|(?<=, )/(?:\\.|[^/\\])+/|\[(?:{_TEXT}|[^"\]])*\]|\b[TU]\b')
_OVER_ROWS = re.compile(r"(?P<aggregate>.+) over rows (?P<rows>.+)")
_ROW_NAMES = re.compile(rf"{_TEXT}|\b(?P<name>[xt])\b(?!\()")
_SORTED = {"window.first", "window.last"}
_HOLDERS = ("principal", "target", "src", "observer")
_LISTS: Mapping[str, tuple[str, ...]] = {  # repeated fields below a holder, by the type of their elements
    "text": ("user", "email_addresses"),
    "int": ("domain", "popularity_ranks", "rank"),
    "float": ("ip_geo_artifact", "location", "region_coordinates", "latitude"),
    "bool": ("browser", "cookies", "secure"),
}
_REPEATED = {"popularity_ranks", "ip_geo_artifact", "cookies"}
_VALUES: Mapping[str, tuple[str, ...]] = {  # fields that hold the value of a row
    "text": ("principal", "user", "user_display_name"),
    "int": ("network", "total_bytes"),
    "float": ("principal", "location", "region_coordinates", "latitude"),
    "bool": ("network", "is_proxy"),
}
_START = 1_741_784_400  # 2025-03-12 13:00:00 UTC: all rows of a vector are within one window
_RULE = """rule vector {{
  meta:
    author = "conformance"
  events:
    $e.metadata.event_type = "GENERIC_EVENT"{key}
{match}  outcome:
    $result = {call}
  condition:
    $e
}}
"""
_KEY = "\n    $key = $e.metadata.product_name"
_MATCH = "  match:\n    $key by 1h\n"


def case_of(vector: Vector) -> Case:
    """Return the case that tests a vector."""
    over_rows = _OVER_ROWS.fullmatch(vector.call)
    return _case_over_rows(vector, over_rows) if over_rows else _case_of_call(vector)


@dataclass(slots=True)
class _Lists:
    """The lists of a call on their way into the fields of an event."""

    event: dict[str, JsonValue]
    place: Place
    used: list[tuple[str, str]] = field(default_factory=list)

    def in_rule(self, piece: re.Match[str]) -> str:
        """Return what a piece of a call is in rule text: a moment its number, a list the field that now holds it."""
        text = piece[0]
        if not text.startswith("["):
            return _MOMENTS.get(text, text)
        items = _read_items(text, self.place)
        kind = _kind_of(items)
        holder = next((name for name in _HOLDERS if (name, kind) not in self.used), None)
        if holder is None:
            raise InputError(f"{self.place}: a vector has at most {len(_HOLDERS)} lists of one type")
        self.used.append((holder, kind))
        path = (holder, *_LISTS[kind])
        _put(self.event, path, _texts(items) if kind == "text" else items)
        return "$e." + ".".join(path)


def _case_of_call(vector: Vector) -> Case:
    event = _event("e0", _START)
    call = _PIECES.sub(_Lists(event, vector.place).in_rule, vector.call)
    result = vector.result
    if isinstance(result, bool):  # an outcome has no boolean type
        call, result = f"if({call}, 1, 0)", int(result)
    return _case(vector, _RULE.format(call=call, key="", match=""), [event], result)


def _case_over_rows(vector: Vector, parts: re.Match[str]) -> Case:
    """Make a rule with one event for each row, the rows a second apart; `x` is a row's value, `t` its time."""
    rows = _read_items(f"[{parts['rows']}]", vector.place)
    kind = _kind_of(rows)
    events = [_event(f"e{number}", _START + number) for number in range(len(rows))]
    for event, value in zip(events, _texts(rows) if kind == "text" else rows, strict=True):
        _put(event, _VALUES[kind], value)
    aggregate = parts["aggregate"]
    if "(" not in aggregate:
        aggregate += "(t, x)" if aggregate in _SORTED else "(x)"
    names = {"x": "$e." + ".".join(_VALUES[kind]), "t": "$e.metadata.event_timestamp.seconds"}
    call = _ROW_NAMES.sub(lambda found: names.get(found["name"] or "", found[0]), aggregate)
    return _case(vector, _RULE.format(call=call, key=_KEY, match=_MATCH), events, vector.result)


def _read_items(text: str, place: Place) -> list[JsonValue]:
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{place}: `{text}` is not a list of values with commas between them") from error
    return cast("list[JsonValue]", items)


def _case(vector: Vector, rule: str, events: Sequence[JsonObject], result: JsonValue) -> Case:
    return Case(
        id=f"{vector.section} {vector.call}",
        title=vector.call,
        section=vector.section,
        place=vector.place,
        rule=rule,
        events=tuple(events),
        context={},
        mode="compat",
        expected=ExpectedDetections((ExpectedDetection(outcomes={"result": result}),)),
    )


def _event(handle: str, seconds: int) -> dict[str, JsonValue]:
    return {
        "metadata": {
            "product_log_id": handle,
            "product_name": "vector",
            "event_timestamp": {"seconds": seconds},
            "event_type": "GENERIC_EVENT",
        }
    }


def _put(event: dict[str, JsonValue], path: Sequence[str], value: JsonValue) -> None:
    """Set a field; a list that is put into a repeated message gets one message for each element."""
    name, below = path[0], path[1:]
    if not below:
        event[name] = value
    elif name in _REPEATED and isinstance(value, list):
        elements: list[dict[str, JsonValue]] = [{} for _ in value]
        for element, item in zip(elements, value, strict=True):
            _put(element, below, item)
        event[name] = elements
    else:
        inner = event.setdefault(name, {})
        if isinstance(inner, dict):
            _put(inner, below, value)


def _kind_of(items: Sequence[JsonValue]) -> str:
    """Return the type of fields that can hold all items."""
    if items and all(isinstance(item, bool) for item in items):
        return "bool"
    if not items or any(isinstance(item, str | bool) for item in items):
        return "text"
    return "float" if any(isinstance(item, float) for item in items) else "int"


def _texts(items: Sequence[JsonValue]) -> list[JsonValue]:
    return [item if isinstance(item, str) else orjson.dumps(item).decode() for item in items]
