"""Comparing what two versions of a rule found in the same logs: what appeared, vanished or changed.

A detection's id depends on the rule's text, so detections are paired by what they are about: match values and window,
or the events of a rule without match. What is left over with the same match values and an overlapping window is taken
for the same finding, seen through another window.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.detections.detection import Detection
from windshear.detections.rendering import scalar_text, text, timestamp

ChangeKind = Literal["appeared", "vanished", "changed"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two detections of one finding; `old` or `new` is empty where it is absent."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """A detection of the new version only, of the old only, or of both with differences."""

    kind: ChangeKind
    old: Detection | None
    new: Detection | None
    differences: tuple[Difference, ...] = ()

    @property
    def shown(self) -> Detection:
        """The detection to show: the new one where there is one."""
        shown = self.new or self.old
        if shown is None:
            raise ValueError("a change has a detection")
        return shown


@dataclass(frozen=True, slots=True)
class RuleComparison:
    """The changes of one rule in order of time, and the number of detections that stayed as they were."""

    changes: tuple[Change, ...]
    unchanged: int

    def count(self, kind: ChangeKind) -> int:
        """Return the number of changes of a kind."""
        return sum(change.kind == kind for change in self.changes)


def compare(old: Iterable[Detection], new: Iterable[Detection]) -> RuleComparison:
    """Compare the detections of two versions of one rule."""
    pairs, gone, come = _paired(list(old), list(new), _subject)
    moved, gone, come = _paired_overlapping(gone, come)
    changes = [_change(before, after) for before, after in (*pairs, *moved)]
    found = [change for change in changes if change.differences]
    found += [Change("vanished", one, None) for one in gone]
    found += [Change("appeared", None, one) for one in come]
    found.sort(key=lambda change: (change.shown.start, change.shown.time, _match(change.shown)))
    return RuleComparison(tuple(found), len(changes) - sum(change.kind == "changed" for change in found))


def _change(old: Detection, new: Detection) -> Change:
    return Change("changed", old, new, tuple(_differences(old, new)))


def _paired(
    old: Sequence[Detection], new: Sequence[Detection], subject: Callable[[Detection], Hashable]
) -> tuple[list[tuple[Detection, Detection]], list[Detection], list[Detection]]:
    """Return pairs with the same subject, and what is left of either side."""
    waiting: dict[Hashable, list[Detection]] = defaultdict(list)
    for one in old:
        waiting[subject(one)].append(one)
    pairs, come = [], []
    for one in new:
        same = waiting[subject(one)]
        if same:
            pairs.append((same.pop(0), one))
        else:
            come.append(one)
    return pairs, [one for left in waiting.values() for one in left], come


def _paired_overlapping(
    old: Sequence[Detection], new: Sequence[Detection]
) -> tuple[list[tuple[Detection, Detection]], list[Detection], list[Detection]]:
    """Pair detections of rules with match whose windows overlap, the earliest first."""
    waiting: dict[Hashable, list[Detection]] = defaultdict(list)
    for one in sorted(old, key=lambda found: found.start):
        waiting[_match(one)].append(one)
    pairs, come = [], []
    for one in sorted(new, key=lambda found: found.start):
        same = waiting[_match(one)] if one.match else []
        place = next((i for i, other in enumerate(same) if other.start < one.end and one.start < other.end), None)
        if place is None:
            come.append(one)
        else:
            pairs.append((same.pop(place), one))
    return pairs, [one for left in waiting.values() for one in left], come


def _subject(detection: Detection) -> Hashable:
    if detection.match:
        return _match(detection), detection.start, detection.end
    return detection.branch, tuple(sorted(_events(detection)))


def _match(detection: Detection) -> tuple[tuple[str, str], ...]:
    return tuple((value.name, text(value)) for value in detection.match)


def _events(detection: Detection) -> set[str]:
    return {reference.id for bound in detection.bound.values() for reference in bound.references}


def _differences(old: Detection, new: Detection) -> Iterable[Difference]:
    severity = (old.rule.meta_value("severity"), new.rule.meta_value("severity"))
    if severity[0] != severity[1]:
        yield Difference("severity", *severity)
    if old.match and (old.start, old.end) != (new.start, new.end):
        windows = [f"{timestamp(one.start)} to {timestamp(one.end)}" for one in (old, new)]
        yield Difference("window", windows[0], windows[1])
    if old.risk_score != new.risk_score:
        yield Difference("risk score", scalar_text(old.risk_score), scalar_text(new.risk_score))
    before = {value.name: text(value) for value in old.outcomes}
    after = {value.name: text(value) for value in new.outcomes}
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name) and name != "risk_score":
            yield Difference(f"${name}", before.get(name, ""), after.get(name, ""))
    for name in dict.fromkeys((*old.bound, *new.bound)):
        totals = [one.bound[name].total if name in one.bound else 0 for one in (old, new)]
        ids = [{r.id for r in one.bound[name].references} if name in one.bound else set() for one in (old, new)]
        if totals[0] != totals[1] or ids[0] != ids[1]:
            what = f"events of ${name}"
            added, gone = len(ids[1] - ids[0]), len(ids[0] - ids[1])
            yield Difference(what, str(totals[0]), f"{totals[1]} ({added} others come, {gone} go)")
