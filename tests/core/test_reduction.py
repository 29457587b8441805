"""What is left of an expression gives the same as the expression, whatever else stands in the row."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windshear.core import sql
from windshear.core.reduction import STRICT, Reduction, nothing
from windshear.core.sql import NULL, Sql
from windshear.logs.decoded_commands import STRICT_FUNCTIONS as DECODING
from windshear.logs.macros import STRICT_FUNCTIONS
from windshear.logs.normalise import ingest_connection

_CONNECTION = ingest_connection()
_FUNCTIONS = {**STRICT, **STRICT_FUNCTIONS, **DECODING}
_ABSENT, _PRESENT = [sql.name(f"absent {n}") for n in range(2)], [sql.name(f"present {n}") for n in range(2)]
_FIXED = sql.name("fixed")
_LEAVES = st.sampled_from([*_ABSENT, *_PRESENT, _FIXED, sql.text("a"), sql.text(""), NULL, nothing("VARCHAR")])


def _conditions(texts: st.SearchStrategy[Sql]) -> st.SearchStrategy[Sql]:
    """Return tests that are never NULL, and such that may be, which stand in choices alone."""
    lists = _lists(texts)
    simple = st.one_of(
        st.sampled_from([sql.TRUE, sql.FALSE]),
        st.builds(sql.is_null, texts, is_negated=st.booleans()),
        st.builds(sql.binary, st.just("IS DISTINCT FROM"), texts, texts),
        texts.map(lambda text: sql.coalesce(sql.in_list(text, [sql.text("a"), sql.text("b")]), sql.FALSE)),
        lists.map(lambda found: sql.coalesce(sql.binary(">", sql.call("len", found), sql.integer(0)), sql.FALSE)),
    )
    nullable = st.builds(sql.binary, st.just("<>"), texts, texts)
    several = st.lists(st.one_of(simple, nullable, simple.map(sql.not_)), min_size=1, max_size=3)
    return st.one_of(simple, several.map(sql.all_of), several.map(sql.any_of))


def _lists(texts: st.SearchStrategy[Sql]) -> st.SearchStrategy[Sql]:
    present = st.lists(texts, max_size=3).map(sql.list_of_present)
    split = texts.map(lambda text: sql.call("string_split", text, sql.text("a")))
    return st.one_of(present.map(lambda found: sql.cast(found, "VARCHAR[]")), split)


def _larger(texts: st.SearchStrategy[Sql]) -> st.SearchStrategy[Sql]:
    several = st.lists(texts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(sql.case, _conditions(texts), texts, texts),
        several.map(lambda parts: sql.call("coalesce", *parts)),
        several.map(lambda parts: sql.call("concat", *parts)),
        several.map(lambda parts: sql.call("concat_ws", sql.text(","), *parts)),
        st.builds(sql.binary, st.just("||"), texts, texts),
        texts.map(lambda text: sql.call("nullif", text, sql.text("a"))),
        texts.map(lambda text: sql.call("replace", text, sql.text("a"), sql.text("b"))),
        texts.map(lambda text: sql.cast(sql.try_cast(text, "BIGINT"), "VARCHAR")),
        _lists(texts).map(lambda found: sql.element(found, 0)),
        _lists(texts).map(lambda found: sql.call("array_to_string", found, sql.text("-"))),
    )


_TEXTS = st.recursive(_LEAVES, _larger, max_leaves=12)


@settings(deadline=None)
@given(_TEXTS, st.sampled_from(["", "a", "b", "NULL"]), st.sampled_from(["", "1", "c"]), st.sampled_from(["a", ""]))
def test_the_same_is_left(expression: Sql, first: str, second: str, fixed: str) -> None:
    """Of any expression; and nothing of it asks for what is known."""
    reduction = Reduction({})
    for column in _ABSENT:
        reduction.know(column, nothing("VARCHAR"))
    reduction.know(_FIXED, sql.text(fixed))
    left = reduction.reduced(expression)
    values = [NULL if first == "NULL" else sql.text(first), sql.text(second)]
    row = [sql.aliased(nothing("VARCHAR"), f"absent {n}") for n in range(2)]
    row += [sql.aliased(sql.cast(value, "VARCHAR"), f"present {n}") for n, value in enumerate(values)]
    row.append(sql.aliased(sql.text(fixed), "fixed"))
    (given,) = _CONNECTION.execute(f"SELECT {expression}, {left} FROM (SELECT {', '.join(map(str, row))})").fetchall()
    assert given[0] == given[1], left
    assert sql.names_in(left).isdisjoint(column.text for column in (*_ABSENT, _FIXED))


_T, _L, _N = "NULL::VARCHAR", "NULL::VARCHAR[]", "NULL::BIGINT"
_CALLS = [
    *(
        f"{name}({_T})"
        for name in ("bare_text", "lower", "ltrim", "micros_of", "month_first", "one_line", "seconds_ahead")
    ),
    *(f"{name}({_T})" for name in ("to_json", "trim", "try", "unescaped", "unmapped", "unpadded", "upper")),
    *(f"{name}({_T})" for name in DECODING if name.startswith("decoding_of_")),
    *(f"{name}({_N})" for name in ("abs", "make_timestamp")),
    *(f"{name}({_L})" for name in ("len", "quoted_arguments")),
    *(f"{name}({_T}, 'a')" for name in ("contains", "ends_with", "nullif", "regexp_extract", "regexp_matches")),
    *(f"{name}({_T}, 'a')" for name in ("starts_with", "string_split")),
    *(f"{name}({_L}, 'a')" for name in ("array_to_string", "line_after", "list_position")),
    *(f"{name}(['a'], {_T})" for name in ("line_after", "list_position")),
    *(f"{name}({_N}, 1)" for name in ("divided", "left_over")),
    *(f"{name}({_T}, 1)" for name in ("left", "right", "shortened")),
    *(f"{name}({_T}, 'a', 'b')" for name in ("regexp_replace", "replace")),
    f"decoded_text({_T}, {{text: 'a', steps: 'b'}})",
    "decoding_steps(NULL::STRUCT(text VARCHAR, steps VARCHAR))",
    f"json_extract_string({_T}, '$')",
    f"list_extract({_L}, 1)",
    f"list_extract(['a'], {_N})",
    f"lpad({_T}, 9, '0')",
    f"map_extract_value(map(['a'], ['b']), {_T})",
    f"regexp_extract_all({_T}, 'a', 0)",
    f"split_part({_T}, 'a', 2)",
    "struct_extract(NULL::STRUCT(a VARCHAR), 'a')",
]


@pytest.mark.parametrize("call", _CALLS)
def test_strict_functions(call: str) -> None:
    """A function that is said to be strict gives NULL, of the type that is said, if an argument that counts is NULL."""
    ((value, kind),) = _CONNECTION.execute(f"SELECT v, typeof(v) FROM (SELECT {call} AS v)").fetchall()
    ((expected,),) = _CONNECTION.execute(
        f"SELECT typeof(NULL::{_FUNCTIONS[call.partition('(')[0]] or 'VARCHAR'})"
    ).fetchall()
    assert value is None
    assert kind in (expected, expected.replace("VARCHAR", "JSON"))


def test_every_strict_function_is_called() -> None:
    """So that none is said to be strict without a look."""
    assert {call.partition("(")[0] for call in _CALLS} == set(_FUNCTIONS)
