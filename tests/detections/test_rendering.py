"""The JSON shape of detections."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from windshear.detections.detection import (
    Bound,
    ConditionClause,
    Detection,
    EventReference,
    Evidence,
    FieldValue,
    NamedValue,
    RuleFacts,
    Sample,
    detection_id,
    event_id,
)
from windshear.detections.rendering import held_text, rule_part, timestamp, to_collection, to_json

RULE = RuleFacts("r", "rule r {}", (("severity", "High"), ("author", "a")), is_multi_event=True)
REFERENCE = EventReference("00ff", 1_741_784_400_000_000, "UDM", "e1", "a.json:3")


def detection() -> Detection:
    """Return a detection with one of everything."""
    sample = Sample(REFERENCE, {"metadata": {}}, (Evidence('$e.a = "b"', (FieldValue("a", "b"),)),))
    return Detection(
        id="de_1",
        rule=RULE,
        branch="",
        start=1_741_784_400_000_000,
        end=1_741_785_000_000_000,
        time=1_741_785_000_000_000,
        match=(NamedValue("h", "ws1", "string", "udm.principal.hostname"),),
        outcomes=(NamedValue("n", 3, "int"), NamedValue("l", ["", "x"], "string"), NamedValue("f", 2.0, "float")),
        risk_score=80.0,
        bound={"e": Bound(12, [REFERENCE], [sample])},
        condition=(ConditionClause("#e > 3", (NamedValue("#e", 12, "int"),)),),
    )


def test_shape_of_a_detection() -> None:
    """Times, rule facts, match and outcome variables stand where Google's API has them."""
    shown = to_json(detection())
    assert shown["timeWindow"] == {"startTime": "2025-03-12T13:00:00Z", "endTime": "2025-03-12T13:10:00Z"}
    rules = shown["detection"]
    assert isinstance(rules, list)
    (rule,) = rules
    assert rule["severity"] == "HIGH"
    assert rule["ruleType"] == "MULTI_EVENT"
    assert rule["detectionFields"] == [{"key": "h", "value": "ws1", "source": "udm.principal.hostname"}]
    assert {o["key"]: o["value"] for o in rule["outcomes"]} == {"n": "3", "l": ", x", "f": "2"}
    assert rule["variables"]["n"] == {"type": "OUTCOME", "value": "3", "int64Val": "3"}
    assert rule["variables"]["l"]["stringSeq"] == {"stringVals": ["", "x"]}
    assert rule["riskScore"] == 80


def test_explanation_lists_clauses_and_all_bound_events() -> None:
    """The explanation names the clause that held, its value, and the true total of events."""
    explanation = to_json(detection())["explanation"]
    assert explanation == {
        "variables": {
            "e": [
                {
                    "eventId": "00ff",
                    "clauses": [{"clause": '$e.a = "b"', "values": [{"field": "a", "value": "b"}]}],
                }
            ]
        },
        "condition": [{"clause": "#e > 3", "values": [{"name": "#e", "value": "12"}]}],
        "events": {
            "e": {
                "total": 12,
                "events": [
                    {
                        "id": "00ff",
                        "productLogId": "e1",
                        "logType": "UDM",
                        "eventTimestamp": "2025-03-12T13:00:00Z",
                        "source": "a.json:3",
                    }
                ],
            }
        },
    }


def test_identities_depend_on_content_alone() -> None:
    """The same record or group gives the same identity, another one a different identity."""
    assert event_id("UDM", "{}") == event_id("UDM", "{}") != event_id("OKTA", "{}")
    one = detection_id(RULE, [NamedValue("h", "a", "string")], 0, 10, "")
    assert one == detection_id(RULE, [NamedValue("h", "a", "string")], 0, 10, "")
    assert one != detection_id(RULE, [NamedValue("h", "b", "string")], 0, 10, "")
    assert one.startswith("de_")


def test_timestamps_have_as_few_fraction_digits_as_needed() -> None:
    """Fractions come in groups of three."""
    assert timestamp(0) == "1970-01-01T00:00:00Z"
    assert timestamp(1_500_000) == "1970-01-01T00:00:01.500Z"
    assert timestamp(-1) == "1969-12-31T23:59:59.999999Z"


@pytest.mark.parametrize(
    ("clause", "values", "shown"),
    [
        ("#e > 3", {"#e": 12}, "#e = 12 (> 3)"),
        ("#e=3", {"#e": 3}, "#e = 3"),
        ("$total != 0", {"$total": 2.5}, "$total = 2.5 (!= 0)"),
        ("!$x", {"#x": 0}, "!$x: none in the window"),
        ("$e", {"#e": 3}, "$e, with #e = 3"),
        ("$a > $b", {"$a": 3, "$b": 1}, "$a > $b, with $a = 3, $b = 1"),
        ("$a + 1 > 2", {"$a": 3}, "$a + 1 > 2, with $a = 3"),
        ("window_start > 5", {}, "window_start > 5"),
    ],
)
def test_held_clauses_in_words(clause: str, values: dict[str, int | float], shown: str) -> None:
    """A plain test shows the value in front of it; anything else shows as written, with what it read."""
    read = tuple(NamedValue(name, value, "float") for name, value in values.items())
    assert held_text(ConditionClause(clause, read)) == shown


def test_an_alerting_rule_says_so() -> None:
    """The state is part of the detection, not of the rule."""
    states = [to_json(replace(detection(), is_alerting=is_alerting)) for is_alerting in (True, False)]
    assert ['"alertState": "ALERTING"' in json.dumps(state) for state in states] == [True, False]


def test_severities_are_names_of_udm() -> None:
    """A word that UDM does not have is not changed."""
    rules = [RuleFacts("r", "", (("severity", word),), is_multi_event=False) for word in ("low", "Sev 2", "")]
    assert [rule_part(rule).get("severity") for rule in rules] == ["LOW", "Sev 2", None]


def test_references_to_entities_and_detections() -> None:
    """An entity stands as it is; a detection has its id where the schema wants it, and itself for whoever looks."""
    entity = Sample(EventReference("0a", None, "ENTITY", "", "e.jsonl:1"), {"entity": {}}, ())
    inner = Sample(EventReference("de_0", 0, "DETECTION", "de_0", "rule base:1"), {"id": "de_0"}, ())
    bound = {
        "g": Bound(1, [entity.reference], [entity], "graph"),
        "d": Bound(1, [inner.reference], [inner], "detection"),
    }
    shown = to_json(replace(detection(), bound=bound))
    identity = {"namespace": "RULE_DETECTIONS", "stringId": "de_0"}
    assert shown["collectionElements"] == [
        {"label": "g", "references": [{"entity": {"entity": {}}}]},
        {"label": "d", "references": [{"id": identity, "detection": {"id": "de_0"}}]},
    ]
    assert to_collection(replace(detection(), bound=bound))["collectionElements"] == [
        {"label": "g", "references": [{"entity": {"entity": {}}}]},
        {"label": "d", "references": [{"id": identity}]},
    ]
    explanation = json.loads(json.dumps(shown["explanation"]))
    assert explanation["events"]["g"]["events"] == [{"id": "0a", "logType": "ENTITY", "source": "e.jsonl:1"}]
    assert explanation["events"]["d"]["events"] == [
        {"id": "de_0", "logType": "DETECTION", "eventTimestamp": "1970-01-01T00:00:00Z", "source": "rule base:1"}
    ]
