"""Metrics over random histories: answers joined from roll-ups equal those taken from all raw events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference import ReferenceContext, evaluate
from windshear.context.context import Context
from windshear.context.metrics import measures_of
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import build_plans, lists_of
from windshear.engine.rollups import RollupBuilder
from windshear.engine.scan import Scan
from windshear.language.front import compile_source
from windshear.language.metrics import AGGREGATES, METRIC_NAMES, METRICS, UNIQUE, WINDOWS, Period
from windshear.language.rule import CheckedRule
from windshear.language.source import Source
from windshear.udm.proto_json import read_event

Json = dict[str, object]
Drawn = tuple[
    Mapping[str, Any], tuple[int, int, int]
]  # what an event says, and when it was, from `_NOW` on: hours, seconds, µs
Found = list[tuple[tuple[str, int, int], list[float]]]  # match values, window start, events; the outcomes

_NOW = datetime(2025, 3, 12, tzinfo=UTC)
_KINDS = {
    "$text": ("target.user.userid", "principal.namespace", "principal.asset.hostname"),
    "$each": ("principal.asset.ip", "principal.ip_geo_artifact.location.country_or_region"),
    "$number": ("target.port", "network.dns.questions.type"),
    "$type": ("metadata.event_type",),
}
_WINDOWS = ("over 1h", "by 2h", "over 3h before $e", "over 30m after $e", "over 1d", "")
# What joins a second event variable, whose placeholders some of the dimensions are; and the condition.
_SECOND = {
    "": "$e",
    "    $text = $f.target.user.userid\n": "$e and $f",
    "    $f.target.user.userid = $text\n": "$e and !$f",
}
_FILTERS = ("", "event_count_sum > 1", "first_seen = last_seen or value_sum >= 5", "not event_count_sum = 2")


def _few(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from(values)


# Most events are alike, and fields of one kind hold the same, so that the values which a rule asks for are in its
# history; what differs makes the edges.
_USUAL: Mapping[str, object] = {
    "type": "NETWORK_CONNECTION",
    "user": "ann",
    "space": "ann",
    "host": "ann",
    "ips": ["192.0.2.1"],
    "countries": ["192.0.2.1"],
    "port": 53,
    "protocol": "UDP",
    "questions": [53],
    "actions": [["ALLOW"]],
    "alert": "ALERTING",
    "sent": "7",
    "received": "3",
    "dns": 5,
    "code": 0,
    "method": "GET",
    "status": 200,
}
_UNUSUAL: Mapping[str, st.SearchStrategy[object]] = {
    "type": _few("PROCESS_LAUNCH", "RESOURCE_READ", "USER_RESOURCE_CREATION", "RESOURCE_DELETION"),
    "user": _few("bob", ""),
    "space": _few("", "bob"),
    "host": _few("", "bob"),
    "ips": st.lists(_few("192.0.2.1", "192.0.2.2", ""), max_size=3),
    "countries": st.lists(_few("192.0.2.1", "192.0.2.2", ""), max_size=2),
    "port": _few(0, 3000, 443),
    "protocol": _few("TCP", "UNKNOWN_IP_PROTOCOL"),
    "questions": st.lists(_few(53, 3000, 0), max_size=2),
    "actions": st.lists(st.lists(_few("ALLOW", "BLOCK"), max_size=2), max_size=2),
    "alert": _few("NOT_ALERTING"),
    "sent": _few("0", "1", str(2**63)),
    "received": _few("0"),
    "dns": _few(0),
    "code": _few(2),
    "method": _few(""),
    "status": _few(0, 404),
}
_FAILED: Mapping[str, object] = {"actions": [["BLOCK"]], "code": 2, "status": 404}
_TYPES = {
    "auth": "USER_LOGIN",
    "file": "PROCESS_LAUNCH",
    "resource_creation": "RESOURCE_CREATION",
    "resource_deletion": "USER_RESOURCE_DELETION",
    "resource_read": "USER_RESOURCE_ACCESS",
}
_SECONDS = st.tuples(st.sampled_from((0, 1, 1799, 3599)), st.sampled_from((0, 999_999)))
_NOW_HOURS = st.integers(0, 30)
_EARLIER_HOURS = st.one_of(st.integers(-72, 12), st.sampled_from((-721, -720, -719, -696, -24, -1, 0)))


@st.composite
def drawn_events(draw: st.DrawFn, hours: st.SearchStrategy[int], least: int, most: int) -> list[Drawn]:
    """Draw events, usual but for a few fields."""
    found: list[Drawn] = []
    for _ in range(draw(st.integers(least, most))):
        changed = draw(st.lists(st.sampled_from(sorted(_UNUSUAL)), max_size=3, unique=True))
        found.append(({name: draw(_UNUSUAL[name]) for name in changed}, (draw(hours), *draw(_SECONDS))))
    return found


@st.composite
def questions(draw: st.DrawFn) -> str:
    """Draw a rule that reads one metric by the day, and maybe by the hour, too."""
    name = draw(st.sampled_from(sorted(METRICS)))
    names = [each for each in METRIC_NAMES if each != "value_sum" or METRICS[name].value]
    metric = draw(st.sampled_from(names))
    asked = draw(st.lists(st.sampled_from(sorted(_KINDS)), max_size=3, unique=True))
    dimensions = [f"{draw(st.sampled_from(_KINDS[kind]))}: {kind}" for kind in asked]
    if metric == UNIQUE:
        free = [path for kind, paths in _KINDS.items() if kind not in asked for path in paths]
        dimensions.append(f"{draw(st.sampled_from(free or ['principal.hostname']))}: *")
    test = draw(st.sampled_from(_FILTERS))
    window = draw(st.sampled_from(_WINDOWS))
    wrap = draw(st.sampled_from(("max", "min", "sum"))) if window or "$each" in asked or "$number" in asked else ""
    periods: tuple[Period, ...] = ("1d", "1h") if draw(st.booleans()) else ("1d",)
    outcomes = []
    for period in periods:
        agg = draw(st.sampled_from(sorted(AGGREGATES)))
        arguments = [f"period: {period}, window: {WINDOWS[period]}, metric: {metric}, agg: {agg}", *dimensions]
        call = f"metrics.{name}({', '.join([*arguments, *([f'filter: {test}'] if test else [])])})"
        outcomes.append(f"$of_{period} = {wrap}({call})" if wrap else f"$of_{period} = {call}")
    match = f"  match:\n    $text {window}\n" if window else ""
    second, condition = draw(st.sampled_from(sorted(_SECOND.items()))) if window else ("", "$e")
    other = draw(st.sampled_from(("$e", "$f"))) if second else "$e"
    return (
        f'rule r {{\n  meta:\n    author = "x"\n  events:\n    $text = $e.target.user.userid\n'
        f"    $each = {other}.principal.asset.ip\n    $number = {other}.network.dns.questions.type\n"
        f"    $type = $e.metadata.event_type\n{second}{match}  outcome:\n    "
        + "\n    ".join(outcomes)
        + f"\n  condition:\n    {condition}\n}}"
    )


def event(drawn: Mapping[str, Any], time: tuple[int, int, int], handle: str) -> Json:
    """Write an event as proto-JSON."""
    hours, seconds, micros = time
    moment = _NOW + timedelta(hours=hours, seconds=seconds, microseconds=micros)
    results = [{"action": actions} for actions in drawn["actions"]]
    metadata = {"productLogId": handle, "eventTimestamp": moment.isoformat().replace("+00:00", "Z")}
    return {
        "metadata": {**metadata, "eventType": drawn["type"]},
        "principal": {
            "namespace": drawn["space"],
            "asset": {"hostname": drawn["host"], "ip": drawn["ips"]},
            "ipGeoArtifact": [{"location": {"countryOrRegion": name}} for name in drawn["countries"]],
        },
        "target": {"user": {"userid": drawn["user"]}, "port": drawn["port"]},
        "securityResult": [*results, {"alertState": drawn["alert"]}],
        "network": {
            "sentBytes": drawn["sent"],
            "receivedBytes": drawn["received"],
            "ipProtocol": drawn["protocol"],
            "dns": {
                "id": drawn["dns"],
                "responseCode": drawn["code"],
                "questions": [{"type": number} for number in drawn["questions"]],
            },
            "http": {"method": drawn["method"], "responseCode": drawn["status"]},
        },
    }


def usual_event(question: str) -> Json:
    """Return what is usual, as the metric of a rule counts it."""
    counted = next((name for prefix, name in _TYPES.items() if f"metrics.{prefix}" in question), _USUAL["type"])
    return {**_USUAL, "type": counted, **(_FAILED if "_fail(" in question else {})}


def compiled(text: str) -> CheckedRule:
    """Compile a drawn rule; one that does not compile is a bug of this test."""
    result = compile_source(Source("generated", text))
    assert not result.is_broken, (text, [d.message for d in result.diagnostics])
    return result.rules[0]


def by_engine(rule: CheckedRule, events: Sequence[Json], history: Sequence[Json]) -> Found:
    """Count the history in two batches, and scan."""
    with TemporaryDirectory() as name, RollupBuilder(measures_of([rule]), Path(name)) as builder:
        for part in (history[::2], history[1::2]):
            if part:
                builder.add(udm_batch([read_event(item)[0] for item in part], builder.plans))
        plans = build_plans([rule], lists_of(Context(rollups=builder.finish(Path(name) / "metrics.parquet"))))
        with Scan(plans, udm_events) as scan:
            found = [*scan.feed(udm_batch([read_event(item)[0] for item in events], plans)), *scan.finish()]
            assert not scan.counts.rules[rule.name].failure, scan.counts.rules[rule.name].failure
    return sorted(
        (
            (repr({value.name: value.value for value in one.match}), one.start, one.bound["e"].total),
            [number(value.value) for value in one.outcomes],
        )
        for one in found
    )


def by_reference(rule: CheckedRule, events: Sequence[Json], history: Sequence[Json]) -> Found:
    """Evaluate plainly."""
    context = ReferenceContext(history=[read_event(item)[0] for item in history])
    found = evaluate(rule, [read_event(item)[0] for item in events], context)
    return sorted(
        (
            (repr(dict(one.match)), one.start, len(one.events["e"])),
            [number(value) for value in one.outcomes.values()],
        )
        for one in found
    )


def number(value: object) -> float:
    """Take an outcome that is a number."""
    assert isinstance(value, int | float)
    return value


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    questions(),
    drawn_events(_NOW_HOURS, 1, 4),
    drawn_events(_EARLIER_HOURS, 3, 14),
)
def test_engine_and_evaluator_agree(question: str, events: list[Drawn], history: list[Drawn]) -> None:
    """Engine and evaluator give the same detections with the same numbers."""
    rule, usual = compiled(question), usual_event(question)
    scanned = [event({**usual, **drawn}, time, f"e{i}") for i, (drawn, time) in enumerate(events)]
    earlier = [event({**usual, **drawn}, time, f"h{i}") for i, (drawn, time) in enumerate(history)]
    expected, found = by_reference(rule, scanned, earlier), by_engine(rule, scanned, earlier)
    assert [key for key, _ in found] == [key for key, _ in expected], question
    for (_, numbers), (_, others) in zip(found, expected, strict=True):
        assert numbers == pytest.approx(others, rel=1e-9), question
