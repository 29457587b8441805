"""Running the settle statement of one plan: qualifying groups, merging of windows, suppression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from windshear.core.readings.settings import Readings
from windshear.detections.merging import Candidate, merge, suppress
from windshear.engine.plan import Plan
from windshear.engine.settle.rows import NUMBER, windows_of
from windshear.engine.store import CandidateStore, Row, SettleError

_HOPPING = ("hop", "floating")


@dataclass(frozen=True, slots=True)
class Group:
    """A qualifying group that stays: its key as SQL sees it, and everything the detection needs but events.

    marks: truths and counts of the condition. Of a group with a window, marks and outcomes are read later.
    """

    key: tuple[object, ...]
    start: int | None
    total: int
    marks: Mapping[str, Sequence[object]] = field(default_factory=dict)
    outcomes: tuple[object, ...] = ()

    def completed(self, columns: Sequence[object]) -> Group:
        """Return the group with marks and outcomes as a statement gives them."""
        marks = columns[0]
        assert isinstance(marks, dict)
        return replace(self, marks=marks, outcomes=tuple(columns[1:]))


def qualifying_groups(plan: Plan, store: CandidateStore) -> Iterator[Group]:
    """Settle one plan: the groups that satisfy the condition, overlapping windows merged.

    Groups come one by one, for a rule may have more qualifying windows than memory holds.
    """
    window = plan.rule.window
    rows = store.stream(plan.statements.groups)
    if window is None:
        return (_group_of_event(row) for row in rows)
    windows = (_group_of_window(row) for row in rows)
    if window.kind in _HOPPING or (plan.readings.merge_sliding and window.pivot is not None):
        return _merged(windows, windows_of(window).size, plan.readings)
    return windows


def _group_of_event(row: Row) -> Group:
    number, total, *columns = row
    return Group((number,), None, integer(total)).completed(columns)


def _group_of_window(row: Row) -> Group:
    *key, total = row
    return Group(tuple(key), integer(key[-1]), integer(total))


def _merged(groups: Iterable[Group], size: int, readings: Readings) -> Iterator[Group]:
    """Merge the windows of each match tuple, chain by chain."""
    for chain in _chains(groups, size, readings.longest_chain):
        windows = [Candidate(group.start or 0, group.total) for group in chain]
        yield from (chain[index] for index in merge(windows, size, readings.merging))


def _chains(groups: Iterable[Group], size: int, longest: int) -> Iterator[list[Group]]:
    """Cut groups, which come by match tuple and in order, where a window overlaps none before it."""
    chain: list[Group] = []
    for group in groups:
        if chain and (group.key[:-1] != chain[-1].key[:-1] or (group.start or 0) - (chain[-1].start or 0) >= size):
            yield chain
            chain = []
        chain.append(group)
        if len(chain) > longest:
            raise SettleError(
                f"more than {longest:,} overlapping windows in a row hold the same match values; a longer window has "
                f"fewer of them, and `--set longest_chain={10 * longest}` allows more, which takes memory"
            )
    if chain:
        yield chain


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
