"""How far a condition is from holding: in SQL, to find the groups that come nearest, and in words for those shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.detections.rendering import timestamp
from windshear.engine.explain.explanation import Shown
from windshear.engine.settle.lower import Leaf, Lists, lower
from windshear.language import expressions as ex
from windshear.language.types import Kind

_NEAR = 0.5  # what a comparison of numbers costs that fails by nothing; it costs up to 1 the further it fails


def deficit(node: ex.Expression, leaf: Callable[[Leaf], Sql], lists: Lists, *, wanted: bool = True) -> Sql:
    """Return 0 where an expression is as wanted, else how many of its tests would have to change, near ones less."""
    match node:
        case ex.Not(operand=operand):
            return deficit(operand, leaf, lists, wanted=not wanted)
        case ex.And(items=items) | ex.Or(items=items):
            parts = [deficit(item, leaf, lists, wanted=wanted) for item in items]
            needs_all = isinstance(node, ex.And) == wanted
            return _sum(parts) if needs_all else sql.call("least", *parts)
        case ex.NOf(minimum=minimum, items=items):
            parts = [deficit(item, leaf, lists, wanted=wanted) for item in items]
            needed = minimum if wanted else len(items) - minimum + 1
            cheapest = sql.raw(f"list_sort({sql.list_of(parts)})[:{needed}]")
            return sql.call("list_sum", cheapest)
        case _:
            holds = lower(node, leaf, lists)
            as_wanted = holds if wanted else sql.not_(holds)
            return sql.case(as_wanted, sql.double(0.0), _cost(node, leaf, lists))


def _cost(node: ex.Expression, leaf: Callable[[Leaf], Sql], lists: Lists) -> Sql:
    if not isinstance(node, ex.Comparison) or not (node.left.type.is_number and node.right.type.is_number):
        return sql.double(1.0)
    left, right = (sql.cast(lower(side, leaf, lists), "DOUBLE") for side in (node.left, node.right))
    gap = sql.call("abs", sql.binary("-", left, right))
    share = sql.binary("/", gap, sql.binary("+", gap, sql.double(1.0)))
    return sql.binary("+", sql.double(_NEAR), sql.binary("*", sql.double(1 - _NEAR), share))


def shortfall(atom: ex.Expression, shown: Sequence[Shown], *, holds: bool, wanted: bool) -> str:
    """Say how far a comparison of a number with a constant is from being as wanted; empty where there is nothing."""
    if holds == wanted or not isinstance(atom, ex.Comparison):
        return ""
    operator = atom.operator if wanted else _OPPOSITE[atom.operator]
    value, constant = atom.left, atom.right
    if isinstance(value, ex.Literal):
        value, constant, operator = constant, value, _SWAPPED[operator]
    if not isinstance(constant, ex.Literal) or not value.type.is_number or not constant.type.is_number or not shown:
        return ""
    actual, threshold = float(shown[-1].value), float(constant.value)
    if not isfinite(actual - threshold):
        return ""
    step = 1.0 if value.type.kind in (Kind.INT, Kind.UINT) else 0.0
    match operator:
        case ">" | ">=":
            missing = threshold - actual + (step if operator == ">" else 0.0)
            return f"{_number(missing)} more needed" if missing else "just above it needed"
        case "<" | "<=":
            excess = actual - threshold + (step if operator == "<" else 0.0)
            return f"{_number(excess)} too many" if excess else "just below it needed"
        case "=":
            gap = threshold - actual
            return f"{_number(gap)} more needed" if gap > 0 else f"{_number(-gap)} too many"
        case _:
            return ""


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_SWAPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,.6g}"


def _sum(parts: Sequence[Sql]) -> Sql:
    total = parts[0]
    for part in parts[1:]:
        total = sql.binary("+", total, part)
    return total


def in_words(microseconds: int) -> str:
    """Return a length of time as a person says it.

    >>> in_words(724_000_000), in_words(90_061_000_000), in_words(1_500_000), in_words(0)
    ('12m 4s', '1d 1h 1m', '1.5s', '0s')
    """
    seconds, rest = divmod(abs(microseconds), 1_000_000)
    if rest and seconds < 60:
        return f"{seconds + rest / 1_000_000:.6g}s"
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s")]
    shown = [f"{number}{unit}" for number, unit in parts if number]
    return " ".join(shown[:3]) or "0s"


def moment(microseconds: int) -> str:
    """Return a time as RFC 3339 text; a number of seconds where the calendar ends, as at the bounds of odd windows.

    >>> moment(1741784400000000), moment(2**62)
    ('2025-03-12T13:00:00Z', '4611686018427s')
    """
    try:
        return timestamp(microseconds)
    except OverflowError:
        return f"{microseconds // 1_000_000}s"
