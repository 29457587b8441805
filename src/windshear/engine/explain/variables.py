"""One variable by itself: which clauses its records pass, how many pass all, and which come nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.explain.clauses import Note, field_name, marks, node
from windshear.engine.explain.explanation import (
    ClauseCount,
    Frequency,
    Node,
    RecordStory,
    Seen,
    Shown,
    VariableStory,
)
from windshear.engine.explain.scope import ASKED, Scope, asked
from windshear.engine.settle import fields
from windshear.engine.settle.evidence import atoms, written
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import integer
from windshear.engine.settle.joins import placeholder_column
from windshear.engine.settle.own_rows import OwnRows, OwnTest, copied_prefixes, leaf_alone, own_rows, position_column
from windshear.language import expressions as ex
from windshear.udm.schema import Root

_MOST_COMMON = 5
_OK, _KEYLESS = "count(*) FILTER (WHERE ok)", "count(*) FILTER (WHERE no_key AND NOT ok)"
_SCORE, _COPIES, _PATTERN = "@score", "@copies", "@pattern"


@dataclass(frozen=True)
class Own:
    """The rows of a variable in a store, each with the truth of all its tests, kept as a relation."""

    scope: Scope
    variable: str
    relation: str
    tests: tuple[OwnTest, ...]
    order: tuple[int, ...]  # of the tests, as they stand in the rule

    @property
    def holds_all(self) -> Sql:
        """Whether a row passes everything."""
        return sql.all_of(sql.name(_test(i)) for i in range(len(self.tests)))

    @property
    def lacks_key(self) -> Sql:
        """Whether a row passes everything but that its match keys must not be zero."""
        others = [sql.name(_test(i)) for i, test in enumerate(self.tests) if test.expression is not None]
        return sql.all_of([*others, sql.not_(self.holds_all)])

    @property
    def passed(self) -> Sql:
        """How many tests a row passes."""
        ones = [f"{sql.name(_test(i))}::INT" for i in range(len(self.tests))]
        return sql.raw(f"({' + '.join(ones)})") if ones else sql.integer(0)


def keep_own(scope: Scope, variable: str) -> Own:
    """Test all records of a variable, once."""
    rows = _own_rows(scope, variable, scope.records(variable))
    relation = f"explained {variable} {scope.plan.branch}"
    tests = [sql.aliased(test.holds, _test(i)) for i, test in enumerate(rows.tests)]
    listed = ", ".join(item.text for item in [sql.column(variable, NUMBER), *tests])
    scope.store.keep(relation, f"SELECT {listed} FROM {rows.relation} AS {sql.name(variable)}")
    order = sorted(range(len(rows.tests)), key=lambda i: _place(rows.tests[i]))
    return Own(scope, variable, relation, rows.tests, tuple(order))


def keep_candidates(own: Own) -> None:
    """Keep the records that pass everything, for the statements that only look at those."""
    scope, variable, number = own.scope, own.variable, sql.name(NUMBER)
    relation = f"candidates {variable} {scope.plan.branch}"
    passing = f"SELECT {number} FROM {sql.name(own.relation)} WHERE {own.holds_all}"
    scope.store.keep(relation, f"SELECT * FROM {scope.records(variable)} WHERE {number} IN ({passing})")
    scope.kept[variable] = sql.name(relation)


def variable_story(own: Own) -> VariableStory:
    """Tell how the records of a variable do."""
    scope, variable = own.scope, own.variable
    number = sql.name(NUMBER)
    passes = [f"bool_or({sql.name(_test(i))}) AS {sql.name(_test(i))}" for i in range(len(own.tests))]
    per_record = (
        f"SELECT {', '.join([number.text, *passes])}, bool_or({own.holds_all}) AS ok, "
        f"bool_or({own.lacks_key}) AS no_key "
        f"FROM {sql.name(own.relation)} GROUP BY {number}"
    )
    counts = [f"count(*) FILTER (WHERE {sql.name(_test(i))})" for i in range(len(own.tests))]
    (row,) = scope.store.rows(f"SELECT {', '.join(['count(*)', _OK, _KEYLESS, *counts])} FROM ({per_record})")
    records, candidates, keyless, *passed = map(integer, row)
    clauses = tuple(
        ClauseCount(
            clause_text(scope, variable, own.tests[i]),
            passed[i],
            own.tests[i].expression is None,
            tuple(_seen(scope, variable, own.tests[i])) if records and not passed[i] else (),
        )
        for i in own.order
    )
    source = scope.rule.variables[variable].source
    assert source != "stage"
    return VariableStory(
        variable,
        source,
        records,
        candidates,
        keyless,
        variable in scope.rule.bounded,
        clauses,
        nearest(own) if records else (),
    )


def nearest(own: Own) -> tuple[RecordStory, ...]:
    """Return the records that pass most clauses; of those that fail the same clauses one before the next."""
    number = sql.name(NUMBER)
    bits = ", ".join(f"{sql.name(_test(i))}" for i in range(len(own.tests))) or "true"
    best = (
        f"SELECT {number}, max({sql.record_of([('s', own.passed), ('p', sql.raw(f'[{bits}]'))])}) AS best "
        f"FROM {sql.name(own.relation)} GROUP BY {number}"
    )
    ranked = (
        f"SELECT {number}, best.s AS score, row_number() OVER (PARTITION BY best.p ORDER BY {number}) AS nth, "
        f"count(*) OVER (PARTITION BY best.p) AS alike, min({number}) OVER (PARTITION BY best.p) AS first FROM ({best})"
    )
    found = own.scope.store.rows(
        f"SELECT {number}, alike FROM ({ranked}) ORDER BY score DESC, nth, alike, first LIMIT {own.scope.limit}"
    )
    alike = {integer(number): integer(count) for number, count in found}
    stories = record_stories(own.scope, own.variable, list(alike))
    return tuple(
        RecordStory(story.reference, story.clauses, story.copies, alike[number]) for number, story in stories.items()
    )


def record_stories(scope: Scope, variable: str, numbers: Sequence[int]) -> dict[int, RecordStory]:
    """Hold some records against the clauses of a variable, each in the copy that passes most of them."""
    if not numbers:
        return {}
    rows = _own_rows(scope, variable, scope.some(variable))
    leaf = leaf_alone(variable)
    lists = scope.plan.lists
    order = sorted(range(len(rows.tests)), key=lambda i: _place(rows.tests[i]))
    shown = [
        marks(scope.rule, test.expression, leaf, lists) if test.expression is not None else sql.NULL
        for test in (rows.tests[i] for i in order)
    ]
    truths = sql.list_of(rows.tests[i].holds for i in order)
    keys = [
        sql.cast(sql.column(variable, placeholder_column(t.placeholder)), "VARCHAR") if t.placeholder else sql.NULL
        for t in (rows.tests[i] for i in order)
    ]
    prefixes = copied_prefixes(scope.rule, variable)
    places = [sql.column(variable, position_column(prefix)) for prefix in prefixes]
    totals = [sql.raw(f"max({place}) OVER (PARTITION BY {sql.column(variable, NUMBER)})") for place in places]
    score = " + ".join(f"({rows.tests[i].holds})::INT" for i in order) or "0"
    selected = [
        sql.column(variable, NUMBER),
        sql.aliased(sql.raw(f"{truths}::BOOLEAN[]"), "truths"),
        sql.aliased(sql.raw(f"{sql.list_of(keys)}::VARCHAR[]"), "keys"),
        sql.aliased(sql.raw(f"count(*) OVER (PARTITION BY {sql.column(variable, NUMBER)})"), _COPIES),
        sql.aliased(sql.raw(f"{sql.list_of(places)}::BIGINT[]"), "places"),
        sql.aliased(sql.raw(f"{sql.list_of(totals)}::BIGINT[]"), "totals"),
        *(sql.aliased(mark, f"m{i}") for i, mark in enumerate(shown)),
    ]
    listed = ", ".join(item.text for item in selected)
    first = f"row_number() OVER (PARTITION BY {sql.column(variable, NUMBER)} ORDER BY ({score}) DESC, places) = 1"
    found = scope.store.rows(
        f"SELECT {listed} FROM {rows.relation} AS {sql.name(variable)} QUALIFY {first}", **{ASKED: asked(numbers)}
    )
    references = scope.references(variable, numbers)
    stories: dict[int, RecordStory] = {}
    for number, holds, key, copies, place, total, *marked in found:
        assert isinstance(holds, list)
        assert isinstance(key, list)
        assert isinstance(place, list)
        assert isinstance(total, list)
        named = {
            prefix: f"{at} of {of} of {prefix}" if of else f"no {prefix}"
            for prefix, at, of in zip(prefixes, place, total, strict=True)
            if of != 1
        }
        clauses = tuple(
            _clause(scope, variable, rows.tests[i], (key[at], mark), named, holds=bool(holds[at]))
            for at, (i, mark) in enumerate(zip(order, marked, strict=True))
        )
        stories[integer(number)] = RecordStory(references[integer(number)], clauses, integer(copies))
    return {number: stories[number] for number in numbers if number in stories}


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


def _own_rows(scope: Scope, variable: str, records: Sql) -> OwnRows:
    return own_rows(scope.rule, variable, scope.layout, records, scope.plan.lists, is_numbered=True)


def _seen(scope: Scope, variable: str, test: OwnTest) -> Iterator[Seen]:
    """Yield what the fields of a clause hold, where no record passes it."""
    if test.expression is None:
        return
    told: dict[str, ex.Field] = {}
    for atom in atoms(test.expression):
        for field in ex.fields(atom):
            if field.variable == variable:
                told.setdefault(field_name(field), field)
    for name, field in list(told.items())[:_MOST_COMMON]:
        yield _seen_of(scope, variable, name, field)


def _seen_of(scope: Scope, variable: str, name: str, field: ex.Field) -> Seen:
    zero = sql.literal(field.path.type.zero)
    number = sql.column(variable, NUMBER)
    source = f"{scope.records(variable)} AS {sql.name(variable)}"
    if field.path.is_repeated:
        value = sql.call("unnest", fields.read(replace(field, quantifier="any", is_whole_list=False), variable))
    else:
        value = fields.read(replace(field, quantifier=None, is_whole_list=False), variable)
    each = f"SELECT DISTINCT {number} AS no, {value} AS value FROM {source}"
    counted = f"SELECT value, count(*) AS n FROM ({each}) WHERE value <> {zero} GROUP BY value"
    rows = scope.store.rows(
        f"SELECT value::VARCHAR, n, (sum(n) OVER ())::BIGINT FROM ({counted}) ORDER BY n DESC, value "
        f"LIMIT {_MOST_COMMON}"
    )
    if field.path.is_repeated:
        rows_filled = scope.store.rows(f"SELECT count(DISTINCT no) FROM ({each}) WHERE value <> {zero}")
        filled = integer(rows_filled[0][0])
    else:
        filled = integer(rows[0][2]) if rows else 0
    return Seen(name, filled, tuple(Frequency(str(text), integer(count)) for text, count, _ in rows))


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


def _test(index: int) -> str:
    return f"t{index}"


def _place(test: OwnTest) -> tuple[int, int]:
    return (test.expression.span.start, 0) if test.expression is not None else (2**31, 0)
