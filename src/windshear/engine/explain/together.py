"""Records that nearly fit together: those that would, but for one tie between variables or the match window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.detection import EventReference
from windshear.detections.rendering import timestamp
from windshear.engine.explain.clauses import marks, node
from windshear.engine.explain.distance import in_words
from windshear.engine.explain.explanation import Node, Shown, Together
from windshear.engine.explain.relaxing import Tie, always_valid, reduced, ties_of, without, without_window
from windshear.engine.explain.scope import Scope
from windshear.engine.settle import fields
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import integer
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.own_rows import variable_rows
from windshear.engine.settle.pairs import pairs
from windshear.engine.settle.rows import JoinedRows, joined_rows, placeholder_value
from windshear.engine.settle.variables import is_timed, layout
from windshear.engine.settle.windows import windows_of
from windshear.language.rule import CheckedRule

_MOST_PAIRS = 2_000_000  # combinations of records that are compared for one tie
_WINDOW = "the match window"


@dataclass(frozen=True, slots=True)
class Tried:
    """What was found, and which ties were not tried because there are too many combinations."""

    found: tuple[Together, ...]
    untried: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of ties that were not tried."""
        if not self.untried:
            return ()
        most = f"more than {_MOST_PAIRS:,} combinations of records"
        return (f"not looked for, there being {most}: what fits but for {', '.join(self.untried)}",)


@dataclass(frozen=True)
class _Search:
    scope: Scope
    rule: CheckedRule
    candidates: Callable[[str], Sql]

    @property
    def timed(self) -> list[str]:
        return [name for name in self.rule.variables if is_timed(self.rule, name)]

    def without(self, tie: Tie) -> _Search:
        found = always_valid(self.candidates, tie.variable) if tie.kind == "validity" else self.candidates
        return _Search(self.scope, without(self.rule, tie), found)

    def without_window(self) -> _Search:
        return _Search(self.scope, without_window(self.rule), self.candidates)

    def is_small(self, *, is_untied: bool) -> bool:
        """Whether the combinations that a join looks at can be looked at."""
        rule, lists = self.rule, self.scope.plan.lists
        plan = layout(rule)
        relations = {name: variable_rows(rule, name, plan, self.candidates(name), lists) for name in rule.variables}
        sizes = [self.scope.store.rows(f"SELECT count(*) FROM {relation}")[0][0] for relation in relations.values()]
        if prod(map(integer, sizes)) <= _MOST_PAIRS:
            return True
        assert rule.window is not None
        statement = pairs(rule, plan, windows_of(rule.window), relations, lists)
        if statement is None or (is_untied and len(self.timed) < len(rule.variables)):
            return statement is None and not is_untied
        ((found,),) = self.scope.store.rows(statement)
        assert isinstance(found, float)
        return found <= _MOST_PAIRS


def nearly_together(scope: Scope, only: Mapping[str, Sequence[int]] | None = None) -> Tried:
    """Find what would fit together but for one tie. only: look at some records of a variable."""
    rule = reduced(scope.rule)
    if rule.window is None or len(rule.variables) < 2 or not any(is_timed(rule, name) for name in rule.variables):
        return Tried((), ())
    search = _Search(scope, rule, _restricted(scope, only or {}))
    ties = list(ties_of(rule))
    untried: list[str] = []
    found: list[Together] = []
    if len(search.timed) > 1:
        found += _tried(search, None, search.without_window(), untried)
    for tie in ties:
        found += _tried(search, tie, search.without(tie), untried)
    if not found and len(search.timed) > 1:
        for tie in ties:
            found += _tried(search, tie, search.without(tie).without_window(), untried)
    return Tried(tuple(found[: scope.limit]), tuple(dict.fromkeys(untried)))


def _tried(search: _Search, tie: Tie | None, relaxed: _Search, untried: list[str]) -> list[Together]:
    is_untied = tie is not None and tie.kind in ("placeholder", "predicate")
    if not relaxed.is_small(is_untied=is_untied):
        untried.append(_WINDOW if tie is None else tie.text)
        return []
    scope, rule = search.scope, relaxed.rule
    rows = joined_rows(rule, relaxed.candidates, scope.plan.lists)
    names = list(rule.variables)
    numbers = [sql.aliased(sql.column(name, NUMBER), f"n{i}") for i, name in enumerate(names)]
    times = [sql.column(name, fields.TIME) for name in search.timed]
    spread = (
        sql.binary("-", sql.call("greatest", *times), sql.call("least", *times)) if len(times) > 1 else sql.integer(0)
    )
    mark = _mark(scope, rule, rows, tie)
    keys = [name for name in search.rule.placeholders if name in scope.rule.match_keys and not _is_untied(tie, name)]
    values = [sql.cast(placeholder_value(rule, name), "VARCHAR") for name in keys]
    listed = [*numbers, sql.aliased(_unlike(rule, tie), "unlike"), sql.aliased(spread, "spread")]
    listed.append(sql.aliased(mark, "mark"))
    listed.append(sql.aliased(sql.raw(f"{sql.list_of(values)}::VARCHAR[]"), "keys"))
    found = scope.store.rows(
        f"SELECT * FROM (SELECT {', '.join(item.text for item in listed)} FROM {rows.source} WHERE {rows.where}) "
        f"QUALIFY row_number() OVER (PARTITION BY {', '.join(f'n{i}' for i in range(len(names)))} ORDER BY keys) = 1 "
        f"ORDER BY unlike, spread, {', '.join(f'n{i}' for i in range(len(names)))} LIMIT {scope.limit}"
    )
    return [_together(search, tie, dict(zip(names, row, strict=False)), row[len(names) :], keys) for row in found]


def _is_untied(tie: Tie | None, placeholder: str) -> bool:
    return tie is not None and tie.placeholder == placeholder


def _mark(scope: Scope, rule: CheckedRule, rows: JoinedRows, tie: Tie | None) -> Sql:
    """Return what the failing tie reads on a row."""
    if tie is None:
        return sql.NULL
    match tie.kind:
        case "predicate":
            assert tie.predicate is not None
            return marks(rule, tie.predicate, rows.leaf, scope.plan.lists)
        case "placeholder":
            sides = [placeholder_value(rule, tie.placeholder), sql.column(tie.variable, placeholder_column(tie.untied))]
            return sql.list_of(sql.cast(side, "VARCHAR") for side in sides)
        case _:
            return sql.NULL


def _unlike(rule: CheckedRule, tie: Tie | None) -> Sql:
    """Return how little two texts that should be equal have to do with each other: 0 if they differ in case alone."""
    if tie is None or tie.kind != "placeholder" or not rule.placeholders[tie.placeholder].type.is_text:
        return sql.integer(0)
    sides = [placeholder_value(rule, tie.placeholder), sql.column(tie.variable, placeholder_column(tie.untied))]
    first, second = (sql.call("lower", side) for side in sides)
    is_part = sql.any_of([sql.call("contains", first, second), sql.call("contains", second, first)])
    is_same = sql.binary("=", first, second)
    return sql.case(is_same, sql.integer(0), sql.case(is_part, sql.integer(1), sql.integer(2)))


def _together(
    search: _Search, tie: Tie | None, numbers: Mapping[str, object], row: Sequence[object], keys: Sequence[str]
) -> Together:
    scope, rule = search.scope, search.rule
    _, _, mark, values = row
    assert isinstance(values, list)
    records = {name: scope.references(name, [integer(number)])[integer(number)] for name, number in numbers.items()}
    shown = [
        Shown("$" + key, str(value), rule.placeholders[key].type.is_text)
        for key, value in zip(keys, values, strict=True)
    ]
    times = {name: records[name].time or 0 for name in search.timed}
    clauses: tuple[Node, ...] = ()
    distance = _distance(rule, times)
    if tie is not None:
        clauses = (_node(rule, tie, mark),)
    failing = _WINDOW if tie is None else tie.text
    if tie is not None and distance and not _is_outside(rule, times):
        distance = ""
    elif tie is not None and distance:
        failing = f"{tie.text}, and {_WINDOW}"
    if tie is not None and tie.kind == "validity":
        clauses = (_validity(scope, search, tie, records),)
    return Together(failing, tuple(records.items()), tuple(shown), clauses, distance)


def _node(rule: CheckedRule, tie: Tie, mark: object) -> Node:
    if tie.predicate is not None and isinstance(mark, Mapping):
        return node(rule, tie.predicate, mark)
    if tie.kind != "placeholder" or not isinstance(mark, list):
        return Node("test", tie.text, holds=False)
    first, second = tie.text.split(" = ", 1) if tie.text.count(" = ") == 1 else ("one side", "the other")
    is_text = rule.placeholders[tie.placeholder].type.is_text
    values = (Shown(first, str(mark[0]), is_text), Shown(second, str(mark[1]), is_text))
    return Node("test", tie.text, holds=False, values=values)


def _validity(scope: Scope, search: _Search, tie: Tie, records: Mapping[str, EventReference]) -> Node:
    number = {reference: number for number, reference in scope.known.items()}[records[tie.variable]]
    start, end = sql.name(fields.VALID_FROM), sql.name(fields.VALID_TO)
    ((first, last),) = scope.store.rows(
        f"SELECT min({start}), max({end}) FROM {search.candidates(tie.variable)} WHERE {sql.name(NUMBER)} = {number}"
    )
    values = (
        Shown(f"${tie.variable} valid from", _moment(first), is_text=False),
        Shown(f"${tie.variable} valid to", _moment(last), is_text=False),
    )
    return Node("test", tie.text, holds=False, values=values)


def _moment(value: object) -> str:
    known = -(2**61) < integer(value) < 2**61 if value is not None else False
    try:
        return timestamp(integer(value)) if known else "always"
    except OverflowError:
        return "always"


def _distance(rule: CheckedRule, times: Mapping[str, int]) -> str:
    """Say how records lie in time, and what the window is."""
    if len(times) < 2 or rule.window is None:
        return ""
    size = in_words(windows_of(rule.window).size)
    pivot = rule.window.pivot
    if pivot is not None:
        where = "after" if rule.window.kind == "sliding_after" else "before"
        others = [_apart(name, time, pivot, times[pivot]) for name, time in times.items() if name != pivot]
        return f"{', '.join(others)}; the window is the {size} {where} ${pivot}"
    (first, start), *_, (last, end) = sorted(times.items(), key=lambda item: item[1])
    gap = _apart(last, end, first, start)
    if rule.window.kind == "tumbling":
        return f"{gap}; windows of {size} begin at fixed times, and one ends between them"
    if end - start < windows_of(rule.window).size:
        return f"{gap}; windows of {size} begin every {in_words(windows_of(rule.window).step)}, and none holds both"
    return f"{gap}, the window is {size}"


def _apart(name: str, time: int, other: str, start: int) -> str:
    if time == start:
        return f"${name} is at the same time as ${other}"
    word = "after" if time > start else "before"
    return f"${name} is {in_words(time - start)} {word} ${other}"


def _is_outside(rule: CheckedRule, times: Mapping[str, int]) -> bool:
    """Whether no window holds all of some times."""
    assert rule.window is not None
    windows = windows_of(rule.window)
    first, last = min(times.values()), max(times.values())
    match windows.kind:
        case "sliding_after":
            return any(not 0 <= time - times[windows.pivot or ""] < windows.size for time in times.values())
        case "sliding_before":
            return any(not 0 <= times[windows.pivot or ""] - time < windows.size for time in times.values())
        case "tumbling":
            return first // windows.size != last // windows.size
        case _:
            return last - first >= windows.size


def _restricted(scope: Scope, only: Mapping[str, Sequence[int]]) -> Callable[[str], Sql]:
    def candidates(name: str) -> Sql:
        records = scope.candidates(name)
        if name not in only:
            return records
        listed = ", ".join(str(int(number)) for number in only[name])
        return sql.raw(f"(SELECT * FROM {records} WHERE {sql.name(NUMBER)} IN ({listed}))")

    return candidates
