"""Round trip: what `normalize` writes, as Parquet or JSON Lines, gives the same detections as the raw logs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from windshear.cli.formats.writers import Writer
from windshear.cli.inputs import input_of
from windshear.cli.normalizing import Wishes, run_normalize
from windshear.cli.rule_sets import ready_rules
from windshear.cli.scanning import Job, run_scan
from windshear.context.context import Context
from windshear.detections.detection import Detection
from windshear.engine.feed import Input
from windshear.engine.scan import Settings
from windshear.logs.catalogue import log_types

_SAMPLES = Path(__file__).parents[1] / "logs"
_DISTINCT = (
    "metadata.product_event_type",
    "metadata.product_log_id",
    "metadata.description",
    "principal.hostname",
    "principal.ip",
    "principal.user.userid",
    "principal.process.file.full_path",
    "src.ip",
    "target.application",
    "target.ip",
    "target.user.userid",
    "target.resource.name",
    "target.resource.attribute.labels.value",
    "target.process.command_line",
    "target.registry.registry_key",
    "intermediary.ip",
    "about.user.user_display_name",
    "network.http.user_agent",
    "network.dns.questions.name",
    "security_result.action",
    "security_result.rule_id",
    "security_result.detection_fields.value",
)
_SUMS = ("principal.port", "network.sent_bytes", "network.http.response_code", "metadata.event_timestamp.nanos")
_VALUES = [f"array_distinct($e.{name})" for name in _DISTINCT] + [f"sum($e.{name})" for name in _SUMS]
_MOST = 15  # outcomes of a rule


def _grouped(number: int, values: list[str]) -> str:
    """Return a rule that looks at all events of a kind together."""
    outcomes = "\n".join(f"    $value_{place} = {value}" for place, value in enumerate(values))
    return f"""
rule all_of_a_kind_{number} {{
  meta:
    severity = "Low"
  events:
    $e.metadata.log_type = $type
    $e.metadata.event_type = $kind
  match:
    $type, $kind over 1d
  outcome:
    $events = count($e.metadata.event_type)
{outcomes}
  condition:
    $e
}}
"""


_ONE_BY_ONE = """
rule one_by_one {
  meta:
    severity = "Low"
  events:
    $e.metadata.event_timestamp.seconds > 0
    $e.security_result.action != "ALLOW"
  outcome:
    $label = $e.additional.fields["flow_id"]
    $latitude = $e.principal.location.region_coordinates.latitude
  condition:
    $e
}
"""
_RULES = "".join(
    [_grouped(start, _VALUES[start : start + _MOST]) for start in range(0, len(_VALUES), _MOST)] + [_ONE_BY_ONE]
)


def _found(rules: Path, source: Path) -> list[tuple[object, ...]]:
    """Scan and return what was found, without what says where and as what the events were read."""
    found: list[Detection] = []
    ready = ready_rules((rules,), (), Context())
    assert ready.is_complete
    job = Job(ready, Input((str(source),)), Settings(shows_samples=False), 0)
    run_scan(job, Writer(found.append, lambda: None), lambda _record: None)
    return sorted((_comparable(detection) for detection in found), key=repr)


def _comparable(detection: Detection) -> tuple[object, ...]:
    values = [
        (one.name, sorted(one.value, key=repr) if isinstance(one.value, list) else one.value)
        for one in (*detection.match, *detection.outcomes)
    ]
    events = sorted((one.time, one.product_log_id) for bound in detection.bound.values() for one in bound.references)
    return detection.rule.name, detection.start, detection.end, values, events


@pytest.mark.parametrize("log_type", log_types())
def test_detections_are_the_same(log_type: str, tmp_path: Path) -> None:
    """Raw samples of a log type, their events as Parquet, and those read and written as JSON Lines: all the same."""
    raw, rules = tmp_path / "raw", tmp_path / "rules.yaral"
    shutil.copytree(_SAMPLES / log_type.lower(), raw, ignore=shutil.ignore_patterns("*.expected.json", "vendor"))
    rules.write_text(_RULES)
    expected = _found(rules, raw)
    assert expected
    written, again = tmp_path / "events.parquet", tmp_path / "events.jsonl"
    for source, to in ((raw, written), (written, again)):
        assert run_normalize(input_of([str(source)], "auto"), Wishes(to)) == 0
        assert _found(rules, to) == expected, to.name
