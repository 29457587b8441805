"""Step 8 of the model: overlapping hop windows of one match tuple become one detection."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tests.reference.groups import Group
from tests.reference.stop import StoppedError
from windshear.core.readings.settings import Readings
from windshear.language.rule import CheckedRule


def merged(rule: CheckedRule, groups: Sequence[Group], readings: Readings) -> list[Group]:
    """Return the windows of one match tuple that stay; too many overlapping ones in a row stop the rule."""
    in_a_row = 0
    for before, group in pairwise([None, *sorted(groups, key=lambda group: group.window.start)]):
        assert group is not None
        in_a_row = in_a_row + 1 if before is not None and _overlap(before, group) else 1
        if in_a_row > readings.longest_chain:
            raise StoppedError("longest_chain")
    return earliest(groups) if readings.merging == "earliest" else coverage(rule, groups)


def coverage(rule: CheckedRule, groups: Sequence[Group]) -> list[Group]:
    """Emit the window with most distinct events (ties: the earliest), drop what overlaps it, repeat with the rest."""
    left = list(groups)
    chosen: list[Group] = []
    while left:
        best = min(left, key=lambda group: (-len(group.records(rule)), group.window.start))
        chosen.append(best)
        left = [group for group in left if not _overlap(group, best)]
    return chosen


def earliest(groups: Sequence[Group]) -> list[Group]:
    """Walk by start: emit a window unless it starts before the end of the one emitted last."""
    chosen: list[Group] = []
    for group in sorted(groups, key=lambda group: group.window.start):
        if not chosen or group.window.start >= chosen[-1].window.end:
            chosen.append(group)
    return chosen


def _overlap(left: Group, right: Group) -> bool:
    return left.window.start < right.window.end and right.window.start < left.window.end
