"""Values of the language in plain Python: text, numbers, booleans and lists of them."""

from __future__ import annotations

from windshear.language.types import Kind, Type

Scalar = str | int | float | bool
Value = Scalar | list[Scalar]


def zero(value_type: Type) -> Value:
    """Return what an absent value of a type reads as."""
    return [] if value_type.is_list else value_type.zero


def leaf(value: object, value_type: Type) -> Scalar:
    """Return one stored leaf as a value of its type; absent is zero."""
    match value:
        case None:
            return value_type.zero
        case bool() | str():
            return value
        case int() | float():
            return float(value) if value_type.kind is Kind.FLOAT else value
        case _:
            raise TypeError(f"a leaf of type {value_type} cannot be {type(value).__name__}")


def number(value: Value) -> int | float:
    """Return a value that the checker promised to be a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError(f"expected a number, found {value!r}")


def text(value: Value) -> str:
    """Return a value that the checker promised to be text."""
    if isinstance(value, str):
        return value
    raise TypeError(f"expected text, found {value!r}")


def truth(value: Value) -> bool:
    """Return a value that the checker promised to be a boolean."""
    if isinstance(value, bool):
        return value
    raise TypeError(f"expected a boolean, found {value!r}")


def elements(value: Value) -> list[Scalar]:
    """Return a value that the checker promised to be a list."""
    if isinstance(value, list):
        return value
    raise TypeError(f"expected a list, found {value!r}")


def scalar(value: Value) -> Scalar:
    """Return a value that the checker promised not to be a list."""
    if isinstance(value, list):
        raise TypeError(f"expected one value, found {value!r}")
    return value
