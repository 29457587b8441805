"""`arrays.*`: lists, as made by `strings.split`, by captures, or by the aggregates of the outcome section."""

from __future__ import annotations

from collections.abc import Callable

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language import expressions as ex
from windshear.language.functions.conversions import printed, to_double, truncated
from windshear.language.functions.function import Example, Function, Parameter
from windshear.language.functions.parameters import SCALARS, any_list, integer, text
from windshear.language.types import BOOL, FLOAT, INT, STRING, Kind, Type

_EMPTY = sql.text("")
_ELEMENT = "item"
_ZERO = sql.double(0.0)


def _texts(items: Sql, value_type: Type) -> Sql:
    """Write each element as text."""
    if value_type.element.is_text:
        return items
    return sql.call("list_transform", items, sql.lambda_(_ELEMENT, printed(sql.name(_ELEMENT), value_type.kind)))


def _numbers(items: Sql, value_type: Type) -> Sql:
    """Read each element as a float."""
    number = to_double(sql.name(_ELEMENT), value_type.element)
    return sql.call("list_transform", items, sql.lambda_(_ELEMENT, number))


def _length(arguments: tuple[Sql, ...], _call: ex.Call) -> Sql:
    return sql.call("len", arguments[0])


def _contains(arguments: tuple[Sql, ...], _call: ex.Call) -> Sql:
    return sql.call("list_contains", *arguments)


def _concat(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.call(
        "list_concat",
        *(_texts(items, node.type) for items, node in zip(arguments, call.arguments, strict=True)),
    )


def _join_string(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    texts = _texts(arguments[0], call.arguments[0].type)
    if len(arguments) == 1:
        return sql.coalesce(sql.call("array_to_string", texts, _EMPTY), _EMPTY)
    delimiter = arguments[1]
    if isinstance(call.arguments[1], ex.Literal):
        return sql.coalesce(sql.call("array_to_string", texts, delimiter), _EMPTY)
    # SQL joins with a constant only: here each element brings its delimiter, and the first one is cut off.
    led = sql.call("list_transform", texts, sql.lambda_(_ELEMENT, sql.binary("||", delimiter, sql.name(_ELEMENT))))
    joined = sql.coalesce(sql.call("array_to_string", led, _EMPTY), _EMPTY)
    start = sql.binary("+", sql.call("length", delimiter), sql.integer(1))
    return sql.call("substring", joined, start)


def _element(items: Sql, index: Sql) -> Sql:
    """Read one element, 0-based, or from the end by a negative index; NULL if there is none."""
    small = sql.cast(sql.try_cast(index, "INTEGER"), "BIGINT")  # no list is longer; beyond there is nothing
    position = sql.case(sql.binary(">=", small, sql.integer(0)), sql.binary("+", small, sql.integer(1)), small)
    return sql.call("list_extract", items, position)


def _index_to_str(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.coalesce(_element(_texts(arguments[0], call.arguments[0].type), arguments[1]), _EMPTY)


def _index_to_float(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return sql.coalesce(_element(_numbers(arguments[0], call.arguments[0].type), arguments[1]), _ZERO)


def _index_to_int(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
    return truncated(_index_to_float(arguments, call))


def _extreme(function: str) -> Callable[[tuple[Sql, ...], ex.Call], Sql]:
    def write(arguments: tuple[Sql, ...], call: ex.Call) -> Sql:
        numbers = _numbers(arguments[0], call.arguments[0].type)
        if len(arguments) > 1:
            is_kept = sql.any_of([sql.not_(arguments[1]), sql.binary("<>", sql.name(_ELEMENT), _ZERO)])
            numbers = sql.call("list_filter", numbers, sql.lambda_(_ELEMENT, is_kept))
        return sql.coalesce(sql.call(function, numbers), _ZERO)

    return write


_LIST = any_list("list")
_AB = 'strings.split("a,b")'
_57 = 'strings.split("5,7,x")'

FUNCTIONS = (
    Function(
        "arrays.concat",
        (any_list("first"), any_list("second")),
        STRING.list_of,
        "Append one list to another.",
        (
            Example(f'arrays.concat({_AB}, strings.split("b,c"))', ["a", "b", "b", "c"]),
            Example('arrays.concat(strings.split("a"), re.capture_all("x", `y`))', ["a"]),
        ),
        _concat,
    ),
    Function(
        "arrays.contains",
        (_LIST, Parameter("value", SCALARS, is_element=True)),
        BOOL,
        "Tell whether a list holds a value. This is the one function that may be called in the condition section.",
        (
            Example(f'arrays.contains({_AB}, "b")', result=True),
            Example(f'arrays.contains({_AB}, "A")', result=False),
        ),
        _contains,
    ),
    Function(
        "arrays.index_to_float",
        (_LIST, integer("index")),
        FLOAT,
        "Read an element as a float; 0 if there is none or it is no number. A negative index counts from the end.",
        (Example(f"arrays.index_to_float({_57}, 1)", 7.0), Example(f"arrays.index_to_float({_57}, 2)", 0.0)),
        _index_to_float,
    ),
    Function(
        "arrays.index_to_int",
        (_LIST, integer("index")),
        INT,
        "Read an element as an integer; 0 if there is none or it is no number. A negative index counts from the end.",
        (
            Example(f"arrays.index_to_int({_57}, 0 - 2)", 7),
            Example(f"arrays.index_to_int({_57}, 2)", 0),
            Example(f"arrays.index_to_int({_57}, 9)", 0),
        ),
        _index_to_int,
    ),
    Function(
        "arrays.index_to_str",
        (_LIST, integer("index")),
        STRING,
        "Read an element as text; the empty text if there is none. A negative index counts from the end.",
        (
            Example(f"arrays.index_to_str({_AB}, 1)", "b"),
            Example(f"arrays.index_to_str({_AB}, 9)", ""),
            Example(f"arrays.index_to_str({_AB}, 0 - 2)", "a"),
        ),
        _index_to_str,
    ),
    Function(
        "arrays.join_string",
        (_LIST, text("delimiter", is_optional=True)),
        STRING,
        "Join the elements to one text, with a delimiter between them if it is given.",
        (Example(f'arrays.join_string({_AB}, "-")', "a-b"), Example(f"arrays.join_string({_AB})", "ab")),
        _join_string,
    ),
    Function(
        "arrays.length",
        (Parameter("field", SCALARS, is_list=True),),
        INT,
        "Count the elements of a repeated field, over the whole path.",
        (),
        _length,
        reads_whole_list=True,
    ),
    Function(
        "arrays.max",
        (_LIST,),
        FLOAT,
        "Return the largest number of a list, 0 for an empty one.",
        (Example('arrays.max(strings.split("3,8"))', 8.0), Example('arrays.max(re.capture_all("x", `y`))', 0.0)),
        _extreme("list_max"),
    ),
    Function(
        "arrays.min",
        (_LIST, Parameter("ignore_zeros", (Kind.BOOL,), is_optional=True)),
        FLOAT,
        "Return the smallest number of a list, 0 for an empty one; zeros can be left out.",
        (
            Example('arrays.min(strings.split("3,0,8"))', 0.0),
            Example('arrays.min(strings.split("3,0,8"), true)', 3.0),
        ),
        _extreme("list_min"),
    ),
    Function(
        "arrays.size",
        (_LIST,),
        INT,
        "Count the elements of a list value.",
        (Example(f"arrays.size({_AB})", 2), Example('arrays.size(re.capture_all("x", `y`))', 0)),
        _length,
    ),
)
