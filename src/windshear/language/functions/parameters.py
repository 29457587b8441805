"""Short spellings of the parameters that most functions have."""

from __future__ import annotations

from windshear.language.functions.function import Parameter
from windshear.language.types import Kind

NUMBERS = (Kind.INT, Kind.UINT, Kind.FLOAT)
SCALARS = (Kind.STRING, *NUMBERS, Kind.BOOL, Kind.BYTES, Kind.ENUM)


def text(name: str, *, is_optional: bool = False) -> Parameter:
    """Return a parameter that takes a string."""
    return Parameter(name, (Kind.STRING,), is_optional=is_optional)


def integer(name: str) -> Parameter:
    """Return a parameter that takes an integer."""
    return Parameter(name, (Kind.INT,))


def number(name: str) -> Parameter:
    """Return a parameter that takes any number."""
    return Parameter(name, NUMBERS)


def any_list(name: str) -> Parameter:
    """Return a parameter that takes a list of any scalars."""
    return Parameter(name, SCALARS, is_list=True)


def zone() -> Parameter:
    """Return the optional time zone of a time function."""
    return Parameter("zone", (Kind.STRING,), is_constant=True, is_optional=True, holds="zone")
