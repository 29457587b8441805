"""An evaluation of several sets of rules, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from windshear.cli.evaluating import Evaluation, Side
from windshear.cli.formats.figures import duration, percent
from windshear.cli.formats.sections import Section


def side_by_side(found: Evaluation) -> Iterator[Section]:
    """Yield a table with a column for each set of rules, if there are several."""
    if len(found.sides) == 1:
        return
    names = tuple(side.name for side in found.sides)
    rows = [("records found", *(f"{side.score.total.found:,}" for side in found.sides))]
    rows.append(("records missed or not claimed", *(f"{_not_found(side):,}" for side in found.sides)))
    rows.append(("alerts", *(f"{len(side.score.alerts):,}" for side in found.sides)))
    rows.append(("false alarms", *(f"{side.score.total.false_alarms:,}" for side in found.sides)))
    rows.append(("precision of alerts", *(percent(side.score.total.precision) for side in found.sides)))
    rows += [
        (f"{one.id} {one.name}: found of {one.records:,}", *_found_per_side(found.sides, one.id))
        for one in found.score.behaviours
        if one.records
    ]
    for campaign in found.sides[0].campaigns:
        rows.append((f"first alert: {campaign.name}", *_alerts_per_side(found.sides, campaign.name)))
        rows.append(
            (f"stages of {len(campaign.stages)}: {campaign.name}", *_stages_per_side(found.sides, campaign.name))
        )
    yield Section("Side by side", ("", *names), tuple(rows))


def _not_found(side: Side) -> int:
    return side.score.total.records - side.score.total.found


def _found_per_side(sides: Iterable[Side], behaviour: str) -> Iterator[str]:
    for side in sides:
        yield f"{next((one.found for one in side.score.behaviours if one.id == behaviour), 0):,}"


def _alerts_per_side(sides: Iterable[Side], campaign: str) -> Iterator[str]:
    for side in sides:
        yield duration(next(one.alert.after for one in side.campaigns if one.name == campaign))


def _stages_per_side(sides: Iterable[Side], campaign: str) -> Iterator[str]:
    for side in sides:
        found = next(one for one in side.campaigns if one.name == campaign)
        yield str(sum(bool(stage.found) for stage in found.stages))
