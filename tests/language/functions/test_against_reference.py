"""Functions on awkward values: the SQL agrees with the plain reference behaviour of the tests, and is total."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
import pytest

from tests.language.functions.harness import RUN, connect, write
from tests.reference import functions as reference
from tests.reference.functions import Written
from tests.reference.values import Value
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.language import expressions as ex
from windshear.language.functions import catalogue
from windshear.language.functions.function import Function, Parameter
from windshear.language.source import Span
from windshear.language.types import FLOAT, INT, STRING, Kind, Type

_TEXTS = (
    "",
    "a",
    "A",
    " a ",
    "aa,b,,",
    "a\nb",
    "äöÜß",
    "e\u0301x",
    "\U0001f600x",
    "0",
    "1",
    "-7",
    "+3.9",
    "1e3",
    ".5",
    "1e999",
    "9223372036854775808",
    "\u0661",
    "true",
    "TRUE",
    "dWRt",
    "dWR",
    "/w==",
    "75646D",
    "ff",
    "a%20b+c",
    "%zz",
    "%ff",
    "%",
    "192.0.2.9",
    "192.0.02.9",
    "256.1.1.1",
    "2001:db8::1",
    "2001:DB8:0:0::1",
    "::ffff:192.0.2.9",
    "192.0.2.9 ",
    "2025-03-12 13:30:00",
    "2025-02-30 00:00:00",
    "2025-3-12 13:30:00",
    "1969-12-31 23:59:59",
    "https://u:p@a.example.com:8443/p?q#f",
    "//[2001:db8::1]:80/",
    "mailto:x@y",
    "u=7;u=8",
    "a\\b'\"`",
    "x\x00y",
)
_FEW_TEXTS = ("", "a", "b", ",", "A", "aa", "ä", "\u0301", "x")
_LEAST, _MOST = -(2**63), 2**63 - 1
_INTEGERS = (0, 1, -1, 2, -2, 7, 59, 1735689600, 1741786200, 951782400, 4102444799, -2208988800, _LEAST, _MOST)
_FLOATS = (0.0, -0.0, 1e-5, 0.1 + 0.2, 1e22, 1.0, -1.0, 0.5, -2.5, 1.2567, 1e15, 1e300, -1e300, 89.5, 180.0)
_RARE_FORMAT = "%I %p %j %u %w%n%t%R %U %W %x %X %y"
_CONSTANTS = {
    "pattern": (r"", r"a", r"^a", r"(\d+)", r"u=(\d)", r"(x)?", r"a*", r"^$", r"(?i)A", r"\.", r"(?s)a.b"),
    "replacement": ("", "#", r"<\0>", r"\\"),
    "network": ("192.0.2.0/24", "0.0.0.0/0", "192.0.2.9/32", "2001:db8::/32", "::/0"),
    "zone": ("UTC", "America/New_York", "Europe/Berlin", "+05:30", "-05:00"),
    "time format": ("%F %T", "HOUR", "WEEK", "%d.%m.%Y", "YEAR", "100%%", "%a %A %b %B %h %D %G-%V", _RARE_FORMAT),
}
_LISTS: Sequence[Value] = ([], [""], ["a", "b", "a"], ["5", "x", "-2.5", "0"])
_MOST_ROWS = 600
_NOWHERE = Span(0, 0)
# Numbers of more digits than the decimals of the reference, or than any integer of SQL.
_WITHOUT_LARGE_FLOATS = {"cast.as_string", "math.round", "strings.concat"}
# Not compared here: they need a list of suffixes, are no calls, or take no arguments that are written.
_LEFT_OUT = {"strings.extract_domain", "re.regex", "math.random", "timestamp.current_seconds", "timestamp.now"}

_ARROW = {
    Kind.STRING: pa.string(),
    Kind.BYTES: pa.string(),
    Kind.INT: pa.int64(),
    Kind.FLOAT: pa.float64(),
    Kind.BOOL: pa.bool_(),
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give one connection to all tests of this file."""
    with connect() as made:
        yield made


@pytest.mark.parametrize("name", sorted(set(catalogue.names()) - _LEFT_OUT))
def test_function_agrees_with_its_reference(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """On each combination of awkward values, in columns of a table, the SQL gives what plain Python does."""
    function = catalogue.lookup(name)
    for count in _argument_counts(function):
        parameters = [function.parameters[min(i, len(function.parameters) - 1)] for i in range(count)]
        for types in itertools.product(*(_types(parameter) for parameter in parameters)):
            for constants in itertools.product(*(_constants(parameter) for parameter in parameters)):
                _compare(connection, function, parameters, types, constants)


def _compare(
    connection: duckdb.DuckDBPyConnection,
    function: Function,
    parameters: Sequence[Parameter],
    types: Sequence[Type],
    constants: Sequence[str | None],
) -> None:
    pools = [
        [constant] if constant is not None else _values(function, parameter, value_type, is_first=position == 0)
        for position, (parameter, value_type, constant) in enumerate(zip(parameters, types, constants, strict=True))
    ]
    every = list(itertools.product(*pools))
    rows = every[:: 1 + len(every) // _MOST_ROWS]
    nodes = tuple(
        ex.Placeholder("p", value_type, _NOWHERE) if constant is None else ex.Literal(constant, value_type, _NOWHERE)
        for value_type, constant in zip(types, constants, strict=True)
    )
    result = types[function.result_of] if function.result_of is not None else function.result
    call = ex.Call(function.name, nodes, is_nocase=False, type=result, span=_NOWHERE)
    arguments = tuple(
        write(node) if constant is not None else sql.name(f"a{position}")
        for position, (node, constant) in enumerate(zip(nodes, constants, strict=True))
    )
    found = _evaluate(connection, function.sql(arguments, call), rows, types)
    literals = [constant is not None for constant in constants]
    for row, value in zip(rows, found, strict=True):
        expected = reference.call(function.name, row, types, Written(literals=literals), RUN)
        assert value is not None, row
        assert value == (pytest.approx(expected, rel=1e-9) if isinstance(expected, float) else expected), row


def _evaluate(
    connection: duckdb.DuckDBPyConnection, value: Sql, rows: Sequence[tuple[Value, ...]], types: Sequence[Type]
) -> list[object]:
    kinds = [_ARROW[value_type.kind] for value_type in types]
    columns = {
        f"a{position}": pa.array([row[position] for row in rows], pa.list_(kind) if types[position].is_list else kind)
        for position, kind in enumerate(kinds)
    }
    connection.register("given", pa.table(columns))
    answer = connection.sql(f"SELECT {value.text} FROM given").fetchall()
    return [row[0] for row in answer]


def _argument_counts(function: Function) -> Sequence[int]:
    least = sum(not parameter.is_optional for parameter in function.parameters)
    most = len(function.parameters) + any(parameter.is_variadic for parameter in function.parameters)
    return range(least, most + 1)


def _types(parameter: Parameter) -> Sequence[Type]:
    if parameter.is_list:
        return (STRING.list_of,)
    kinds = [kind for kind in parameter.kinds if kind in (Kind.STRING, Kind.INT, Kind.FLOAT, Kind.BOOL)]
    if parameter.name == "value" and Kind.ENUM in parameter.kinds:
        return (STRING,)  # the value that is looked for has the type of the elements
    return [{Kind.STRING: STRING, Kind.INT: INT, Kind.FLOAT: FLOAT}.get(kind, Type(kind)) for kind in kinds] or (
        Type(Kind.BYTES),
    )


def _constants(parameter: Parameter) -> Sequence[str | None]:
    return _CONSTANTS[parameter.holds] if parameter.holds != "value" else (None,)


def _values(function: Function, parameter: Parameter, value_type: Type, *, is_first: bool) -> Sequence[Value]:
    if parameter.is_list:
        return _LISTS
    match value_type.kind:
        case Kind.INT:
            return (0, 1, 2, 7, -1) if parameter.name == "digits" else _INTEGERS
        case Kind.FLOAT:
            return [n for n in _FLOATS if abs(n) < 1e22 or function.name not in _WITHOUT_LARGE_FLOATS]
        case Kind.BOOL:
            return (True, False)
        case Kind.BYTES:
            return ("", "dWRt")
        case _:
            return _TEXTS if is_first else _FEW_TEXTS
