"""Single records held against the clauses of a variable, each in the copy that passes most of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.explain.clauses import Note, marks, node
from windshear.engine.explain.explanation import Node, RecordStory, Shown
from windshear.engine.explain.scope import ASKED, Scope, asked
from windshear.engine.settle.evidence import written
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import integer
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.own_rows import OwnRows, OwnTest, copied_prefixes, leaf_alone, own_rows, position_column
from windshear.language import expressions as ex
from windshear.udm.schema import Root


def record_stories(scope: Scope, variable: str, numbers: Sequence[int]) -> dict[int, RecordStory]:
    """Hold some records against the clauses of a variable, each in the copy that passes most of them."""
    if not numbers:
        return {}
    rows = rows_alone(scope, variable, scope.some(variable))
    order = in_written_order(rows.tests)
    found = scope.store.rows(_best_copies(scope, variable, rows, order), **{ASKED: asked(numbers)})
    references = scope.references(variable, numbers)
    prefixes = copied_prefixes(scope.rule, variable)
    stories: dict[int, RecordStory] = {}
    for number, copies, *packed in found:
        holds, keys, place, total, *marked = packed
        assert isinstance(holds, list)
        assert isinstance(keys, list)
        named = _places(prefixes, place, total)
        clauses = tuple(
            _clause(scope, variable, rows.tests[i], (keys[at], mark), named, holds=bool(holds[at]))
            for at, (i, mark) in enumerate(zip(order, marked, strict=True))
        )
        stories[integer(number)] = RecordStory(references[integer(number)], clauses, integer(copies))
    return {number: stories[number] for number in numbers if number in stories}


def rows_alone(scope: Scope, variable: str, records: Sql) -> OwnRows:
    """Return the rows of some records of a variable, with what they have to pass by themselves."""
    return own_rows(scope.rule, variable, scope.layout, records, scope.plan.lists, is_numbered=True)


def in_written_order(tests: Sequence[OwnTest]) -> tuple[int, ...]:
    """Return the positions of tests in the order of the rule's text; what nobody wrote comes last."""
    return tuple(sorted(range(len(tests)), key=lambda i: _position(tests[i])))


def _best_copies(scope: Scope, variable: str, rows: OwnRows, order: Sequence[int]) -> str:
    """Select (number, copies, truths, keys, places, totals, marks of each clause), one row for each record."""
    tests = [rows.tests[i] for i in order]
    number = sql.column(variable, NUMBER)
    places = [sql.column(variable, position_column(prefix)) for prefix in copied_prefixes(scope.rule, variable)]
    totals = [sql.raw(f"max({place}) OVER (PARTITION BY {number})") for place in places]
    selected = [
        number,
        sql.raw(f"count(*) OVER (PARTITION BY {number})"),
        _typed((test.holds for test in tests), "BOOLEAN"),
        _typed((_key(variable, test) for test in tests), "VARCHAR"),
        _typed(places, "BIGINT"),
        _typed(totals, "BIGINT"),
        *(_marks(scope, variable, test) for test in tests),
    ]
    score = " + ".join(f"({test.holds})::INT" for test in tests) or "0"
    pattern = _typed((test.holds for test in rows.tests), "BOOLEAN")
    best = f"ORDER BY ({score}) DESC, {pattern} DESC, {_typed(places, 'BIGINT')}"
    return (
        f"SELECT {', '.join(item.text for item in selected)} FROM {rows.relation} AS {sql.name(variable)} "
        f"QUALIFY row_number() OVER (PARTITION BY {number} {best}) = 1"
    )


def _typed(items: Iterable[Sql], kind: str) -> Sql:
    return sql.raw(f"{sql.list_of(items)}::{kind}[]")


def _key(variable: str, test: OwnTest) -> Sql:
    if not test.placeholder:
        return sql.NULL
    return sql.cast(sql.column(variable, placeholder_column(test.placeholder)), "VARCHAR")


def _marks(scope: Scope, variable: str, test: OwnTest) -> Sql:
    if test.expression is None:
        return sql.NULL
    return marks(scope.rule, test.expression, leaf_alone(variable), scope.plan.lists)


def _places(prefixes: Sequence[str], place: object, total: object) -> dict[str, str]:
    """Say, per repeated prefix with more or less than one element, which element a copy stands for."""
    assert isinstance(place, list)
    assert isinstance(total, list)
    return {
        prefix: f"{at} of {of} of {prefix}" if of else f"no {prefix}"
        for prefix, at, of in zip(prefixes, place, total, strict=True)
        if of != 1
    }


def clause_text(scope: Scope, variable: str, test: OwnTest) -> str:
    """Return a clause as written; for what the language demands without a clause, what that is."""
    if test.expression is None:
        key = scope.rule.placeholders[test.placeholder]
        bound = (one.value for one in (*key.bindings, *key.alternatives) if one.variable == variable)
        value = next((f" = {written(scope.rule, one, wanted=True)}" for one in bound), "")
        return f"key ${test.placeholder}{value} is not {_zero(scope, test.placeholder)}"
    text = written(scope.rule, test.expression, wanted=True)
    return f"{text} = ${test.placeholder}" if test.placeholder else text


def _zero(scope: Scope, placeholder: str) -> str:
    zero = scope.rule.placeholders[placeholder].type.zero
    return "empty" if zero == "" else str(zero)


def _clause(
    scope: Scope, variable: str, test: OwnTest, marked: tuple[object, object], places: Mapping[str, str], *, holds: bool
) -> Node:
    text = clause_text(scope, variable, test)
    key, mark = marked
    if test.expression is None or test.placeholder:
        kind = scope.rule.placeholders[test.placeholder].type
        values = [Shown("$" + test.placeholder, str(key), kind.is_text and kind.enum is None)]
        if test.expression is not None and isinstance(mark, dict):
            values += node(scope.rule, test.expression, mark, places).values
        return Node("test", text, holds, tuple(values))
    assert isinstance(mark, Mapping)
    return node(scope.rule, test.expression, mark, places, list_note(scope))


def list_note(scope: Scope) -> Note:
    """Return what is to be said of lists: how many entries one has, and whether one differs in case alone."""

    def note(atom: ex.Expression, holds: bool, shown: Sequence[Shown]) -> str:
        if not isinstance(atom, ex.Membership):
            return ""
        name = atom.list_name if atom.column is None else f"{atom.list_name}.{atom.column}"
        entries = scope.plan.lists.find(name)
        if entries is None:
            return ""
        number = f"%{name} has {len(entries):,} entr{'y' if len(entries) == 1 else 'ies'}"
        if holds or atom.kind != "string":
            return number
        wanted = {value.value.lower(): value.value for value in shown}
        near = next((entry for entry in entries if entry.lower() in wanted and entry != wanted[entry.lower()]), None)
        return number if near is None else f'{number}; one is "{near}": add `nocase` to compare without case'

    return note


def source_of(scope: Scope, variable: str) -> Root:
    """Return the kind of records of a variable."""
    source = scope.rule.variables[variable].source
    assert source in ("udm", "graph", "detection")
    return source


def _position(test: OwnTest) -> tuple[int, int]:
    return (test.expression.span.start, 0) if test.expression is not None else (2**31, 0)
