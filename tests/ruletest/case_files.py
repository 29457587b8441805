"""Conformance cases as rules with tests files beside them, and the same with one wrong expectation each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from tests.conformance.test_conformance import CASES
from windshear.conformance.case import Case, ExpectedDetection, ExpectedDetections
from windshear.ruletest.expected_values import clock

PER_SECTION = 2
_UNFIT = ("FX", "EX", "FN", "RD", "SX")  # of calls, of tables, of settings: no matter of events


def chosen_cases() -> list[Case]:
    """Return the first cases of each section that say which detections there are."""
    chosen: dict[str, list[Case]] = {}
    for case in CASES:
        some = chosen.setdefault(case.section, [])
        is_fit = isinstance(case.expected, ExpectedDetections) and case.section not in _UNFIT and case.events
        if is_fit and len(some) < PER_SECTION:
            some.append(case)
    return [case for some in chosen.values() for case in some]


def write_case(folder: Path, case: Case, expect: Mapping[str, object]) -> None:
    """Write a case as a rule and its tests file; JSON is YAML."""
    here = folder / case.id
    here.mkdir()
    (here / "rule.yaral").write_text(case.rule, encoding="utf-8")
    known = ("lists", "tables", "entities", "detections", "history")
    test: dict[str, object] = {
        "name": case.title,
        "events": list(case.events),
        "settings": list(case.settings),
        "seed": case.run_parameter("seed"),
        "now": case.run_parameter("now"),
        "context": {name: case.context[name] for name in known if name in case.context},
        "expect": expect,
    }
    text = orjson.dumps({"tests": [test]}, option=orjson.OPT_INDENT_2).decode()
    (here / "tests.yaml").write_text(text, encoding="utf-8")


def expectation(case: Case) -> dict[str, Any]:
    """Return what a case expects, as a test says it."""
    assert isinstance(case.expected, ExpectedDetections)
    detections = [_detection(one) for one in case.expected.detections]
    return {"fires": bool(detections), "detections": detections}


def _detection(one: ExpectedDetection) -> dict[str, Any]:
    found: dict[str, Any] = {
        "match": one.match,
        "outcomes": one.outcomes,
        "events": {name: _handles(handles) for name, handles in (one.events or {}).items()},
        "risk_score": one.risk_score,
    }
    for name, moment in (("start", one.start), ("end", one.end), ("time", one.detection_time)):
        found[name] = clock(moment) if moment is not None else None
    return {name: value for name, value in found.items() if value not in (None, {})}


def _handles(handles: object) -> list[str | int]:
    """Return handles of records; entities and rows are named by their place, which here counts from 1."""
    assert isinstance(handles, Sequence)
    return [int(one) + 1 if str(one).isdigit() else str(one) for one in handles]


def broken(expect: Mapping[str, Any], number: int) -> tuple[dict[str, Any], str]:
    """Return an expectation with one thing wrong, and what: which thing it is depends on the number, if it is there."""
    detections = [dict(one) for one in expect["detections"]]
    if not detections:
        return {"fires": True}, "fires"
    first = detections[0]
    ways = [key for key in ("outcomes", "match", "events", "start") if first.get(key)]
    way = [*ways, "fewer", "more"][number % (len(ways) + 2)]
    match way:
        case "outcomes" | "match":
            name = next(iter(first[way]))
            first[way] = {**first[way], name: "something else"}
        case "events":
            name = next(iter(first["events"]))
            first["events"] = {**first["events"], name: [*first["events"][name], "another"]}
        case "start":
            first["start"] = "2001-01-01T00:00:00Z"
        case "fewer":
            detections = detections[1:]
        case _:
            detections.append({"match": {"nobody": "x"}} if first.get("match") else {"outcomes": {"nothing": 1}})
    return {"detections": detections}, way
