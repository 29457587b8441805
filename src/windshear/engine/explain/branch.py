"""One rule, or one branch of it, explained: every part put together, and the reason in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from windshear.engine.explain.distance import moment
from windshear.engine.explain.events import asked_stories
from windshear.engine.explain.explanation import (
    AskedStory,
    BranchStory,
    Fate,
    GroupStory,
    KeyStory,
    VariableStory,
    Verdict,
)
from windshear.engine.explain.groups import Key, count_qualifying, group_stories, groups_of, nearest_groups
from windshear.engine.explain.keys import key_stories
from windshear.engine.explain.near_misses import near_notes
from windshear.engine.explain.reasons import reason_of
from windshear.engine.explain.scope import Scope
from windshear.engine.explain.together import Tried, nearly_together
from windshear.engine.explain.variables import keep_candidates, keep_own, variable_story
from windshear.engine.settle.groups import Group, integer, merges, qualifying_groups, suppressed
from windshear.engine.settle.windows import windows_of
from windshear.engine.store import SettleError

_NOTHING = Tried((), ())
_FATES: tuple[Fate, ...] = ("detection", "suppressed", "merged", "condition failed")  # in which order they are told


@dataclass(frozen=True, slots=True)
class _Found:
    """What a rule finds: its detections, the first in full and all by their keys, and how many groups there were.

    qualifying: groups whose condition holds. keys: None where each of them is a detection. unsuppressed: the keys of
    those that merging of windows leaves.
    """

    first: Sequence[Group]
    keys: frozenset[tuple[object, ...]] | None
    unsuppressed: frozenset[tuple[object, ...]]
    detections: int
    qualifying: int

    def fate(self, group: Group, *, holds: bool) -> Fate:
        """Return what became of a group."""
        if not holds:
            return "condition failed"
        if self.keys is None or group.key in self.keys:
            return "detection"
        return "suppressed" if group.key in self.unsuppressed else "merged"


def branch_story(scope: Scope, asked: Sequence[int]) -> BranchStory:
    """Explain one plan over everything in its store. asked: numbers of records that are asked for."""
    try:
        return _story(scope, asked)
    except SettleError as error:
        return stopped(scope.plan.branch, f"the rule stops: {error}")


def stopped(branch: str, reason: str) -> BranchStory:
    """Return what is to be said of a rule that cannot be evaluated."""
    return BranchStory(branch, "stopped", reason, 0, 0, (), (), (), ())


def _story(scope: Scope, asked: Sequence[int]) -> BranchStory:
    own = [keep_own(scope, name) for name in scope.rule.variables]
    variables = tuple(map(variable_story, own))
    found = _found(scope, variables, keeps_keys=bool(asked))
    if not found.detections or asked:
        for one in own:
            keep_candidates(one)
    told: dict[Key, GroupStory] = {}
    keys: tuple[KeyStory, ...] = ()
    tried = _NOTHING
    if found.detections:
        told = _told(scope, found.first, found)
    elif _is_possible(variables):
        told = _told(scope, nearest_groups(scope), found)
        if not told:
            keys, tried = key_stories(scope), nearly_together(scope)
    groups = tuple(told.values())
    verdict: Verdict = "match" if found.detections else "miss"
    return BranchStory(
        branch=scope.plan.branch,
        verdict=verdict,
        reason=reason_of(scope, variables, keys, tried.found, groups, found.detections),
        detections=found.detections,
        qualifying=found.qualifying,
        variables=variables,
        keys=keys,
        together=tried.found,
        groups=groups,
        asked=tuple(_asked(scope, asked, variables, found, told)),
        notes=(*tried.notes, *_notes(scope)),
    )


def _found(scope: Scope, variables: Sequence[VariableStory], *, keeps_keys: bool) -> _Found:
    """Settle, as a scan does. keeps_keys: of all groups, which may be many."""
    if not _is_possible(variables):
        return _Found((), frozenset(), frozenset(), 0, 0)
    kept = suppressed(scope.plan, qualifying_groups(scope.plan, scope.store), scope.store)
    first = list(islice(kept, scope.limit))
    if not merges(scope.plan) and "suppression_window" not in scope.rule.options:
        number = count_qualifying(scope)
        return _Found(first, None, frozenset(), number, number)
    keys = [group.key for group in first]
    number = len(first)
    for group in kept:
        number += 1
        if keeps_keys:
            keys.append(group.key)
    unsuppressed = qualifying_groups(scope.plan, scope.store) if keeps_keys else iter(())
    qualifying = count_qualifying(scope) if number else 0
    return _Found(first, frozenset(keys), frozenset(group.key for group in unsuppressed), number, qualifying)


def _is_possible(variables: Sequence[VariableStory]) -> bool:
    """Whether every variable that must be there has a candidate."""
    return all(variable.candidates for variable in variables if variable.is_required)


def _told(scope: Scope, groups: Sequence[Group], found: _Found) -> dict[Key, GroupStory]:
    return group_stories(
        scope,
        groups,
        lambda group, holds: found.fate(group, holds=holds),
        lambda group, condition: (*near_notes(scope, group, condition), *_overlapping(scope, group, found)),
    )


def _overlapping(scope: Scope, group: Group, found: _Found) -> Iterator[str]:
    """Say which window was kept instead of one that was merged away."""
    window = scope.rule.window
    if window is None or found.keys is None or group.key in found.keys or group.start is None:
        return
    size = windows_of(window).size
    for key in found.keys:
        start = integer(key[-1])
        if key[:-1] == group.key[:-1] and abs(start - group.start) < size:
            span = f"{moment(start)} to {moment(start + size)}"
            yield f"of windows that overlap, the detection is the one with most events: {span}"


def _asked(
    scope: Scope,
    numbers: Sequence[int],
    variables: Sequence[VariableStory],
    found: _Found,
    told: Mapping[Key, GroupStory],
) -> Iterator[AskedStory]:
    lacking = [_name(one) for one in variables if one.is_required and not one.candidates]
    return asked_stories(scope, numbers, lacking, lambda keys: _told_of_records(scope, keys, found, told))


def _name(variable: VariableStory) -> str:
    return variable.name if variable.source == "table" else f"${variable.name}"


def _told_of_records(
    scope: Scope, keys: Mapping[int, Sequence[Key]], found: _Found, told: Mapping[Key, GroupStory]
) -> dict[int, list[GroupStory]]:
    """Tell about the foremost groups of records. keys: of all groups that each is in. told: what was told before."""
    every = list(dict.fromkeys(key for some in keys.values() for key in some))
    fates = {group.key: (group, found.fate(group, holds=holds)) for group, holds in groups_of(scope, every)}
    chosen = {number: _foremost(scope, [fates[key] for key in some if key in fates]) for number, some in keys.items()}
    new = {group.key: group for some in chosen.values() for group in some if group.key not in told}
    stories = {**told, **_told(scope, list(new.values()), found)}
    return {number: [stories[one.key] for one in some if one.key in stories] for number, some in chosen.items()}


def _foremost(scope: Scope, fates: Sequence[tuple[Group, Fate]]) -> list[Group]:
    """Return, of the groups that hold a record, those that are detections, else the fullest that qualifies, or that."""
    detections = [group for group, fate in fates if fate == "detection"]
    if detections:
        return detections[: scope.limit]
    return [group for group, _ in sorted(fates, key=lambda one: (_FATES.index(one[1]), -one[0].total))[:1]]


def _notes(scope: Scope) -> Iterator[str]:
    """Say what the explanation does not look into."""
    changes: Mapping[str, None] = dict.fromkeys(change.table for change in scope.rule.setup)
    for table in changes:
        yield f"entities are looked at as the setup section leaves them, which changes them by the table %{table}"
