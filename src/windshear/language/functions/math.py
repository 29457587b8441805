"""`math.*`: numbers. What has no result, or does not fit, gives 0."""

from __future__ import annotations

from collections.abc import Callable

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call, Literal
from windshear.language.functions.conversions import bigint, finite
from windshear.language.functions.function import Example, Function, Parameter
from windshear.language.functions.parameters import number
from windshear.language.functions.run import SEED
from windshear.language.types import BOOL, FLOAT, INT, Kind

_EARTH_RADIUS = 6_371_010.0  # metres, as in the S2 library
_FLOAT = (Kind.FLOAT,)
_MOST_DIGITS = 15
_BITS = 53  # of the fraction of a float
_ZERO = sql.double(0.0)


def _double(value: Sql) -> Sql:
    return sql.cast(value, "DOUBLE")


def _abs(arguments: tuple[Sql, ...], call: Call) -> Sql:
    if call.arguments[0].type.kind is Kind.FLOAT:
        return sql.call("abs", arguments[0])
    return sql.call("abs", sql.cast(arguments[0], "HUGEINT"))


def _whole(function: str) -> Callable[[tuple[Sql, ...], Call], Sql]:
    def write(arguments: tuple[Sql, ...], call: Call) -> Sql:
        if call.arguments[0].type.kind is not Kind.FLOAT:
            return bigint(arguments[0])
        return bigint(sql.call(function, arguments[0]))

    return write


def _round(arguments: tuple[Sql, ...], call: Call) -> Sql:
    if call.arguments[0].type.kind is not Kind.FLOAT:
        return arguments[0]
    if len(arguments) == 1:
        return sql.call("round", arguments[0])
    limit = sql.integer(_MOST_DIGITS)
    digits = sql.call("greatest", sql.call("least", arguments[1], limit), sql.integer(-_MOST_DIGITS))
    return sql.call("round", arguments[0], sql.cast(digits, "INTEGER"))


def _log(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    value = _double(arguments[0])
    logarithm = sql.coalesce(sql.call("TRY", sql.call("ln", value)), _ZERO)
    return finite(sql.case(sql.binary(">", value, _ZERO), logarithm, _ZERO))


def _pow(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    power = sql.call("TRY", sql.call("pow", _double(arguments[0]), _double(arguments[1])))
    return finite(sql.coalesce(power, _ZERO))


def _sqrt(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    value = _double(arguments[0])
    root = sql.coalesce(sql.call("TRY", sql.call("sqrt", value)), _ZERO)
    return sql.case(sql.binary(">", value, _ZERO), root, _ZERO)


def _is_increasing(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    first, second, third = arguments
    return sql.all_of([sql.binary("<", first, second), sql.binary("<", second, third)])


def _geo_distance(arguments: tuple[Sql, ...], call: Call) -> Sql:
    degrees = [_double(argument) for argument in arguments]
    is_written = [isinstance(argument, Literal) for argument in call.arguments]
    is_valid = sql.all_of(
        _is_place(degrees[first], degrees[first + 1], is_written=all(is_written[first : first + 2])) for first in (0, 2)
    )
    lon1, lat1, lon2, lat2 = (sql.call("radians", value) for value in degrees)
    chord = sql.binary(
        "+",
        _half_sine_squared(lat1, lat2),
        sql.binary("*", sql.binary("*", sql.call("cos", lat1), sql.call("cos", lat2)), _half_sine_squared(lon1, lon2)),
    )
    root = sql.call("sqrt", sql.call("least", sql.double(1.0), chord))
    angle = sql.coalesce(sql.call("TRY", sql.call("asin", root)), _ZERO)
    distance = sql.binary("*", sql.double(2 * _EARTH_RADIUS), angle)
    return sql.case(is_valid, distance, sql.double(-1.0))


def _is_place(longitude: Sql, latitude: Sql, *, is_written: bool) -> Sql:
    """Tell whether two numbers are a place. What is read and lies at 0, 0 is missing, for absent fields are zero."""
    is_inside = [
        sql.binary("<=", sql.call("abs", longitude), sql.double(180.0)),
        sql.binary("<=", sql.call("abs", latitude), sql.double(90.0)),
    ]
    if is_written:
        return sql.all_of(is_inside)
    is_somewhere = sql.any_of(sql.binary("<>", value, _ZERO) for value in (longitude, latitude))
    return sql.all_of([*is_inside, is_somewhere])


def _half_sine_squared(first: Sql, second: Sql) -> Sql:
    sine = sql.call("sin", sql.binary("/", sql.binary("-", second, first), sql.double(2.0)))
    return sql.binary("*", sine, sine)


def _random(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    """Compute a number from the seed, the place of the call and the identities of the events (see `check/draws.py`)."""
    parts = (sql.call(SEED), *arguments)
    hashed = sql.call("md5_number_lower", sql.call("concat_ws", sql.text(" "), *parts))
    number = sql.cast(sql.binary(">>", hashed, sql.cast(sql.integer(64 - _BITS), "UBIGINT")), "DOUBLE")
    return sql.binary("/", number, sql.double(float(2**_BITS)))


FUNCTIONS = (
    Function(
        "math.abs",
        (number("value"),),
        INT,
        "Return a number without its sign.",
        (Example("math.abs(2 - 5)", 3), Example("math.abs(0 - 1.5)", 1.5)),
        _abs,
        result_of=0,
    ),
    Function(
        "math.ceil",
        (number("value"),),
        INT,
        "Return the smallest integer that is not below a number.",
        (Example("math.ceil(1.2)", 2), Example("math.ceil(0 - 1.2)", -1)),
        _whole("ceil"),
    ),
    Function(
        "math.floor",
        (number("value"),),
        INT,
        "Return the largest integer that is not above a number.",
        (Example("math.floor(1.8)", 1), Example("math.floor(0 - 1.2)", -2)),
        _whole("floor"),
    ),
    Function(
        "math.geo_distance",
        tuple(Parameter(name, _FLOAT) for name in ("longitude1", "latitude1", "longitude2", "latitude2")),
        FLOAT,
        "Return the distance of two places on the globe in metres, longitude before latitude; -1 if one is no place. "
        "A place that is read from fields and lies at 0, 0 is missing, and so is none.",
        (Example("math.geo_distance(200, 0, 1, 0)", -1.0), Example("math.geo_distance(1.5, 2.5, 1.5, 2.5)", 0.0)),
        _geo_distance,
        use="rules",
    ),
    Function(
        "math.is_increasing",
        (number("first"), number("second"), number("third")),
        BOOL,
        "Tell whether three numbers rise strictly.",
        (
            Example("math.is_increasing(1, 2, 3)", result=True),
            Example("math.is_increasing(1, 2, 2)", result=False),
        ),
        _is_increasing,
    ),
    Function(
        "math.log",
        (number("value"),),
        FLOAT,
        "Return the natural logarithm; 0 for numbers that have none.",
        (Example("math.log(1)", 0.0), Example("math.log(0)", 0.0)),
        _log,
    ),
    Function(
        "math.pow",
        (number("base"), number("exponent")),
        FLOAT,
        "Return a power; 0 if it is too large or has no value.",
        (Example("math.pow(2, 10)", 1024.0), Example("math.pow(10, 400)", 0.0)),
        _pow,
    ),
    Function(
        "math.random",
        (),
        FLOAT,
        "Return a random number, at least 0 and below 1. An event gets the same number from the same call in every "
        "run, until the seed of the run (`--seed`) is another one.",
        (),
        _random,
        draws=True,
    ),
    Function(
        "math.round",
        (number("value"), Parameter("digits", (Kind.INT,), is_optional=True)),
        FLOAT,
        "Round half away from zero, to a number of decimals if it is given; an integer stays itself.",
        (
            Example("math.round(2.6)", 3.0),
            Example("math.round(1.2567, 2)", 1.26),
            Example("math.round(0 - 2.5)", -3.0),
            Example("math.round(7)", 7),
        ),
        _round,
        result_of=0,
        use="search",
    ),
    Function(
        "math.sqrt",
        (number("value"),),
        FLOAT,
        "Return the square root; 0 for negative numbers.",
        (Example("math.sqrt(9)", 3.0), Example("math.sqrt(0 - 4)", 0.0)),
        _sqrt,
    ),
)
