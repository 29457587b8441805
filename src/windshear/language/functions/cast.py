"""`cast.*`: conversions. What cannot be converted gives zero, or the stated default."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.functions.conversions import printed, to_double, to_integer
from windshear.language.functions.function import Example, Function, Kernel, Parameter
from windshear.language.functions.parameters import NUMBERS, text
from windshear.language.types import BOOL, FLOAT, INT, STRING, Kind

_FROM = Parameter("value", (Kind.STRING, *NUMBERS))


def _decoded(values: Sequence[str], defaults: Sequence[str]) -> list[str]:
    return [_text_of_bytes(value, default) for value, default in zip(values, defaults, strict=True)]


def _text_of_bytes(value: str, default: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:  # bytes that are no UTF-8
        return default


_BYTES_TO_TEXT = Kernel("windshear_bytes_to_text", ("VARCHAR", "VARCHAR"), "VARCHAR", _decoded)


def _as_int(arguments: tuple[Sql, ...], call: Call) -> Sql:
    return to_integer(arguments[0], call.arguments[0].type)


def _as_float(arguments: tuple[Sql, ...], call: Call) -> Sql:
    return to_double(arguments[0], call.arguments[0].type)


def _as_bool(arguments: tuple[Sql, ...], call: Call) -> Sql:
    value, kind = arguments[0], call.arguments[0].type.kind
    if kind is Kind.BOOL:
        return value
    if kind is Kind.STRING:
        return sql.binary("=", sql.call("lower", value), sql.text("true"))
    return sql.binary("=", value, sql.integer(1))


def _as_string(arguments: tuple[Sql, ...], call: Call) -> Sql:
    kind = call.arguments[0].type.kind
    if kind is not Kind.BYTES:
        return printed(arguments[0], kind)
    default = arguments[1] if len(arguments) > 1 else sql.text("")
    return sql.call(_BYTES_TO_TEXT.name, arguments[0], default)


FUNCTIONS = (
    Function(
        "cast.as_bool",
        (Parameter("value", (Kind.STRING, Kind.INT, Kind.UINT, Kind.BOOL)),),
        BOOL,
        "Return true for the integer 1 and for `true` in any case, false for everything else.",
        (
            Example('cast.as_bool("TRUE")', result=True),
            Example('cast.as_bool("yes")', result=False),
            Example("cast.as_bool(2)", result=False),
        ),
        _as_bool,
    ),
    Function(
        "cast.as_float",
        (_FROM,),
        FLOAT,
        "Read a number from a text; a text that is no number gives 0.",
        (Example('cast.as_float("1.5")', 1.5), Example('cast.as_float("x")', 0.0)),
        _as_float,
    ),
    Function(
        "cast.as_int",
        (_FROM,),
        INT,
        "Read a whole number from a text, cutting decimals; a text that is no number gives 0.",
        (Example('cast.as_int("42")', 42), Example('cast.as_int("2.9")', 2), Example('cast.as_int("x")', 0)),
        _as_int,
    ),
    Function(
        "cast.as_string",
        (
            Parameter("value", (Kind.STRING, *NUMBERS, Kind.BOOL, Kind.BYTES), takes_enum=True),
            text("default", is_optional=True),
        ),
        STRING,
        "Write a value as text; bytes that are no UTF-8 give the default.",
        (
            Example("cast.as_string(7)", "7"),
            Example("cast.as_string(true)", "true"),
            Example('cast.as_string(strings.from_hex("75646d"))', "udm"),
            Example('cast.as_string(strings.from_hex("ff"), "?")', "?"),
        ),
        _as_string,
        kernels=(_BYTES_TO_TEXT,),
    ),
)
