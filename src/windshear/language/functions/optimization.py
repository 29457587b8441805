"""`optimization.*`: samples of events."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.functions.function import Example, Function
from windshear.language.functions.hash import HASHED, fingerprint
from windshear.language.functions.parameters import integer
from windshear.language.types import BOOL


def _sample_rate(arguments: tuple[Sql, ...], call: Call) -> Sql:
    value, numerator, denominator = arguments
    number = sql.cast(fingerprint(value, call.arguments[0].type.kind), "HUGEINT")
    rest = sql.binary("%", number, sql.call("nullif", sql.cast(denominator, "HUGEINT"), sql.raw("0::HUGEINT")))
    is_chosen = sql.coalesce(sql.binary("<", rest, numerator), sql.FALSE)
    return sql.all_of([sql.binary(">", denominator, sql.integer(0)), is_chosen])


FUNCTIONS = (
    Function(
        "optimization.sample_rate",
        (HASHED, integer("numerator"), integer("denominator")),
        BOOL,
        "Choose values: about `numerator` of each `denominator` different ones, and the same ones always. It is "
        "`hash.fingerprint2011(value) % denominator < numerator`; false for a denominator below 1.",
        (
            Example('optimization.sample_rate("abc", 1, 1)', result=True),
            Example('optimization.sample_rate("abc", 0, 5)', result=False),
            Example('optimization.sample_rate("abc", 3, 5)', result=False),
            Example('optimization.sample_rate("abc", 4, 5)', result=True),
        ),
        _sample_rate,
        use="rules",
    ),
)
