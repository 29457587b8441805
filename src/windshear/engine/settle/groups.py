"""Running the settle statement of one plan: qualifying groups, merging of windows, suppression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import pyarrow as pa

from windshear.core import sql
from windshear.core.readings.settings import Readings
from windshear.detections.merging import Candidate, merge, suppress
from windshear.engine.apart import partition_of
from windshear.engine.plan import Plan
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.rows import CHOSEN, GROUP
from windshear.engine.settle.slices import in_halves, rows_of_groups
from windshear.engine.settle.variables import is_timed
from windshear.engine.settle.windows import WINDOW, windows_of
from windshear.engine.store import CandidateStore, Row, SettleError

_WIDE = pa.decimal128(38)
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
    _refuse_too_many_pairs(plan, store)
    rows = rows_of_groups(plan, store)
    if window is None:
        return (_group_of_event(row) for row in rows)
    windows = (_group_of_window(row) for row in rows)
    return _merged(windows, windows_of(window).size, plan.readings) if merges(plan) else windows


def merges(plan: Plan) -> bool:
    """Whether windows of a plan that overlap are merged."""
    window = plan.rule.window
    if window is None:
        return False
    return window.kind in _HOPPING or (plan.readings.merge_sliding and window.pivot is not None)


def _refuse_too_many_pairs(plan: Plan, store: CandidateStore) -> None:
    """Stop a rule that would compare too many events with one another."""
    statement, most = plan.statements.pairs, store.limits.pairs
    events = [name for name in plan.slots if is_timed(plan.rule, name)]
    if statement is None or prod(store.waiting(plan.slots[name]) for name in events) <= most:
        return
    ((found,),) = store.rows(statement)
    assert isinstance(found, float)
    if found > most:
        names = " and ".join(f"`${name}`" for name in events)
        raise SettleError(
            f"the events of {names} would have to be compared in {found:,.0f} combinations, more than the {most:,} "
            "that a rule may have; tie them by one more value that they share, filter them further, or take a shorter "
            "window"
        )


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
    keys = _suppression_keys(plan, found, store)
    return iter(suppress(zip(keys, times, found, strict=True), int(window) * 1_000_000))


def _suppression_keys(plan: Plan, groups: Sequence[Group], store: CandidateStore) -> list[tuple[object, ...]]:
    """Return the match values of a multi-event rule that has some, else the outcome of that name, else one for all."""
    if plan.rule.is_multi_event and plan.rule.match_keys:
        return [group.key[:-1] for group in groups]
    partitions = [partition_of(plan.rule, group.key) for group in groups]
    names = [outcome.name for outcome in plan.rule.outcomes]
    if "suppression_key" not in names:
        return [(partition,) for partition in partitions]
    position = names.index("suppression_key")
    found = in_halves(groups, lambda some: completed(plan, some, chosen_groups(plan, some), store))
    return [(partition, group.outcomes[position]) for partition, group in zip(partitions, found, strict=True)]


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


def chosen_groups(plan: Plan, groups: Sequence[Group]) -> pa.Table:
    """Return the keys of groups as a table that statements can join, with the position of each group."""
    if plan.rule.window is None:
        names = [NUMBER]
    else:
        names = [*(placeholder_column(key) for key in plan.rule.match_keys), WINDOW]
    columns = {sql.folded(name): _column([group.key[i] for group in groups]) for i, name in enumerate(names)}
    return pa.table({GROUP: list(range(len(groups))), **columns})


def _column(values: Sequence[object]) -> pa.Array:
    """Make a column of keys; integers that are wider than 64 signed bits travel as decimals, which compare the same."""
    is_wide = any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values)
    return pa.array(values, _WIDE if is_wide else None)


def completed(plan: Plan, groups: Sequence[Group], chosen: pa.Table, store: CandidateStore) -> Sequence[Group]:
    """Return the groups with marks and outcomes: those that came with them, or those of the windows that stayed."""
    if plan.statements.chosen is None:
        return groups
    found = {integer(row[0]): row[1:] for row in store.rows(plan.statements.chosen, **{CHOSEN: chosen})}
    return [group.completed(found[index]) for index, group in enumerate(groups)]


def integer(value: object) -> int:
    """Take a value of a row that is an integer."""
    assert isinstance(value, int)
    return value
