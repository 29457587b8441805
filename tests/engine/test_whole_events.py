"""The whole events of samples: made together for many rules, left out where nobody looks at them."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from windshear.detections.detection import Detection
from windshear.detections.rendering import to_json
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans
from windshear.engine.scan import Scan, Settings
from windshear.engine.whole_events import FullEvents
from windshear.language.front import compile_source
from windshear.language.source import Source

SINGLE = """rule NAME {
  meta: author = "x"
  events: $e.metadata.event_type = "USER_LOGIN"
  outcome: $host = $e.principal.hostname
  condition: $e
}
"""
PAIRS = """rule pairs {
  meta: author = "x"
  events:
    $d.detection.detection.rule_name = "first"
    $d.detection.detection.rule_type = $type
  match: $type over 1h
  condition: #d >= 2
}
"""
HOSTS = PAIRS.replace("pairs", "hosts").replace(
    "  condition",
    """  outcome:
    $hosts = array_distinct($d.detection.collection_elements.references.event.principal.hostname)
  condition""",
)
EVENTS = [
    {
        "metadata": {"event_type": "USER_LOGIN", "event_timestamp": {"seconds": 1_770_000_000 + number}},
        "principal": {"hostname": f"h{number}"},
    }
    for number in range(3)
]


def scanned(settings: Settings, full_events: FullEvents, *texts: str) -> list[Detection]:
    """Run rules over the events."""
    plans = build_plans([rule for text in texts for rule in compile_source(Source("rules", text)).rules])
    with Scan(plans, full_events, settings) as scan:
        return [*scan.feed(udm_batch(EVENTS, plans)), *scan.finish()]


def hosts(detection: Detection) -> list[str]:
    """Return the hosts of all sample events."""
    (bound,) = detection.bound.values()
    return [str(sample.event.get("principal", "")) for sample in bound.samples]


def test_one_call_serves_several_rules() -> None:
    """Each event is made once in a flush, for all rules that show it, those over detections included."""
    asked: list[int] = []

    def full_events(log_type: str, texts: Sequence[str]) -> Sequence[dict[str, object]]:
        asked.append(len(texts))
        return [dict(event) for event in udm_events(log_type, texts)]

    found = scanned(Settings(), full_events, SINGLE.replace("NAME", "first"), SINGLE.replace("NAME", "second"), PAIRS)
    assert asked == [3]
    assert [len(hosts(one)) for one in found if one.rule.name != "pairs"] == [1] * 6
    assert all("hostname" in hosts(one)[0] for one in found if one.rule.name != "pairs")
    (pairs,) = (orjson.loads(orjson.dumps(to_json(one))) for one in found if one.rule.name == "pairs")
    below = [one["detection"]["collectionElements"] for one in pairs["collectionElements"][0]["references"]]
    assert [one[0]["references"][0]["event"]["principal"]["hostname"] for one in below] == ["h0", "h1", "h2"]


def test_events_are_not_made_where_nobody_looks() -> None:
    """Without whole events, samples still say why an event is there."""
    found = scanned(Settings(shows_events=False), _refused, SINGLE.replace("NAME", "first"), PAIRS)
    (single,) = found[0].bound["e"].samples
    assert (single.event, bool(single.evidence)) == ({}, True)
    (pairs,) = (one for one in found if one.rule.name == "pairs")
    assert [sample.event["type"] for sample in pairs.bound["d"].samples] == ["RULE_DETECTION"] * 3


def test_rules_over_detections_see_the_events_that_they_read() -> None:
    """Whether a run shows events or samples at all is no matter to a rule that reads them."""
    for settings in (Settings(), Settings(shows_events=False), Settings(shows_samples=False)):
        found = scanned(settings, udm_events, SINGLE.replace("NAME", "first"), HOSTS)
        assert [one.outcomes[0].value for one in found if one.rule.name == "hosts"] == [["h0", "h1", "h2"]]


def _refused(log_type: str, texts: Sequence[str]) -> Sequence[dict[str, object]]:
    raise AssertionError(f"{len(texts)} events of {log_type} were made")
