"""Aggregates of the outcome section: over the rows of a group, one declaration each.

What they compute in SQL stands with the settle statement, for it needs to know what a row is; everything else that
checking and documentation say about an aggregate is read from here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import get_args

from windshear.language.expressions import AggregateName
from windshear.language.functions.function import Parameter, Use
from windshear.language.functions.parameters import NUMBERS, SCALARS
from windshear.language.types import FLOAT, INT, STRING, Kind, Type


@dataclass(frozen=True, slots=True)
class OverRows:
    """An aggregate and its value over rows: `x` is the value of a row, `t` its time in seconds, one after the other."""

    call: str
    rows: tuple[object, ...]
    result: object


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """An aggregate.

    result: from the type of the aggregated value to that of the result. The value is the last parameter that is not
    optional; one before it is the sort key, an optional one the constant that says whether zeros are left out.
    """

    name: AggregateName
    parameters: tuple[Parameter, ...]
    result: Callable[[Type], Type]
    gives: str  # for the documentation: the type of the result
    summary: str
    examples: tuple[OverRows, ...]
    needs_match: bool = False
    use: Use = "everywhere"


def _same(argument: Type) -> Type:
    return argument


def _float(_argument: Type) -> Type:
    return FLOAT


def _int(_argument: Type) -> Type:
    return INT


def _text(_argument: Type) -> Type:
    return STRING


def _list(argument: Type) -> Type:
    return argument.list_of


def _bounds(_argument: Type) -> Type:
    return FLOAT.list_of


_NUMBER = Parameter("value", NUMBERS)
_ANY = Parameter("value", SCALARS)
_TIME = Parameter("time", (Kind.INT,))
_SORT_KEY = Parameter("sort_key", (Kind.INT,))
_IGNORE_ZEROS = Parameter("ignore_zeros", (Kind.BOOL,), is_constant=True, is_optional=True)

AGGREGATES = (
    AggregateFunction(
        "array",
        (_ANY,),
        _list,
        "list of the type of `value`",
        "Return the values of all rows as a list, sorted; of more than 25 (the setting `array_cap`) the smallest.",
        (OverRows("array(x)", (9, 2, 9), [2, 9, 9]), OverRows("array(x)", ("b", "a", ""), ["", "a", "b"])),
    ),
    AggregateFunction(
        "array_distinct",
        (_ANY,),
        _list,
        "list of the type of `value`",
        "Return the different values as a list, sorted; of more than 25 (the setting `array_cap`) the smallest.",
        (
            OverRows("array_distinct(x)", (9, 2, 9), [2, 9]),
            OverRows("array_distinct(x)", ("b", "", "b"), ["", "b"]),
        ),
    ),
    AggregateFunction(
        "avg",
        (_NUMBER,),
        _float,
        "float",
        "Return the mean; zeros count.",
        (OverRows("avg(x)", (2, 4, 9), 5.0), OverRows("avg(x)", (0, 4), 2.0)),
    ),
    AggregateFunction(
        "count",
        (_ANY,),
        _int,
        "int",
        "Count the rows, whatever their values are.",
        (OverRows("count(x)", (2, 2, 0), 3), OverRows("count(x)", ("",), 1)),
    ),
    AggregateFunction(
        "count_distinct",
        (_ANY,),
        _int,
        "int",
        "Count the different values; zero and the empty text are values.",
        (OverRows("count_distinct(x)", (2, 2, 0), 2), OverRows("count_distinct(x)", ("a", "", "A"), 3)),
    ),
    AggregateFunction(
        "earliest",
        (_TIME,),
        _same,
        "the type of `time`",
        "Return the first of the times that are not zero; 0 if all are.",
        (),
        use="search",
    ),
    AggregateFunction(
        "latest",
        (_TIME,),
        _same,
        "the type of `time`",
        "Return the last of the times that are not zero; 0 if all are.",
        (),
        use="search",
    ),
    AggregateFunction(
        "max",
        (_NUMBER,),
        _same,
        "the type of `value`",
        "Return the largest number.",
        (OverRows("max(x)", (2, 9, 4), 9), OverRows("max(x)", (0.5, -1.5), 0.5)),
    ),
    AggregateFunction(
        "min",
        (_NUMBER,),
        _same,
        "the type of `value`",
        "Return the smallest number; zeros count.",
        (OverRows("min(x)", (2, 9, 4), 2), OverRows("min(x)", (3, 0), 0)),
    ),
    AggregateFunction(
        "stddev",
        (_NUMBER,),
        _float,
        "float",
        "Return the standard deviation of a sample, which divides by one less than the number of rows; 0 for one row.",
        (OverRows("stddev(x)", (2, 4, 9), 3.605551275463989), OverRows("stddev(x)", (7,), 0.0)),
    ),
    AggregateFunction(
        "sum",
        (_NUMBER,),
        _same,
        "the type of `value`",
        "Return the sum.",
        (OverRows("sum(x)", (2, 4, 9), 15), OverRows("sum(x)", (0.5, 1.5), 2.0)),
    ),
    AggregateFunction(
        "window.avg",
        (_NUMBER, _IGNORE_ZEROS),
        _float,
        "float",
        "Return the mean, of the values that are not zero if asked for; 0 if none is left.",
        (
            OverRows("window.avg(x)", (2, 4, 9), 5.0),
            OverRows("window.avg(x, true)", (0, 4, 8), 6.0),
            OverRows("window.avg(x, true)", (0, 0), 0.0),
        ),
        needs_match=True,
    ),
    AggregateFunction(
        "window.first",
        (_SORT_KEY, _ANY),
        _text,
        "string",
        "Return, as text, the value of the row with the smallest sort key; of several such rows the smallest value.",
        (
            OverRows("window.first(t, x)", ("b", "a", "c"), "b"),
            OverRows("window.first(0, x)", ("b", "a", "c"), "a"),
            OverRows("window.first(t, x)", (7, 3), "7"),
        ),
        needs_match=True,
    ),
    AggregateFunction(
        "window.last",
        (_SORT_KEY, _ANY),
        _text,
        "string",
        "Return, as text, the value of the row with the largest sort key; of several such rows the smallest value.",
        (
            OverRows("window.last(t, x)", ("b", "a", "c"), "c"),
            OverRows("window.last(0, x)", ("b", "a", "c"), "a"),
            OverRows("window.last(t, x)", (7, 1.5), "1.5"),
        ),
        needs_match=True,
    ),
    AggregateFunction(
        "window.median",
        (_NUMBER, _IGNORE_ZEROS),
        _float,
        "float",
        "Return the value in the middle; of an even number of rows the smaller of the two middle ones. Zeros are left "
        "out if asked for; 0 if nothing is left.",
        (
            OverRows("window.median(x)", (9, 2, 4), 4.0),
            OverRows("window.median(x)", (2, 4, 9, 10), 4.0),
            OverRows("window.median(x, true)", (0, 0, 5), 5.0),
        ),
        needs_match=True,
    ),
    AggregateFunction(
        "window.mode",
        (_ANY,),
        _text,
        "string",
        "Return, as text, the value that most rows have; of several such values the smallest.",
        (
            OverRows("window.mode(x)", ("b", "a", "b"), "b"),
            OverRows("window.mode(x)", ("b", "a"), "a"),
            OverRows("window.mode(x)", (10, 9), "9"),
        ),
        needs_match=True,
    ),
    AggregateFunction(
        "window.range",
        (_NUMBER, _IGNORE_ZEROS),
        _bounds,
        "list of float",
        "Return the smallest and the largest number. Zeros are left out if asked for; of nothing, an empty list.",
        (
            OverRows("window.range(x)", (9, 2, 4), [2.0, 9.0]),
            OverRows("window.range(x, true)", (0, 4), [4.0, 4.0]),
            OverRows("window.range(x, true)", (0,), []),
        ),
        needs_match=True,
    ),
    AggregateFunction(
        "window.stddev",
        (_NUMBER,),
        _float,
        "float",
        "Return the standard deviation of a sample, as `stddev` does.",
        (OverRows("window.stddev(x)", (2, 4, 9), 3.605551275463989), OverRows("window.stddev(x)", (7,), 0.0)),
        needs_match=True,
    ),
    AggregateFunction(
        "window.variance",
        (_NUMBER,),
        _float,
        "float",
        "Return the variance of a sample, the square of its standard deviation; 0 for one row.",
        (OverRows("window.variance(x)", (2, 4, 9), 13.0), OverRows("window.variance(x)", (7,), 0.0)),
        needs_match=True,
    ),
)


@functools.cache
def by_name() -> Mapping[str, AggregateFunction]:
    """Return the aggregates by name."""
    found: dict[str, AggregateFunction] = {aggregate.name: aggregate for aggregate in AGGREGATES}
    if len(found) < len(AGGREGATES) or found.keys() != set(get_args(AggregateName)):
        raise ValueError("every aggregate of the expressions is declared once")
    return MappingProxyType(found)
