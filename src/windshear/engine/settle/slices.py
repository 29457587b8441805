"""Settling slice by slice: a rule whose groups take too much memory together has them found a slice at a time.

A slice holds the groups whose match values leave one remainder of their hash, and of events those that may be in such
groups. No group is in two slices, so what each slice gives is what all together would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import TypeVar

from windshear.core import sql
from windshear.engine.plan import Plan
from windshear.engine.settle.variables import holders, is_timed
from windshear.engine.settle.windows import windows_of
from windshear.engine.store import CandidateStore, Row, TooMuchMemoryError
from windshear.language import expressions as ex
from windshear.language.rule import CheckedRule
from windshear.language.types import Kind

Item = TypeVar("Item")
Result = TypeVar("Result")
_FOUND = "@found"  # relation of the groups of all slices
_PARTS = 4  # of a slice that takes too much memory
_MOST_SLICES = 1024  # each reads all candidates
_REMEMBERED_TOGETHER = 2_000_000  # values that groups count the different ones of


def rows_of_groups(plan: Plan, store: CandidateStore) -> Iterator[Row]:
    """Yield the rows of qualifying groups in order; nothing else may run before all are taken."""
    statement, can_be_cut = plan.statements.groups, bool(sliced_by(plan.rule))
    count = _expected_slices(plan, store, statement) if can_be_cut else 1
    if count == 1:
        rows = store.stream(statement)
        try:
            first = list(islice(rows, 1))
        except TooMuchMemoryError:
            if not can_be_cut:
                raise
            count = _PARTS
        else:
            yield from chain(first, rows)
            return
    try:
        _find(plan, store, count)
        yield from store.stream(f"SELECT * FROM {sql.name(_FOUND)} ORDER BY ALL")
    finally:
        store.drop(_FOUND)


def _expected_slices(plan: Plan, store: CandidateStore, statement: str) -> int:
    """Return how many slices are quicker than one that would go to disk, by what the statement has to remember."""
    events = max(store.waiting(slot) for name, slot in plan.slots.items() if is_timed(plan.rule, name))
    windows = windows_of(plan.rule.window) if plan.rule.window is not None else None
    in_each = windows.count if windows is not None else 1
    remembered = events * in_each * statement.count("DISTINCT")
    count = 1
    while count < _MOST_SLICES and remembered > count * _REMEMBERED_TOGETHER:
        count *= _PARTS
    return count


def _find(plan: Plan, store: CandidateStore, count: int) -> None:
    """Collect the rows of so many slices; one that still takes too much memory is cut again."""
    waiting = [(count, number) for number in range(count)]
    has_some = False
    while waiting:
        count, number = waiting.pop()
        statement = replace(plan, rule=_sliced(plan.rule, count, number)).statements.groups
        try:
            if has_some:
                store.keep_more(_FOUND, statement)
            else:
                store.keep(_FOUND, statement)
            has_some = True
        except TooMuchMemoryError:
            if count * _PARTS > _MOST_SLICES:
                raise
            waiting += _parts(count, number)


def _parts(count: int, number: int) -> list[tuple[int, int]]:
    """Cut one of so many slices."""
    return [(count * _PARTS, number + part * count) for part in range(_PARTS)]


def _sliced(rule: CheckedRule, count: int, number: int) -> CheckedRule:
    test = ex.Slice(sliced_by(rule), count, number, rule.span)
    return replace(rule, predicates=(*rule.predicates, test))


def sliced_by(rule: CheckedRule) -> tuple[ex.Placeholder, ...]:
    """Return the match variables whose values tell slices apart: the most that one event that must be there holds.

    An event that holds them all, too, is in the slice of the group; one that does not may be in any. Floats are left
    out, of which equal ones may be written in two ways.
    """
    timed = [name for name in rule.variables if is_timed(rule, name)]
    sure = [name for name in timed if name in rule.bounded]
    keys = [key for key in rule.match_keys if rule.placeholders[key].type.kind is not Kind.FLOAT]
    held = [[key for key in keys if name in holders(rule, key)] for name in sure or timed]
    most = max(held, key=len, default=[])
    return tuple(ex.Placeholder(key, rule.placeholders[key].type, rule.span) for key in most)


def in_halves(items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]) -> Iterator[Result]:
    """Yield what work makes of items together, or where that takes too much memory of one half after the other."""
    try:
        results = work(items)
    except TooMuchMemoryError:
        if len(items) < 2:
            raise
    else:
        yield from results
        return
    for half in (items[: len(items) // 2], items[len(items) // 2 :]):
        yield from in_halves(half, work)
