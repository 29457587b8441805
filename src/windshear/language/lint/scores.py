"""Risk scores: the bands that severities have, and which scores a rule can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from windshear.language import expressions as ex

# From the public style guide for rules.
BANDS: Final[Mapping[str, tuple[int, int]]] = {
    "informational": (0, 19),
    "low": (20, 49),
    "medium": (50, 79),
    "high": (80, 89),
    "critical": (90, 100),
}
DEFAULT_SCORE: Final = 40  # of a rule that alerts and gives none
_MOST_VALUES = 256


def band_of(score: float) -> str:
    """Return the severity whose band a score lies in; the empty text if none.

    >>> band_of(85), band_of(120)
    ('high', '')
    """
    return next((name for name, (least, most) in BANDS.items() if least <= score < most + 1), "")


def has_dependent_choices(value: ex.Expression) -> bool:
    """Whether two `if` of a value read something in common, so that not every sum of their values need be possible."""
    seen: set[str] = set()
    for node in ex.walk(value):
        if isinstance(node, ex.If):
            reads = {_name(inner) for inner in ex.walk(node.condition)} - {""}
            if reads & seen:
                return True
            seen |= reads
    return False


def _name(node: ex.Expression) -> str:
    match node:
        case ex.Field(variable=variable, path=path):
            return f"{variable}.{path.text}"
        case ex.Placeholder(name=name) | ex.OutcomeVariable(name=name):
            return name
        case _:
            return ""


def possible_values(value: ex.Expression) -> Sequence[float]:
    """Return the numbers that an expression of constants, choices and sums can be; nothing if they are not known."""
    match value:
        case ex.Literal(value=bool()):
            return ()
        case ex.Literal(value=int() | float() as number):
            return (number,)
        case ex.If(then=then, otherwise=otherwise):
            first, second = possible_values(then), possible_values(otherwise)
            return sorted({*first, *second}) if first and second else ()
        case ex.Aggregate(function="max" | "min", argument=argument):
            return possible_values(argument)
        case ex.Arithmetic(operator="+" | "-" | "*" as operator, left=left, right=right):
            pairs = product(possible_values(left), possible_values(right))
            found = {a + b if operator == "+" else a - b if operator == "-" else a * b for a, b in pairs}
            return sorted(found) if len(found) <= _MOST_VALUES else ()
        case _:
            return ()
