"""Which rules are settled without pairs of events, and how those are stopped that would need too many."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from windshear.core.readings.settings import Readings
from windshear.engine.inline import udm_batch, udm_events
from windshear.engine.plan import Plan, build_plans
from windshear.engine.scan import Scan, Settings
from windshear.language.front import compile_source
from windshear.language.source import Source
from windshear.udm.proto_json import read_event

EARLIER = "$a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds"
WITHIN = "$b.metadata.event_timestamp.seconds - $a.metadata.event_timestamp.seconds < 60"


def plan_of(
    line: str = "", window: str = "over 10m", condition: str = "$a and $b", outcome: str = "", third: str = ""
) -> Plan:
    """Return the plan of a rule over two or three variables that share a host name."""
    text = f"""rule pairs {{
      meta: author = "test"
      events:
        $a.principal.hostname = $host
        $b.principal.hostname = $host
        {third}
        {line}
      match: $host {window}
      outcome: $x = {outcome or "max(1)"}
      condition: {condition}
    }}"""
    result = compile_source(Source("test", text))
    assert not [found for found in result.diagnostics if found.mistake.severity == "error"]
    (plan,) = build_plans(result.rules)
    return plan


FACTORED: Mapping[str, Plan] = {
    "hop": plan_of(),
    "tumbling": plan_of(window="by 10m"),
    "after": plan_of(window="over 10m after $a"),
    "before": plan_of(window="over 10m before $a"),
    "order of time": plan_of(EARLIER),
    "order of time, sliding": plan_of(EARLIER, "over 10m after $a"),
    "different values": plan_of("$a.target.port != $b.target.port"),
    "equal values": plan_of("$a.target.port = $b.target.port"),
    "absent": plan_of(condition="$a and !$b"),
    "few": plan_of(condition="$a and #b < 3"),
    "none later": plan_of(EARLIER, condition="$a and !$b"),
    "either": plan_of(condition="$a or $b"),
    "tested count of rows": plan_of(EARLIER, outcome="count($b.target.port)", condition="$a and $b and $x > 3"),
    "three in a row": plan_of(
        EARLIER,
        condition="$a and $b and $c",
        third="$c.principal.hostname = $host\n"
        "$b.metadata.event_timestamp.seconds < $c.metadata.event_timestamp.seconds",
    ),
}
JOINED: Mapping[str, Plan] = {
    "a difference of times": plan_of(WITHIN),
    "two orders of one pair": plan_of(f"{EARLIER} $a.target.port < $b.target.port"),
    "a tested outcome of both": plan_of(
        outcome="max($a.target.port - $b.target.port)", condition="$a and $b and $x > 3"
    ),
    "a tested outcome of sliding windows": plan_of(
        window="over 10m after $a", outcome="count_distinct($b.target.port)", condition="$a and $b and $x > 3"
    ),
}


@pytest.mark.parametrize("plan", FACTORED.values(), ids=FACTORED.keys())
def test_no_pairs(plan: Plan) -> None:
    """What only asks whether and how many is settled without pairs."""
    assert plan.statements.pairs is None


@pytest.mark.parametrize("plan", JOINED.values(), ids=JOINED.keys())
def test_pairs(plan: Plan) -> None:
    """What compares or computes with several events at once needs pairs, and counts them first."""
    assert plan.statements.pairs is not None


def test_duplicate_keys_are_looked_for_on_joined_rows() -> None:
    """A run that stops at a repeated key looks at the events of joined rows."""
    text = plan_of('$a.target.labels["k"] = "v"').rule.text
    (plan,) = build_plans(compile_source(Source("test", text)).rules, readings=Readings(duplicate_keys="error"))
    assert plan.statements.pairs is not None


@pytest.mark.parametrize("condition", ["$a and $b", "$a and !$b"])
@pytest.mark.parametrize("window", ["over 10m", "by 10m", "over 10m after $a"])
def test_too_many_pairs(window: str, condition: str) -> None:
    """A rule with more combinations than allowed is stopped and says which events are meant; with as many it runs."""
    plan = plan_of(WITHIN, window, condition)
    failure, _ = scanned(plan, pair_limit=24)
    assert failure.startswith(
        "the events of `$a` and `$b` would have to be compared in 25 combinations, more than the 24"
    )
    failure, found = scanned(plan, pair_limit=25)
    assert not failure
    assert bool(found) == ("!" not in condition)


def scanned(plan: Plan, pair_limit: int) -> tuple[str, int]:
    """Scan five events of one host within a minute, each of which may stand for both variables."""
    events = [
        read_event(
            {
                "metadata": {"eventTimestamp": f"2026-02-03T13:05:0{n}Z", "eventType": "USER_LOGIN"},
                "principal": {"hostname": "busy"},
            }
        )[0]
        for n in range(5)
    ]
    with Scan([plan], udm_events, Settings(pair_limit=pair_limit)) as scan:
        found = [*scan.feed(udm_batch(events, [plan])), *scan.finish()]
        (count,) = scan.counts.rules.values()
    return count.failure, len(found)
