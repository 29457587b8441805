"""What is found, missed and false: cases in `cases.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evaluate.scenes import SECOND, Scene
from windshear.evaluate.campaigns import CampaignScore, campaigns_of
from windshear.packs.yaml_text import read_yaml

_CASES = read_yaml((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")).value
assert isinstance(_CASES, list)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: str(case["name"]))
def test_findings_are_judged(case: dict[str, Any], tmp_path: Path) -> None:
    """Every figure that a case names is as it says."""
    found = Scene(case).score(tmp_path)
    expect = case["expect"]
    if "verdicts" in expect:
        counts = {
            verdict.value: [number.labelled, number.found, number.missed, number.unclaimed]
            for verdict, number in found.verdicts.items()
            if number.labelled
        }
        assert counts == expect["verdicts"]
    if "attacks" in expect:
        statuses = {attack.marked.label.record_id: attack.status.value for attack in found.attacks}
        assert statuses == expect["attacks"]
    if "alerts" in expect:
        assert {alert.finding.detection.id: alert.kind.value for alert in found.alerts} == expect["alerts"]
    if "behaviours" in expect:
        behaviours = {one.id: [one.found, one.records, one.recall, one.precision] for one in found.behaviours}
        assert {name: behaviours[name] for name in expect["behaviours"]} == expect["behaviours"]
    if "campaigns" in expect:
        assert {one.name: _said(one, expect["campaigns"][one.name]) for one in campaigns_of(found)} == expect[
            "campaigns"
        ]


def _said(one: CampaignScore, expected: dict[str, Any]) -> dict[str, Any]:
    """Return what a case says of a campaign, times in seconds from its first record."""
    seconds = {first.kind: _seconds(first.after) for first in one.firsts}
    stages = {stage.name: [stage.records, stage.found, _seconds(stage.alert_after)] for stage in one.stages}
    return {key: value for key, value in {"stages": stages, **seconds}.items() if key in expected}


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / SECOND
