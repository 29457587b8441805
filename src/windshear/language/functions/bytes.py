"""`bytes.*`: values of type bytes, which travel as base64 text."""

from __future__ import annotations

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language.expressions import Call
from windshear.language.functions.function import Example, Function, Parameter
from windshear.language.functions.parameters import text
from windshear.language.types import STRING, Kind


def _to_base64(arguments: tuple[Sql, ...], _call: Call) -> Sql:
    if len(arguments) == 1:
        return arguments[0]
    return sql.case(sql.binary("<>", arguments[0], sql.text("")), *arguments)


FUNCTIONS = (
    Function(
        "bytes.to_base64",
        (Parameter("bytes", (Kind.BYTES,)), text("default", is_optional=True)),
        STRING,
        "Write bytes as base64 text; no bytes give the default.",
        (
            Example('bytes.to_base64(strings.from_hex("75646d"))', "dWRt"),
            Example('bytes.to_base64(strings.from_hex(""), "none")', "none"),
        ),
        _to_base64,
    ),
)
