"""One variable by itself: which clauses its records pass, how many pass all, and which come nearest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from windshear.core import sql
from windshear.core.sql import Sql
from windshear.engine.explain.clauses import field_name
from windshear.engine.explain.explanation import (
    ClauseCount,
    Frequency,
    RecordStory,
    Seen,
    VariableStory,
)
from windshear.engine.explain.records import clause_text, in_written_order, record_stories, rows_alone
from windshear.engine.explain.scope import Scope
from windshear.engine.settle import fields
from windshear.engine.settle.evidence import atoms
from windshear.engine.settle.fields import NUMBER
from windshear.engine.settle.groups import integer
from windshear.engine.settle.own_rows import OwnTest
from windshear.language import expressions as ex

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
    rows = rows_alone(scope, variable, scope.records(variable))
    relation = f"explained {variable} {scope.plan.branch}"
    tests = [sql.aliased(test.holds, _test(i)) for i, test in enumerate(rows.tests)]
    listed = ", ".join(item.text for item in [sql.column(variable, NUMBER), *tests])
    scope.store.keep(relation, f"SELECT {listed} FROM {rows.relation} AS {sql.name(variable)}")
    return Own(scope, variable, relation, rows.tests, in_written_order(rows.tests))


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


def _test(index: int) -> str:
    return f"t{index}"
