"""One rule, or one branch of it, explained: every part put together, and the reason in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from windshear.engine.explain.explanation import BranchStory, Fate, GroupStory, Node, Verdict
from windshear.engine.explain.groups import count_groups, group_stories, nearest_groups
from windshear.engine.explain.reasons import reason_of
from windshear.engine.explain.scope import Scope
from windshear.engine.explain.variables import keep_own, variable_story
from windshear.engine.settle.groups import Group, qualifying_groups, suppressed
from windshear.engine.store import SettleError


def branch_story(scope: Scope, events: Sequence[str]) -> BranchStory:
    """Explain one plan over everything in its store. events: ids of records that are asked for."""
    del events
    try:
        return _story(scope)
    except SettleError as error:
        return stopped(scope.plan.branch, f"the rule stops: {error}")


def stopped(branch: str, reason: str) -> BranchStory:
    """Return what is to be said of a rule that cannot be evaluated."""
    return BranchStory(branch, "stopped", reason, 0, 0, 0, (), (), (), ())


def _story(scope: Scope) -> BranchStory:
    own = {name: keep_own(scope, name) for name in scope.rule.variables}
    variables = tuple(variable_story(one) for one in own.values())
    is_possible = all(v.candidates for v in variables if v.is_required)
    kept: list[Group] = []
    detections = grouped = qualifying = 0
    groups: list[GroupStory] = []
    if is_possible:
        found = suppressed(scope.plan, qualifying_groups(scope.plan, scope.store), scope.store)
        kept = list(islice(found, scope.limit))
        detections = len(kept) + sum(1 for _ in found)
        grouped, qualifying = count_groups(scope)
    if detections:
        groups = group_stories(scope, kept, _of_detection, _no_notes)
    elif grouped:
        groups = group_stories(scope, nearest_groups(scope), _of_miss, _no_notes)
    verdict: Verdict = "match" if detections else "miss"
    reason = reason_of(scope, variables, (), groups, detections)
    return BranchStory(
        branch=scope.plan.branch,
        verdict=verdict,
        reason=reason,
        detections=detections,
        qualifying=qualifying,
        grouped=grouped,
        variables=variables,
        keys=(),
        together=(),
        groups=tuple(groups),
    )


def _of_detection(_group: Group, _holds: bool) -> Fate:
    return "detection"


def _of_miss(_group: Group, holds: bool) -> Fate:
    return "suppressed" if holds else "condition failed"


def _no_notes(_group: Group, _condition: Node) -> Sequence[str]:
    return ()
