"""Running single calls: rule text through parser and checker to SQL, and that in DuckDB."""

from __future__ import annotations

import duckdb

from tests.reference.functions import Run
from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.kernels import register
from windshear.language import expressions as ex
from windshear.language.check.lowering import lower_value
from windshear.language.check.scope import Mode, Names, Scope
from windshear.language.functions import catalogue
from windshear.language.syntax.parser import parse_expression

RUN = Run(now_seconds=1_741_786_200, seed=7)


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection on which kernels and macros are registered, and no extension can be loaded."""
    connection = duckdb.connect(
        config={"autoload_known_extensions": "false", "autoinstall_known_extensions": "false", "threads": "1"}
    )
    register(connection, RUN.now_seconds, RUN.seed)
    return connection


def evaluate(connection: duckdb.DuckDBPyConnection, call: str) -> object:
    """Return the value of a call in rule text."""
    statement = write(lower(call))
    row = connection.execute(f"SELECT {statement.text}").fetchone()
    assert row is not None
    return row[0]


def lower(call: str) -> ex.Expression:
    """Return what a call in rule text means; it must be free of mistakes."""
    node, mistakes = parse_expression(call)
    assert not mistakes, mistakes
    scope = Scope(Names({}, {}, {}), Mode.COMPAT, has_match=False, section="outcome")
    value = lower_value(node, scope)
    assert not scope.errors.all(), [found.message for found in scope.errors.all()]
    return value


def write(node: ex.Expression) -> Sql:
    """Write an expression of literals, calls and arithmetic as SQL."""
    match node:
        case ex.Literal(value=value):
            return sql.literal(value)
        case ex.Arithmetic(operator=operator, left=left, right=right):
            return sql.binary(operator, write(left), write(right))
        case ex.RegexMatch(value=value, pattern=pattern, is_nocase=is_nocase, span=span):
            text = ex.Literal(pattern, value.type, span)
            call = ex.Call("re.regex", (value, text), is_nocase=is_nocase, type=node.type, span=span)
            return write(call)
        case ex.Call(function=function, arguments=arguments):
            return catalogue.lookup(function).sql(tuple(write(argument) for argument in arguments), node)
        case _:
            raise AssertionError(node)
