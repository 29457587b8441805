"""The functions of the language in plain Python, written from their descriptions alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.functions import arrays, casts, hashes, maths, net, regex, strings, timestamps
from tests.reference.values import Value
from windshear.language.types import Kind, Type

_FUNCTIONS = {
    **arrays.FUNCTIONS,
    **casts.FUNCTIONS,
    **hashes.FUNCTIONS,
    **maths.FUNCTIONS,
    **net.FUNCTIONS,
    **strings.FUNCTIONS,
    **timestamps.FUNCTIONS,
}


@dataclass(frozen=True, slots=True)
class Run:
    """What functions know of the run: its time, and what its random numbers depend on."""

    now_seconds: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """How a call is written: `nocase` after it, and which arguments are literals."""

    is_nocase: bool = False
    literals: Sequence[bool] = ()


def call(function: str, arguments: Sequence[Value], types: Sequence[Type], written: Written, run: Run) -> Value:
    """Apply a function to its values; it always has a result."""
    if function == "cast.as_string" and types[0].kind is Kind.BYTES:
        return casts.text_of_bytes(*arguments)
    if function in ("timestamp.current_seconds", "timestamp.now"):
        return run.now_seconds
    if function == "math.random":
        return maths.random(run.seed, arguments)
    if function == "math.geo_distance":
        return maths.geo_distance(arguments, is_written=written.literals)
    if function in hashes.OF_BYTES_TOO:
        return hashes.OF_BYTES_TOO[function](hashes.content(arguments[0], types[0]), *arguments[1:])
    if function in regex.FUNCTIONS:
        return regex.FUNCTIONS[function](arguments, is_nocase=written.is_nocase)
    given = [strings.without_case(argument) for argument in arguments] if written.is_nocase else arguments
    return _FUNCTIONS[function](*given)
