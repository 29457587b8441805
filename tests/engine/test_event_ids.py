"""The id of an event: events of raw records have one, which rules read, count and compare."""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import cast

import pytest

from windshear.engine.demand import demand
from windshear.engine.feed import Feed, Input
from windshear.engine.identities import udm_ids
from windshear.engine.plan import build_plans
from windshear.engine.scan import Scan, Settings
from windshear.language.front import compile_source
from windshear.language.source import Source

RULE = """
rule r {
  meta:
    author = "A"
  events:
    $e.metadata.product_event_type = "ConsoleLogin"
    $e.metadata.vendor_name = $vendor
    %s
  match:
    $vendor over 1d
  outcome:
    $count = count_distinct($e.metadata.id)
    $ids = array_distinct($e.metadata.id)
  condition:
    $e
}
"""


def login(number: int) -> dict[str, object]:
    """Return a CloudTrail record."""
    return {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventVersion": "1.08",
        "userIdentity": {"type": "Root"},
        "eventTime": f"2026-03-02T10:00:0{number}Z",
        "awsRegion": "us-east-1",
        "eventID": "the same of all",
    }


def found(settings: Settings, filter_: str) -> tuple[object, Sequence[str], list[str]]:
    """Return the outcomes of the rule's one detection, and the ids of its sample events."""
    plans = build_plans(compile_source(Source("", RULE % filter_)).rules)
    wanted = demand(plans)
    lines = "".join(json.dumps(login(number)) + "\n" for number in (1, 2, 2)).encode()
    feed = Feed(Input(["-"]), wanted, lambda _: None, standard_input=io.BytesIO(lines))
    with Scan(plans, feed.full_events, settings) as scan:
        for batch in feed.batches():
            assert not list(scan.feed(batch))
        (detection,) = scan.finish()
    count, ids = detection.outcomes
    events = [cast("dict[str, dict[str, str]]", sample.event) for sample in detection.bound["e"].samples]
    return count.value, cast("Sequence[str]", ids.value), [event["metadata"]["id"] for event in events]


@pytest.mark.parametrize("uses_sift", [True, False])
@pytest.mark.parametrize("filter_", ["", '$e.metadata.id != ""'])
def test_raw_records_have_ids(filter_: str, uses_sift: bool) -> None:
    """Each record has its own, whatever the vendor's id is; the sample events of a detection have the same."""
    count, ids, samples = found(Settings(uses_sift=uses_sift), filter_)
    assert count == 2
    assert sorted(ids) == sorted(samples)
    assert all(len(b64decode(one, validate=True)) == 16 for one in ids)


def test_ids_are_compared() -> None:
    """A record that is asked to have another id is not found."""
    _, (first, _), _ = found(Settings(), "")
    count, ids, _ = found(Settings(), f'$e.metadata.id = "{first}"')
    assert (count, list(ids)) == (1, [first])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_ids_are_base64(count: int) -> None:
    """Ids of many events are written at once; there may be none."""
    digests = [bytes(range(number, number + 16)) for number in range(count)]
    assert udm_ids(digests).to_pylist() == [b64encode(digest).decode() for digest in digests]
