"""Conversions between text and numbers that several functions share, as SQL."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.types import Kind, Type

_INTEGER = r"[+-]?[0-9]+"
_MOST_DECIMALS = 16
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"


def printed(value: Sql, kind: Kind) -> Sql:
    """Write a value as text: whole floats as integers, other floats in their shortest form, at most 16 decimals."""
    match kind:
        case Kind.FLOAT:
            return _printed_float(value)
        case Kind.STRING | Kind.ENUM | Kind.BYTES:
            return value
        case _:
            return sql.cast(value, "VARCHAR")


def _printed_float(value: Sql) -> Sql:
    shortest = sql.cast(value, "VARCHAR")
    integer = sql.cast(sql.call("TRY", sql.cast(value, "HUGEINT")), "VARCHAR")
    whole = sql.coalesce(integer, shortest)  # beyond 38 digits there is no integer type
    fixed = sql.call("format", sql.text(f"{{:.{_MOST_DECIMALS}f}}"), value)
    trimmed = sql.call("rtrim", sql.call("rtrim", fixed, sql.text("0")), sql.text("."))
    is_short = sql.call("regexp_full_match", shortest, sql.text(rf"-?[0-9]+\.[0-9]{{1,{_MOST_DECIMALS}}}"))
    fraction = sql.case(is_short, shortest, trimmed)
    is_whole = sql.binary("=", value, sql.call("trunc", value))
    return sql.case(sql.call("isfinite", value), sql.case(is_whole, whole, fraction), shortest)


def to_double(value: Sql, value_type: Type) -> Sql:
    """Read a number; text that is none, and what a float cannot hold, gives 0."""
    zero = sql.double(0.0)
    if not value_type.is_text:
        return finite(sql.cast(value, "DOUBLE"))
    read = sql.coalesce(sql.try_cast(value, "DOUBLE"), zero)
    return finite(sql.case(sql.call("regexp_full_match", value, sql.text(_NUMBER)), read, zero))


def to_integer(value: Sql, value_type: Type) -> Sql:
    """Read a whole number, cutting decimals; what is none, or does not fit 64 bits, gives 0."""
    if not value_type.is_text:
        return truncated(sql.cast(value, "DOUBLE")) if value_type.kind is Kind.FLOAT else bigint(value)
    is_integer = sql.call("regexp_full_match", value, sql.text(_INTEGER))
    return sql.case(is_integer, bigint(value), truncated(to_double(value, value_type)))


def truncated(value: Sql) -> Sql:
    """Cut the decimals of a float; out of range gives 0."""
    return bigint(sql.call("trunc", value))


def bigint(value: Sql) -> Sql:
    """Convert to a 64-bit integer; out of range gives 0."""
    return sql.coalesce(sql.try_cast(value, "BIGINT"), sql.integer(0))


def finite(value: Sql) -> Sql:
    """Replace infinities and NaN by 0."""
    return sql.case(sql.call("isfinite", value), value, sql.double(0.0))
