"""What a rule function is: one declaration from which checking, SQL, documentation and examples come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.types import Kind, Type

Use = Literal["everywhere", "rules", "search"]  # in which products the reference has a function


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    kinds: scalar kinds accepted. is_list: wants a list value. is_constant: must be a literal. is_variadic: the last
    parameter, one or more times. is_optional: may be left out. is_element: is looked for in the list before it. holds:
    what the text of a constant means, to be checked at compile time (`pattern`: RE2 with at most `most_groups` groups;
    `replacement`: for the pattern before it). takes_enum: an enumerated value is taken by its name.
    """

    name: str
    kinds: tuple[Kind, ...]
    is_list: bool = False
    is_constant: bool = False
    is_optional: bool = False
    is_variadic: bool = False
    is_element: bool = False
    holds: Literal["value", "pattern", "replacement", "network", "zone", "time format"] = "value"
    most_groups: int | None = None
    takes_enum: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A call in rule text and its value."""

    call: str
    result: object


@dataclass(frozen=True, slots=True)
class Kernel:
    """A part of a function that SQL cannot express: registered on the settle connection under `name`.

    `function` maps columns of Python values (one list per argument, no None) to a list of results of equal length.
    """

    name: str
    argument_types: tuple[str, ...]  # DuckDB type names
    result_type: str
    function: Callable[..., Sequence[object]]


@dataclass(frozen=True, slots=True)
class Function:
    """A rule function.

    sql: from the arguments' total SQL values (never NULL) and the checked call to a total SQL value.
    result_of: the position of the argument whose type the result has (`math.abs`); `result` is then only a default.
    use: where the reference has the function; what only searches have is refused in strict mode. draws: its value is
    drawn for each event and place in the rule; the checker adds the arguments that say which (`check/draws.py`).
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    summary: str
    examples: tuple[Example, ...]
    sql: Callable[[tuple[Sql, ...], Call], Sql]
    kernels: tuple[Kernel, ...] = ()
    accepts_nocase: bool = False
    result_of: int | None = None
    reads_whole_list: bool = False  # its field argument is the list itself, not a copy's element (`arrays.length`)
    use: Use = "everywhere"
    draws: bool = False


def signature(name: str, parameters: Sequence[Parameter]) -> str:
    """Write a function with its parameters.

    >>> signature("strings.split", [Parameter("text", ()), Parameter("delimiter", (), is_optional=True)])
    'strings.split(text[, delimiter])'
    """
    pieces = []
    for position, parameter in enumerate(parameters):
        written = parameter.name + (", …" if parameter.is_variadic else "")
        comma = ", " if position else ""
        pieces.append(f"[{comma}{written}]" if parameter.is_optional else comma + written)
    return f"{name}({''.join(pieces)})"


def counts_of(parameters: Sequence[Parameter]) -> tuple[int, int | None]:
    """Return the least and the most arguments that parameters take; None if there is no limit."""
    least = sum(not parameter.is_optional for parameter in parameters)
    is_open = any(parameter.is_variadic for parameter in parameters)
    return least, None if is_open else len(parameters)
