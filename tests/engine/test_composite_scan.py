"""Composite rules in a scan: what they see of their own run and of earlier ones, with sift and without."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest

from tests.reference import ReferenceContext, evaluate
from windshear.context.context import Context, context_of_json
from windshear.detections.detection import Detection
from windshear.detections.rendering import to_json
from windshear.engine.context_feed import ContextFeed
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans
from windshear.engine.scan import Counts, Scan, Settings
from windshear.language.front import compile_source
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.udm.proto_json import read_event

BASE = """rule blocked {
  meta:
    author = "x"
    stage = "access"
  events:
    $e.metadata.event_type = "USER_LOGIN"
    $e.target.user.userid = $user
  outcome:
    $risk_score = 30
    $user_name = array_distinct($e.target.user.userid)
    $port = max($e.target.port)
  condition:
    $e
}
"""
BURST = """rule burst {
  meta:
    author = "x"
  events:
    $d.detection.detection.rule_name = "blocked"
    $d.detection.detection.variables["user_name"].string_seq.string_vals = $user
  match:
    $user over 10m
  outcome:
    $risk_score = sum($d.detection.detection.risk_score)
    $ports = array_distinct($d.detection.detection.variables["port"].int64_val)
    $hosts = array_distinct($d.detection.collection_elements.references.event.principal.hostname)
  condition:
    #d >= 2
}
"""
WIDE = """rule wide {
  meta:
    author = "x"
  events:
    $d.detection.detection.risk_score >= 60
    $d.detection.detection.detection_fields["user"] = $user
  match:
    $user over 1h
  outcome:
    $inputs = array_distinct($d.detection.collection_elements.references.id.string_id)
  condition:
    $d
}
"""
SETTINGS = [Settings(), Settings(uses_sift=False)]


def compiled(*texts: str) -> list[CheckedRule]:
    """Compile rule texts."""
    found = [compile_source(Source("rules", text)) for text in texts]
    assert not any(one.is_broken for one in found), [one.diagnostics for one in found]
    return [rule for one in found for rule in one.rules]


def logins(*users: str) -> list[dict[str, object]]:
    """Return logins, a minute apart."""
    return [
        {
            "metadata": {
                "event_type": "USER_LOGIN",
                "product_log_id": f"e{number}",
                "event_timestamp": {"seconds": 1_770_000_000 + 60 * number},
            },
            "principal": {"hostname": f"h{number}"},
            "target": {"user": {"userid": user}, "port": 22 + number},
        }
        for number, user in enumerate(users)
    ]


def scanned(
    rules: Sequence[CheckedRule],
    events: Sequence[dict[str, object]],
    settings: Settings,
    context: Context | None = None,
) -> tuple[list[Detection], Counts]:
    """Run rules over events and context."""
    plans = build_plans(rules)
    feed = ContextFeed(context or Context(), plans, lambda record: pytest.fail(record.reason))
    with Scan(plans, udm_events, settings) as scan:
        found = [detection for batch in feed.batches() for detection in scan.feed(batch)]
        found += [*scan.feed(udm_batch(events, plans)), *scan.finish()]
        assert [count.failure for count in scan.counts.rules.values() if count.failure] == []
        return found, scan.counts


def of(found: Sequence[Detection], name: str) -> list[Detection]:
    """Return the detections of one rule."""
    return [detection for detection in found if detection.rule.name == name]


def bare(detection: Detection) -> dict[str, object]:
    """Return a detection without its explanation, which says where its inputs were read."""
    return {key: value for key, value in to_json(detection).items() if key != "explanation"}


def written(found: Sequence[Detection]) -> Context:
    """Return a context in which detections stand as a scan writes them."""
    return context_of_json(orjson.dumps({"detections": [to_json(detection) for detection in found]}))


@pytest.mark.parametrize("settings", SETTINGS, ids=["sift", "no sift"])
def test_three_levels_in_one_run(settings: Settings) -> None:
    """Rules are settled after those that they read, whatever their order in the rule set."""
    found, counts = scanned(compiled(WIDE, BURST, BASE), logins("ann", "ann", "bob"), settings)
    assert {name: count.detections for name, count in counts.rules.items()} == {"wide": 1, "burst": 1, "blocked": 3}
    (burst,), (wide,) = of(found, "burst"), of(found, "wide")
    assert {value.name: value.value for value in burst.outcomes} == {
        "risk_score": 60.0,
        "ports": [22, 23],
        "hosts": ["h0", "h1"],
    }
    inputs = sorted(detection.id for detection in of(found, "blocked")[:2])
    assert sorted(reference.id for reference in burst.bound["d"].references) == inputs
    assert [reference.id for reference in wide.bound["d"].references] == [burst.id]
    assert [value.value for value in wide.outcomes] == [inputs]


@pytest.mark.parametrize("settings", SETTINGS, ids=["sift", "no sift"])
def test_a_run_and_the_next_agree_with_the_evaluator(settings: Settings) -> None:
    """A composite rule finds the same in the run of its inputs, in the next one, and by plain evaluation."""
    events = logins("ann", "bob", "ann", "bob", "bob", "eve")
    at_once, _ = scanned(compiled(BURST, BASE), events, settings)
    inputs = of(at_once, "blocked")
    (composite,) = compiled(BURST)
    later, _ = scanned([composite], [], settings, written(inputs))
    assert [bare(detection) for detection in later] == [bare(detection) for detection in of(at_once, "burst")]
    records = [read_event(to_json(detection), "detection")[0] for detection in inputs]
    expected = evaluate(composite, [], ReferenceContext(detections=records))
    shown = [
        (
            {value.name: value.value for value in detection.match},
            sorted(reference.id for reference in detection.bound["d"].references),
            {value.name: value.value for value in detection.outcomes},
        )
        for detection in later
    ]
    assert shown == [
        (dict(one.match), sorted(str(records[place]["id"]) for place in one.events["d"]), dict(one.outcomes))
        for one in expected
    ]


@pytest.mark.parametrize("settings", SETTINGS, ids=["sift", "no sift"])
def test_what_was_found_before_counts_once(settings: Settings) -> None:
    """Earlier detections that are found again are the same detections."""
    rules, events = compiled(BURST, BASE), logins("ann", "ann")
    first, _ = scanned(rules, events, settings)
    again, counts = scanned(rules, events, settings, written(first))
    assert [detection.id for detection in again] == [detection.id for detection in first]
    assert (counts.events, counts.detections, counts.duplicates) == (2, 3, 2)


@pytest.mark.parametrize("settings", SETTINGS, ids=["sift", "no sift"])
def test_open_rules_see_neither_themselves_nor_each_other(settings: Settings) -> None:
    """Without names there is no order between two rules that take anything."""
    twin = WIDE.replace("rule wide", "rule twin").replace(">= 60", ">= 0")
    found, _ = scanned(compiled(WIDE.replace(">= 60", ">= 0"), twin, BURST, BASE), logins("ann", "ann"), settings)
    for name in ("wide", "twin"):
        (detection,) = of(found, name)
        assert [reference.source for reference in detection.bound["d"].references] == ["rule burst:1"]


def test_detections_beyond_the_limit_are_not_seen() -> None:
    """What is not written is not input either."""
    found, counts = scanned(compiled(BURST, BASE), logins("ann", "ann", "ann"), Settings(detection_limit=2))
    (burst,) = of(found, "burst")
    assert burst.bound["d"].total == 2
    assert counts.rules["blocked"].detections == 3


def test_portions_of_detections_are_all_handed_on() -> None:
    """Hundreds of inputs reach the composite rule, numbered through, also from rules that settle in between."""
    events = logins(*["ann"] * 450)
    found, _ = scanned(compiled(BURST.replace("10m", "24h"), BASE), events, Settings(settle_at=100))
    (burst,) = of(found, "burst")
    assert burst.bound["d"].total == 450
    assert {r.source for r in burst.bound["d"].references} == {f"rule blocked:{number}" for number in range(1, 451)}


def test_input_detections_stand_in_the_detection() -> None:
    """A reference has the id of the input and the input itself, whose own input detections are ids."""
    found, _ = scanned(compiled(WIDE, BURST, BASE), logins("ann", "ann"), Settings())
    burst, wide = (orjson.loads(orjson.dumps(to_json(of(found, name)[0]))) for name in ("burst", "wide"))
    (element,) = wide["collectionElements"]
    (reference,) = element["references"]
    assert element["label"] == "d"
    assert reference["id"] == {"namespace": "RULE_DETECTIONS", "stringId": burst["id"]}
    inner = reference["detection"]
    assert (inner["id"], inner["detection"][0]["ruleName"]) == (burst["id"], "burst")
    assert [set(one) for one in inner["collectionElements"][0]["references"]] == [{"id"}, {"id"}]
    below = [one["detection"]["collectionElements"] for one in burst["collectionElements"][0]["references"]]
    hosts = [elements[0]["references"][0]["event"]["principal"]["hostname"] for elements in below]
    assert hosts == ["h0", "h1"]
