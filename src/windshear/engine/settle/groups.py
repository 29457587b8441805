"""Running the settle statement of one plan: qualifying groups, merging of windows, suppression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import pyarrow as pa

from windshear.detections.merging import Candidate, Strategy, merge, suppress
from windshear.engine.plan import Plan
from windshear.engine.settle.rows import NUMBER, windows_of
from windshear.engine.store import CandidateStore, Row


@dataclass(frozen=True, slots=True)
class Group:
    """A qualifying group that stays: its key as SQL sees it, and everything the detection needs but events."""

    key: tuple[object, ...]
    start: int | None
    total: int
    outcomes: tuple[object, ...]


def qualifying_groups(plan: Plan, store: CandidateStore, strategy: Strategy) -> Iterator[Group]:
    """Settle one plan: the groups that satisfy the condition, overlapping windows merged.

    Groups come one by one, for a rule may have more qualifying windows than memory holds.
    """
    rule = plan.rule
    rows = store.stream(plan.statements.groups)
    keys = len(rule.match_keys) if rule.window is not None else 0
    groups = (_group(row, keys, windowed=rule.window is not None) for row in rows)
    if rule.window is not None and rule.window.kind == "hop":
        return _merged(groups, windows_of(rule.window).size, strategy)
    return groups


def _group(row: Row, keys: int, *, windowed: bool) -> Group:
    start = row[keys] if windowed else None
    key = row[: keys + 1]
    total = row[keys + 1]
    assert isinstance(total, int)
    assert start is None or isinstance(start, int)
    return Group(key, start, total, row[keys + 2 :])


def _merged(groups: Iterable[Group], size: int, strategy: Strategy) -> Iterator[Group]:
    """Merge the windows of each match tuple; they come together and in order."""
    for _, same in groupby(groups, lambda group: group.key[:-1]):
        found = list(same)
        windows = [Candidate(group.start or 0, group.total) for group in found]
        yield from (found[index] for index in merge(windows, size, strategy))


def suppressed(plan: Plan, groups: Iterator[Group], store: CandidateStore) -> Iterator[Group]:
    """Apply the rule's suppression window, if it has one: the first per key and block stays."""
    window = plan.rule.options.get("suppression_window", 0)
    if not window:
        return groups
    found = list(groups)
    times = _times(plan, found, store)
    keys = [_suppression_key(plan, group) for group in found]
    return iter(suppress(zip(keys, times, found, strict=True), int(window) * 1_000_000))


def _suppression_key(plan: Plan, group: Group) -> tuple[object, ...]:
    if plan.rule.is_multi_event:
        return group.key[:-1]
    names = [outcome.name for outcome in plan.rule.outcomes]
    return (group.outcomes[names.index("suppression_key")],) if "suppression_key" in names else ()


def _times(plan: Plan, groups: Sequence[Group], store: CandidateStore) -> list[int]:
    """Return detection times: the window's end, or the event's time."""
    if plan.rule.window is not None:
        size = windows_of(plan.rule.window).size
        return [(group.start or 0) + size for group in groups]
    numbers = pa.table({NUMBER: pa.array([group.key[0] for group in groups], pa.int64())})
    rows = store.rows(
        f'SELECT i."{NUMBER}", i.time FROM identities AS i SEMI JOIN asked USING ("{NUMBER}")', asked=numbers
    )
    known = {integer(number): integer(time) for number, time in rows}
    return [known[integer(group.key[0])] for group in groups]


def integer(value: object) -> int:
    """Take a value of a row that is an integer."""
    assert isinstance(value, int)
    return value
